//go:build linux

package bench

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// benchPeople is how many accounts the sessions of a benchmark belong to.
const benchPeople = 10

// maxTypists is how many type at the same moment.
const maxTypists = 8

// BenchmarkFollowers has shells follow a thread while others post to it, one or eight at
// the same moment, and sessions of a bare room, each server in a process of its own, in
// turns. Lines are typed when all have those before. cpu-us/line is the server's
// processor time by the lines that arrived; p99 is of the time from a line typed to the
// last of them arrived, over all sessions; the ratios are the forum's by the room's.
func BenchmarkFollowers(b *testing.B) {
	for _, sessions := range []int{50, 1000} {
		servers := []*crowd{
			newCrowd(b, followedForum(b, benchPeople, sessions), sessions),
			newCrowd(b, followedRoom(b), sessions),
		}
		for _, c := range servers {
			c.follow(b)
		}
		for _, typists := range []int{1, maxTypists} {
			b.Run(fmt.Sprintf("%d-shells-%d-typists", sessions, typists), func(b *testing.B) {
				compareFollowers(b, servers, typists)
			})
		}
		for _, c := range servers {
			c.leave()
		}
	}
}

func compareFollowers(b *testing.B, servers []*crowd, typists int) {
	tallies := make([]tally, len(servers))
	for range b.N {
		for i, c := range servers {
			tallies[i].add(c.post(b, typists, "text"))
		}
	}
	b.ReportMetric(0, "ns/op")
	for i, c := range servers {
		b.ReportMetric(tallies[i].p99().Seconds()*1e3, c.name+"-p99-ms")
		b.ReportMetric(tallies[i].cpuPerLine().Seconds()*1e6, c.name+"-cpu-us/line")
	}
	b.ReportMetric(tallies[0].p99().Seconds()/tallies[1].p99().Seconds(), "p99-ratio")
	b.ReportMetric(tallies[0].cpuPerLine().Seconds()/tallies[1].cpuPerLine().Seconds(), "cpu-ratio")
}

// BenchmarkStoppedFollowers has 1,000 shells follow a thread and stops 10 of them. These
// follow a second thread, too, where more is posted than SSH lets a server send to who
// does not read (2 MiB), so that the server's side of them stands still. The p99 of what
// is posted to the first thread then, as the others see it, is compared with that before.
// server-MiB is what memory the server needed more meanwhile. When the stopped ones go on
// they must show all they missed.
func BenchmarkStoppedFollowers(b *testing.B) {
	const sessions, stopped, rounds = 1000, 10, 50
	c := newCrowd(b, followedForum(b, benchPeople, sessions), sessions)
	c.run(b, "CRT flood", "")
	for _, m := range c.members[:stopped] {
		fmt.Fprint(m.in, "FOLLOW lobby flood\r")
	}
	c.follow(b)
	before := c.settled(b)
	for range b.N {
		var all, others tally
		for range rounds {
			all.add(c.post(b, 1, "text"))
		}
		memory := watchMemory(b, c.process)
		for _, m := range c.members[:stopped] {
			m.valve.close()
		}
		c.reading = c.members[stopped:]
		for range 40 {
			c.run(b, "MSG flood -", strings.Repeat("long ", 12_000))
		}
		for range rounds {
			others.add(c.post(b, 1, "text"))
		}
		for _, m := range c.members[:stopped] {
			m.expect(rounds)
			m.valve.open()
		}
		for _, m := range c.members[:stopped] {
			m.arrived(b)
		}
		c.reading = c.members
		b.ReportMetric(all.p99().Seconds()*1e3, "all-p99-ms")
		b.ReportMetric(others.p99().Seconds()*1e3, "others-p99-ms")
		b.ReportMetric(others.p99().Seconds()/all.p99().Seconds(), "p99-ratio")
		b.ReportMetric(memory()-before, "server-MiB")
	}
	b.ReportMetric(0, "ns/op")
	c.leave()
}

// BenchmarkIdleShells opens 1,000 shells, and 1,000 sessions of a bare room, that wait
// for what is typed. KiB/session is the server's memory beside what it has without them;
// wakeups/s is how often the server's threads wake up meanwhile.
func BenchmarkIdleShells(b *testing.B) {
	const sessions, watched = 1000, 5 * time.Second
	for range b.N {
		var perSession [2]float64
		for i, f := range []*followed{followedForum(b, benchPeople, sessions), followedRoom(b, "silent")} {
			before := f.settled(b)
			c := newCrowd(b, f, sessions)
			perSession[i] = (f.settled(b) - before) * 1024 / sessions
			b.ReportMetric(perSession[i], f.name+"-KiB/session")
			woken, err := f.wakeups()
			if err != nil {
				b.Fatal(err)
			}
			time.Sleep(watched)
			again, err := f.wakeups()
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(again-woken)/watched.Seconds(), f.name+"-wakeups/s")
			c.leave()
		}
		b.ReportMetric(perSession[0]/perSession[1], "memory-ratio")
	}
	b.ReportMetric(0, "ns/op")
}

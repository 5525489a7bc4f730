package jsonchat

import (
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum/forumtest"
)

// timed records when the server's messages arrive at a client.
type timed struct {
	net.Conn
	mu    sync.Mutex
	last  time.Time
	least time.Duration // between arrivals
}

func (c *timed) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if n > 0 {
		now := time.Now()
		if since := now.Sub(c.last); since < c.least {
			c.least = since
		}
		c.last = now
	}
	return n, err
}

// TestPacing has original clients log in, each with stored messages, while others come, go,
// write to it and broadcast, with every delay up to the gap. Each client must read every
// message separately, and lose none.
func TestPacing(t *testing.T) {
	for i := range 30 {
		lag := time.Duration(i) * time.Millisecond // with printing it is within the gap
		synctest.Test(t, func(t *testing.T) {
			s := newStage(t)
			s.door.Lag = lag
			network := make(network)
			for i := range 5 {
				s.tell("luke", "yoda", fmt.Sprint("kept ", i))
			}
			conn := &timed{Conn: s.door.Dial(), least: time.Hour}
			yoda := newOriginal(t, conn, network)
			others := make([]*original, 4)
			for i := range others {
				name := fmt.Sprint("user-", i)
				s.As(name)
				others[i] = newOriginal(t, s.door.Dial(), network)
				others[i].typed(name)
			}
			var logins sync.WaitGroup
			yoda.typed("yoda")
			for _, o := range append(others, yoda) {
				logins.Go(func() { o.typed(forumtest.Password(o.user)) })
			}
			logins.Wait()
			time.Sleep(time.Duration(i) * time.Millisecond)
			for range 3 {
				for _, o := range others {
					o.command("message yoda hello")
					o.command("broadcast hello all")
				}
				yoda.command("broadcast to all")
				yoda.command("whoelse")
				yoda.command("message nobody x")
			}
			time.Sleep(20 * time.Second)
			count := make(map[string]int)
			for _, line := range yoda.Printed() {
				count[line]++
			}
			for _, o := range append(others, yoda) {
				o.Healthy(t)
			}
			for i := range others {
				name := fmt.Sprint("user-", i)
				if count[name+" : hello"] != 3 || count[name+" : hello all"] != 3 {
					t.Errorf("of %s yoda reads %v", name, count)
				}
			}
			for i := range 5 {
				if count[fmt.Sprint("luke : kept ", i)] != 1 {
					t.Errorf("yoda reads %v", count)
				}
			}
			if count["Online users:"] != 3 || count["User does not exist."] != 3 {
				t.Errorf("yoda reads %v", count)
			}
			if conn.least < gap-lag {
				t.Errorf("two messages came within %v", conn.least)
			}
		})
		if t.Failed() {
			t.Fatalf("with a lag of %v", lag)
		}
	}
}

// TestMoments has the times at which each message is sent after a login.
func TestMoments(t *testing.T) {
	play(t, func(s *stage) {
		for _, text := range []string{"one", "two"} {
			s.tell("luke", "yoda", text)
		}
		began := time.Now()
		p := s.as("yoda")
		moments := []time.Duration{time.Since(began)}
		next := func() {
			p.Recv()
			moments = append(moments, time.Since(began))
		}
		next() // one
		next() // two
		time.Sleep(500 * time.Millisecond)
		p.say(object{"action": "whoelse"}) // at once
		next()
		s.tell("luke", "yoda", "three") // after the gap
		next()
		p.say(object{"action": "whoelse"})
		next()
		p.say(object{"action": "whoelse"})
		p.say(object{"action": "whoelse"}) // joined with the one before
		next()
		next()
		const ms = time.Millisecond
		want := []time.Duration{0, 100 * ms, 150 * ms, 650 * ms, 700 * ms, 750 * ms, 800 * ms, 850 * ms}
		if !slices.Equal(moments, want) {
			t.Errorf("messages arrive at %v; want %v", moments, want)
		}
	})
}

// TestSlowReader: a client that does not read delays nobody else, and is disconnected.
func TestSlowReader(t *testing.T) {
	play(t, func(s *stage) {
		s.As("deaf")
		deaf, luke := s.connect(), s.as("luke")
		deaf.say(deaf.login("deaf", forumtest.Password("deaf")))
		synctest.Wait()
		drain(luke)
		for range 100 {
			began := time.Now()
			luke.want(`{"action":"message","status":"SUCCESS"}`, object{"action": "message", "message": said(900), "user": "deaf"})
			if took := time.Since(began); took > gap {
				t.Fatalf("luke waited %v", took)
			}
		}
		var here []string
		for range 3 { // which is less than the time that it may be idle
			time.Sleep(10 * time.Second)
			var reply namesReply
			if err := json.Unmarshal([]byte(luke.ask(object{"action": "whoelse"})), &reply); err == nil {
				here = reply.Reply
			}
		}
		if len(here) > 0 {
			t.Errorf("%v is still here", here)
		}
	})
}

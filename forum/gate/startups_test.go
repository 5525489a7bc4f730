package gate

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

func TestParseStartups(t *testing.T) {
	for text, want := range map[string]Startups{
		"10:30:100": {10, 30, 100},
		"1:100:1":   {1, 100, 1},
		"50":        {50, 100, 50},
	} {
		if got, err := ParseStartups(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", ":", "a", "10:30", "10:30:100:1", "0:30:100", "10:0:100", "10:101:100", "10:30:9", "-1:30:100", "10:30:99999999999999999999"} {
		if got, err := ParseStartups(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// The chances of MaxStartups 10:30:100: 0 below 10 connections, 30 percent at 10, rising evenly
// to 100 percent at 100.
func TestRandomEarlyDrop(t *testing.T) {
	for starting, percent := range map[int]int{0: 0, 9: 0, 10: 30, 11: 30, 12: 31, 55: 65, 99: 99, 100: 100, 500: 100} {
		asked := 0
		dropped := 0
		for roll := range 100 {
			if (Startups{10, 30, 100}).drops(starting, func(n int) int { asked = n; return roll }) {
				dropped++
			}
		}
		if dropped != percent || asked != 100 && starting >= 10 && starting < 100 {
			t.Errorf("%d connections: %d in %d are dropped, want %d in 100", starting, dropped, asked, percent)
		}
	}
}

// The chance depends on the connections that have not logged in.
func TestEarlyDropAtTheGate(t *testing.T) {
	g := newTurn(t, func(c *Config) { c.Startups = Startups{10, 30, 100} })
	g.dice = 29
	var passes []*Pass
	for range 10 {
		g.admit(t, "192.0.2.2").Authenticated()
		passes = append(passes, g.admit(t, "192.0.2.1"))
	}
	g.refuse(t, "192.0.2.3", Busy)
	if g.of != 100 {
		t.Errorf("one in %d was drawn", g.of)
	}
	g.dice = 30
	passes = append(passes, g.admit(t, "192.0.2.3"))
	g.dice = 29
	g.refuse(t, "192.0.2.3", Busy)
	passes[0].Authenticated()
	passes[1].Close()
	g.admit(t, "192.0.2.3")
	g.dice = 99
	for range 90 {
		g.admit(t, "192.0.2.1")
	}
	g.refuse(t, "192.0.2.1", Busy)
}

// Places are reserved for known sources, and some of them for admins: these are admitted when
// strangers have taken all other places, until the reserved places are taken.
func TestPlacesAreReserved(t *testing.T) {
	standings := map[netip.Addr]Standing{
		netip.MustParseAddr("203.0.113.1"): Known, netip.MustParseAddr("203.0.113.2"): Known, netip.MustParseAddr("203.0.113.3"): Admins,
	}
	for _, startups := range []Startups{{2, 100, 10}, {2, 100, 2}} {
		g := newTurn(t, func(c *Config) {
			c.Startups, c.Reserved = startups, Reserved{Known: 2, Admins: 1}
			c.Standing = func(addr netip.Addr) Standing { return standings[addr] }
		})
		g.admit(t, "192.0.2.1")
		first := g.admit(t, "203.0.113.1") // takes an ordinary place
		g.refuse(t, "192.0.2.2", Busy)
		one := g.admit(t, "203.0.113.1")
		two := g.admit(t, "203.0.113.3") // an admin, in a place for known sources
		g.refuse(t, "203.0.113.2", Busy)
		three := g.admit(t, "203.0.113.3")
		g.refuse(t, "203.0.113.3", Busy)
		g.refuse(t, "192.0.2.2", Busy)

		one.Authenticated()
		again := g.admit(t, "203.0.113.2")
		g.refuse(t, "203.0.113.2", Busy)
		three.Close()
		three.Close()
		one.Close()
		g.refuse(t, "203.0.113.2", Busy)
		last := g.admit(t, "203.0.113.3")
		for _, p := range []*Pass{first, two, again, last} {
			p.Close()
		}
		if len(g.passes) != 1 || g.reserved[Known] != 0 || g.reserved[Admins] != 0 {
			t.Errorf("%d are here, %v places are taken", len(g.passes), g.reserved)
		}
		g.admit(t, "192.0.2.2")
	}
}

func TestMoreStartupsAreNeverLikelierToPass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := rapid.IntRange(1, 200).Draw(t, "start")
		s := Startups{start, rapid.IntRange(1, 100).Draw(t, "rate"), rapid.IntRange(start, 400).Draw(t, "full")}
		starting, roll := rapid.IntRange(0, 500).Draw(t, "starting"), rapid.IntRange(0, 99).Draw(t, "roll")
		random := func(int) int { return roll }
		if s.drops(starting, random) && !s.drops(starting+1, random) {
			t.Errorf("%v lets the connection after %d pass, and not the one before", s, starting+1)
		}
	})
}

// The share of dropped connections is right with real chance: of 10,000 connections to a gate
// that keeps 55 of 10:30:100, about 65 percent are dropped.
func TestDroppedShare(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	dropped := 0
	for range 10000 {
		if (Startups{10, 30, 100}).drops(55, random.IntN) {
			dropped++
		}
	}
	if dropped < 6300 || dropped > 6700 {
		t.Errorf("%d of 10000 are dropped, want about 6500", dropped)
	}
}

// BenchmarkHalfOpen measures how often a stranger's only try is dropped under the default
// limits while other addresses hold connections that never log in: each address holds 8, and
// opens a new one for each that is dropped.
func BenchmarkHalfOpen(b *testing.B) {
	for _, addresses := range []int{1, 2, 4, 8, 13} {
		b.Run(fmt.Sprint(addresses), func(b *testing.B) {
			random := rand.New(rand.NewPCG(1, 2))
			dropped := 0
			for range b.N {
				g := newTurn(b, func(c *Config) {
					c.Startups, c.StartupsPerSource, c.Random = Startups{10, 30, 100}, 8, random.IntN
				})
				for n := range addresses * 8 {
					for tries := 0; tries < 100; tries++ {
						if _, err := g.Admit(at(fmt.Sprint("192.0.2.", n/8))); err == nil {
							break
						}
					}
				}
				if _, err := g.Admit(at("203.0.113.1")); err != nil {
					dropped++
				}
			}
			b.ReportMetric(100*float64(dropped)/float64(b.N), "%dropped")
		})
	}
}

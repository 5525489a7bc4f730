package gate

import (
	"math/rand/v2"
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

// TestRandomEarlyDrop has the chances of MaxStartups 10:30:100: none below 10, 30 in a
// hundred there, and so on evenly to all at 100.
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

// TestEarlyDropAtTheGate: the chance is that of the connections that have not logged in.
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

// TestDroppedShare is by chance itself: of 10,000 connections to a gate that keeps 55 of
// 10:30:100, 65 in a hundred are dropped, more or less.
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

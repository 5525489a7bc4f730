package gate

import (
	"errors"
	"strconv"
	"strings"
)

// Startups says how many connections may be open before login. Below Start all new ones are
// admitted. At Start, Rate percent of new ones are dropped at random; the share rises with the
// number of connections, and from Full on all new ones are dropped. It is MaxStartups of
// sshd_config(5).
type Startups struct{ Start, Rate, Full int }

// ParseStartups reads start:rate:full, such as 10:30:100, or only full.
func ParseStartups(text string) (Startups, error) {
	var numbers []int
	for field := range strings.SplitSeq(text, ":") {
		n, err := strconv.Atoi(field)
		if err != nil {
			return Startups{}, err
		}
		numbers = append(numbers, n)
	}
	var s Startups
	switch len(numbers) {
	case 1:
		s = Startups{numbers[0], 100, numbers[0]}
	case 3:
		s = Startups{numbers[0], numbers[1], numbers[2]}
	}
	if !s.sound() {
		return Startups{}, errors.New("not start:rate:full")
	}
	return s, nil
}

// Standing says who has recently logged in from an address.
type Standing uint8

// The standings. Each has the rights of those before it.
const (
	Stranger Standing = iota
	Known             // somebody
	Admins            // an admin
)

// Reserved has the numbers of places for connections that Startups would drop, by the standing
// of their sources.
type Reserved struct{ Known, Admins int }

func (r Reserved) of(s Standing) int {
	switch s {
	case Known:
		return r.Known
	case Admins:
		return r.Admins
	}
	return 0
}

// reserve gives p a reserved place, if one is free for its standing.
func (g *Gate) reserve(p *Pass) bool {
	if g.cfg.Standing == nil {
		return false
	}
	standing := g.cfg.Standing(p.addr)
	for place := Known; place <= standing; place++ {
		if g.reserved[place] < g.cfg.Reserved.of(place) {
			p.place = place
			return true
		}
	}
	return false
}

func (s Startups) sound() bool {
	return s.Start > 0 && s.Start <= s.Full && s.Rate > 0 && s.Rate <= 100
}

// drops decides at random whether to drop one more connection.
func (s Startups) drops(starting int, random func(n int) int) bool {
	switch {
	case starting < s.Start:
		return false
	case starting >= s.Full:
		return true
	}
	return random(100) < s.Rate+(100-s.Rate)*(starting-s.Start)/(s.Full-s.Start)
}

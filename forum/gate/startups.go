package gate

import (
	"errors"
	"strconv"
	"strings"
)

// Startups say how many connections may be open before login: up to Start of them all
// are let in, from there on one in so many is dropped at random, Rate percent of them at
// first and more with each, and from Full on all. It is the MaxStartups of sshd_config(5).
type Startups struct{ Start, Rate, Full int }

// ParseStartups reads start:rate:full, as in 10:30:100, or full alone.
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

// Standing is what is known of where a connection comes from.
type Standing uint8

// The standings, each with the rights of those before.
const (
	Stranger Standing = iota
	Known             // somebody has logged in from there of late
	Admins            // an admin has
)

// Reserved are the places for connections that Startups would drop, from sources of a
// standing.
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

// reserve gives a connection that Startups would drop a reserved place, if there is one
// for its source.
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

// drops decides by chance about one more connection.
func (s Startups) drops(starting int, random func(n int) int) bool {
	switch {
	case starting < s.Start:
		return false
	case starting >= s.Full:
		return true
	}
	return random(100) < s.Rate+(100-s.Rate)*(starting-s.Start)/(s.Full-s.Start)
}

package textchat

import (
	"slices"
	"sync"
	"time"
)

// client is a client that has given a name.
type client struct {
	number         int // counted up, never reused
	name           string
	opened, closed time.Time // closed is zero while it is here
	messages       int       // only its session uses it
	echoes         chan string
}

// maxEchoes is how many commands of others may wait for one client. Further ones are not shown.
const maxEchoes = 16

// maxClosed is how many clients that have left are remembered.
const maxClosed = 100

// roll has the clients that are here, and the last ones that have left.
type roll struct {
	seats int // maximum number of clients at once

	mu      sync.Mutex
	here    int
	last    int // last number given
	clients []*client
}

// full reports whether no seat is free.
func (r *roll) full() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.here >= r.seats
}

// add returns a new client, or nil if no seat is free.
func (r *roll) add(name string, at time.Time) *client {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.here >= r.seats {
		return nil
	}
	r.here++
	r.last++
	c := &client{number: r.last, name: name, opened: at, echoes: make(chan string, maxEchoes)}
	r.clients = append(r.clients, c)
	return c
}

func (r *roll) close(c *client, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c.closed = at
	r.here--
	gone := func(c *client) bool { return !c.closed.IsZero() }
	closed := 0
	for _, c := range r.clients {
		if gone(c) {
			closed++
		}
	}
	if first := slices.IndexFunc(r.clients, gone); closed > maxClosed {
		r.clients = slices.Delete(r.clients, first, first+1)
	}
}

// echo shows a client's command to the others who are here.
func (r *roll) echo(from *client, line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.clients {
		if c == from || !c.closed.IsZero() {
			continue
		}
		select {
		case c.echoes <- line:
		default:
		}
	}
}

// all returns copies of the clients, by number.
func (r *roll) all() (all []client) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.clients {
		all = append(all, client{number: c.number, name: c.name, opened: c.opened, closed: c.closed})
	}
	return all
}

package picklechat

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"sshforum/forum"
)

// peer is the address at which a client receives files from other clients, over UDP and without
// the server.
type peer struct {
	user  forum.UserID
	addr  string // IP address
	port  int    // 0 until the client has said it
	since time.Time
}

// peers are the clients that are logged in, in the order of their logins.
type peers struct {
	mu  sync.Mutex
	all []*peer
}

func (p *peers) add(one *peer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, one)
}

func (p *peers) remove(one *peer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = slices.DeleteFunc(p.all, func(other *peer) bool { return other == one })
}

func (p *peers) setPort(one *peer, port int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	one.port = port
}

// clientsOf returns the clients of a person.
func (p *peers) clientsOf(user forum.UserID) (clients []peer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.all {
		if one.user == user {
			clients = append(clients, *one)
		}
	}
	return clients
}

const maxPort = 65535

func (s *session) takePort(_ context.Context, body any) (answer, error) {
	if port, ok := body.(int); ok && 0 < port && port <= maxPort {
		s.peers.setPort(&s.peer, port)
	}
	return answer{}, nil
}

// noAddr is the address of people at other doors, to whom no client can send a file.
const noAddr = "0.0.0.0"

// active lists the other people who are here: each client of this door, and each person at
// another door once.
func (s *session) active(ctx context.Context, _ any) (answer, error) {
	here, err := s.service.Who(ctx, s.c.Actor())
	if err != nil {
		return answer{}, err
	}
	list, out := newList(activeUsers), 0
	for i, h := range here {
		clients := s.peers.clientsOf(h.User)
		switch {
		case h.You, i > 0 && here[i-1].User == h.User:
			continue
		case len(clients) == 0:
			clients = []peer{{since: h.Since}}
		}
		for _, one := range clients {
			if out > 0 || !list.add(s.user(h.Name, one)) {
				out++
			}
		}
	}
	if out > 0 {
		list.end(s.user(fmt.Sprintf("... %d more", out), peer{since: s.service.Clock()}))
	}
	if list.empty() {
		return nobodyElse.say(), nil
	}
	return list.say(), nil
}

func (s *session) user(name string, p peer) string {
	addr := p.addr
	if addr == "" {
		addr = noAddr
	}
	return fmt.Sprintf("%s, %s, %d, active since %s.\n", name, addr, p.port, s.time(p.since))
}

package jsonchat

import (
	"sync"

	"sshforum/forum"
)

// peer is where a client awaits others, which talk to it past the server.
type peer struct {
	user forum.UserID
	addr string // IP address that the client connected from
	port int
}

const maxPort = 65535

// peers are the clients that can be introduced. A person has one at this door.
type peers struct {
	mu sync.Mutex
	of map[forum.UserID]*peer
}

// put notes a client, in place of one that has not noticed yet that it is gone. Without a
// port it cannot be reached.
func (p *peers) put(one *peer) {
	if one.port < 1 || one.port > maxPort {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil {
		p.of = make(map[forum.UserID]*peer)
	}
	p.of[one.user] = one
}

func (p *peers) remove(one *peer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of[one.user] == one {
		delete(p.of, one.user)
	}
}

// find returns where the client of a person can be reached, if there is one.
func (p *peers) find(user forum.UserID) (peer, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	one := p.of[user]
	if one == nil {
		return peer{}, false
	}
	return *one, true
}

package jsonchat

import (
	"sync"

	"sshforum/forum"
)

// peer is the address at which a client waits for other clients, which talk to it without the
// server.
type peer struct {
	user forum.UserID
	addr string // IP address that the client connected from
	port int
}

const maxPort = 65535

// peers are the clients that others can connect to, at most one for each account.
type peers struct {
	mu     sync.Mutex
	byUser map[forum.UserID]*peer
}

// put registers a client, in place of an earlier one that has not noticed yet that it is gone.
// A client without a port cannot be reached and is not registered.
func (p *peers) put(one *peer) {
	if one.port < 1 || one.port > maxPort {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byUser == nil {
		p.byUser = make(map[forum.UserID]*peer)
	}
	p.byUser[one.user] = one
}

func (p *peers) remove(one *peer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byUser[one.user] == one {
		delete(p.byUser, one.user)
	}
}

// find returns the address of the client of a person, if there is one.
func (p *peers) find(user forum.UserID) (peer, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	one := p.byUser[user]
	if one == nil {
		return peer{}, false
	}
	return *one, true
}

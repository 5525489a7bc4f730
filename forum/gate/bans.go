package gate

import "net/netip"

func (g *Gate) banned(addr netip.Addr) bool { return g.cfg.Banned != nil && g.cfg.Banned(addr) }

// Evict ends all connections that Config.Banned refuses by now.
func (g *Gate) Evict() {
	for _, p := range g.evicted() {
		p.evict()
	}
}

func (g *Gate) evicted() (all []*Pass) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for p := range g.passes {
		if !p.exempt && g.banned(p.addr) {
			all = append(all, p)
		}
	}
	return all
}

// OnEviction sets the function with which Gate.Evict ends the connection. Evict calls end with
// Banned, from any goroutine and at most once.
func (p *Pass) OnEviction(end func(cause error)) {
	if p == nil {
		return
	}
	p.gate.mu.Lock()
	p.end = end
	evicted := p.evicted
	p.gate.mu.Unlock()
	if evicted {
		end(Banned)
	}
}

// evict ends the connection, now or as soon as OnEviction is called.
func (p *Pass) evict() {
	p.gate.mu.Lock()
	end, again := p.end, p.evicted
	p.evicted = true
	p.gate.mu.Unlock()
	if end != nil && !again {
		end(Banned)
	}
}

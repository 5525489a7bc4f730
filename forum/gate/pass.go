package gate

import "net/netip"

// Pass is an admitted connection. A nil Pass, for a connection that did not come through the
// gate, does nothing.
type Pass struct {
	gate    *Gate
	addr    netip.Addr
	source  netip.Prefix
	exempt  bool // from a network in Config.Exempt
	patient bool // see AdmitPatient
	alone   bool // the only connection of its source

	// Guarded by gate.mu.
	failed   *int     // failed tries to log in, shared with the tunnels
	starting int      // 1 until logged in, then 0; always 0 for a patient connection
	place    Standing // standing for which the place is reserved; Stranger if it is not a reserved one
	closed   bool
	evicted  bool
	end      func(error) // nil before OnEviction
}

func (p *Pass) origin() origin { return origin{p.source, p.patient} }

// spared reports whether the pass has no penalties and no limits per source.
func (p *Pass) spared() bool { return p.exempt || p.alone }

// Authenticated notes that the person on the connection has logged in. Penalties of the source
// stay, because the right password of one person does not excuse the guesses of another.
func (p *Pass) Authenticated() {
	if p == nil {
		return
	}
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	if !p.closed {
		p.gate.count(p, 0, -p.starting)
		p.starting = 0
	}
}

// Tunnel returns a pass for a connection within p's. It takes no place of its own and ends with
// p's connection, and its failed tries to log in count for p.
func (p *Pass) Tunnel() *Pass {
	if p == nil {
		return nil
	}
	return &Pass{gate: p.gate, addr: p.addr, source: p.source, exempt: p.exempt, failed: p.failed, closed: true}
}

// Failed notes that a try to log in has failed, and reports whether it was the connection's
// last.
func (p *Pass) Failed() (last bool) {
	if p == nil {
		return false
	}
	p.gate.mu.Lock()
	*p.failed++
	p.gate.mu.Unlock()
	return p.Spent()
}

// Spent reports whether the connection has no tries to log in left.
func (p *Pass) Spent() bool {
	if p == nil {
		return false
	}
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	return *p.failed >= p.gate.cfg.Tries
}

// Punish adds the penalty for reason to those of the source. A door calls it once for a
// connection: when the connection has ended without a login, or at a login after wrong tries.
func (p *Pass) Punish(reason Reason) {
	if p == nil || p.spared() {
		return
	}
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	p.gate.penaltiesOf(p.source).add(p.source, reason, p.gate.cfg.Clock())
}

// Close notes that the connection is closed. It may be called repeatedly.
func (p *Pass) Close() {
	if p == nil {
		return
	}
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	if !p.closed {
		p.gate.count(p, -1, -p.starting)
		p.closed = true
		delete(p.gate.passes, p)
	}
}

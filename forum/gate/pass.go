package gate

import "net/netip"

// Pass is one connection that may be heard. A nil Pass, for what came another way than
// through the gate, does nothing.
type Pass struct {
	gate    *Gate
	addr    netip.Addr
	source  netip.Prefix
	exempt  bool // from one of Config.Exempt
	patient bool // see AdmitPatient
	alone   bool // of a source that is this connection alone

	// Guarded by the gate.
	failed   *int     // tries to log in, the tunnels' among them
	starting int      // 1 until logged in; 0 for a patient one
	place    Standing // that is reserved for such; Stranger for none
	closed   bool
	evicted  bool
	end      func(error) // nil before OnEviction
}

func (p *Pass) origin() origin { return origin{p.source, p.patient} }

// spared reports whether the pass has no penalties and no limits per source.
func (p *Pass) spared() bool { return p.exempt || p.alone }

// Authenticated notes that whoever is on the connection has proved who they are. What the
// source has done before stays as it is: one person's password mends no other's guessing.
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

// Tunnel returns a pass for a connection within p's, which takes no place of its own and
// ends with p's: whoever fails to log in there has failed on p's.
func (p *Pass) Tunnel() *Pass {
	if p == nil {
		return nil
	}
	return &Pass{gate: p.gate, addr: p.addr, source: p.source, exempt: p.exempt, failed: p.failed, closed: true}
}

// Failed notes that a try to log in has failed, and reports whether it was the last that
// the connection has.
func (p *Pass) Failed() (last bool) {
	if p == nil {
		return false
	}
	p.gate.mu.Lock()
	*p.failed++
	p.gate.mu.Unlock()
	return p.Spent()
}

// Spent reports whether the connection has no more tries to log in.
func (p *Pass) Spent() bool {
	if p == nil {
		return false
	}
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	return *p.failed >= p.gate.cfg.Tries
}

// Punish adds the penalty that is set for reason to the source's. A door calls it once for
// a connection: when it has ended and nobody logged in, or when somebody logs in after
// tries that were wrong.
func (p *Pass) Punish(reason Reason) {
	if p == nil || p.spared() {
		return
	}
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	p.gate.penaltiesOf(p.source).add(p.source, reason, p.gate.cfg.Clock())
}

// Close notes that the connection is closed. It may be called again.
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

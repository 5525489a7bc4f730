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
	starting int // 1 until logged in; 0 for a patient one
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

// Punish adds the penalty that is set for reason to the source's. A door calls it once
// for a connection on which nobody logged in, when that has ended.
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

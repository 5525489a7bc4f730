// Package gate decides which network connections are heard at all.
//
// It knows addresses, counts and time: how many connections are open and from where, how
// many of them have not logged in, and which sources have failed too often of late. It
// knows no protocol, no account and no rule of the forum, and reads nothing.
package gate

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Config is what a Gate needs. Exempt and Reserved may be empty, a penalty may be 0, and
// Banned and Standing may be nil; all else must be set.
type Config struct {
	Connections       int      // open at once
	PerSource         int      // of those, from one source
	Startups          Startups // open at once and not logged in
	Reserved          Reserved // beside those, for sources that are known
	StartupsPerSource int      // of those, from one source
	Tries             int      // to log in that may fail on one connection
	Penalties         Penalties

	IPv4Bits, IPv6Bits int            // leading bits that the addresses of one source have in common
	Exempt             []netip.Prefix // these have no penalties, no limit per source and no ban

	Banned   func(netip.Addr) bool     // whether connections from an address are refused by now
	Standing func(netip.Addr) Standing // of an address, now

	Logger *slog.Logger
	Clock  func() time.Time
	Random func(n int) int // returns one of 0 to n-1, each as likely
}

// Gate is passed by every connection. It is safe for concurrent use.
type Gate struct {
	cfg     Config
	notices notices

	mu        sync.Mutex
	here      counts             // all connections
	reserved  map[Standing]int   // of those that have not logged in, by the place that they have
	patient   int                // of those, the patient ones
	sources   map[origin]counts  // those of each origin that has any
	passes    map[*Pass]struct{} // one of each
	penalties map[bool]*ledger   // of IPv4 and of other sources
}

// counts are connections that are open.
type counts struct{ open, starting int }

func (c counts) plus(open, starting int) counts { return counts{c.open + open, c.starting + starting} }

// origin is what connections have in common that are counted together: a source, whose
// patient connections take no place from its others.
type origin struct {
	source  netip.Prefix
	patient bool
}

// New returns a gate that nobody has passed yet.
func New(cfg Config) (*Gate, error) {
	switch {
	case cfg.Logger == nil, cfg.Clock == nil, cfg.Random == nil:
		return nil, errors.New("the gate needs a logger, a clock and a random source")
	case cfg.Connections <= 0, cfg.PerSource <= 0, cfg.StartupsPerSource <= 0, cfg.Tries <= 0, !cfg.Startups.sound():
		return nil, errors.New("the limits of the gate must be above 0")
	case cfg.IPv4Bits <= 0, cfg.IPv4Bits > 32, cfg.IPv6Bits <= 0, cfg.IPv6Bits > 128:
		return nil, errors.New("a source is from 1 to 32 bits of an IPv4 address, and from 1 to 128 of an IPv6 address")
	}
	return &Gate{
		cfg:      cfg,
		notices:  notices{log: cfg.Logger, clock: cfg.Clock, kinds: make(map[Refusal]notice)},
		sources:  make(map[origin]counts),
		passes:   make(map[*Pass]struct{}),
		reserved: make(map[Standing]int),
		penalties: map[bool]*ledger{
			true:  newLedger(cfg.Penalties, cfg.Logger),
			false: newLedger(cfg.Penalties, cfg.Logger),
		},
	}, nil
}

// A Refusal is why a connection may not pass, as one sentence for whoever made it. It
// names no limit and no time.
type Refusal string

func (r Refusal) Error() string { return string(r) }

// The refusals, in the order in which they are decided.
const (
	Banned    Refusal = "Your network is banned from this forum."
	Penalized Refusal = "Too many failed logins from your network; try again later."
	Full      Refusal = "Too many people are here; try again later."
	Crowded   Refusal = "Too many connections from your network; close one, or try again later."
	Busy      Refusal = "Too many people are logging in; try again in a moment."
)

// Admit lets a connection from peer pass, or says why it may not: the error is a Refusal.
// It is called before anything is read from the connection. The pass must be closed. A
// nil Gate admits everybody.
func (g *Gate) Admit(peer net.Addr) (*Pass, error) {
	return g.admit(&Pass{gate: g, addr: Address(peer), starting: 1})
}

// AdmitPatient is Admit for a client that connects, to the address local, before its person
// has typed anything, and may wait for that for long. It costs little, and takes no place
// from others: it is not among those that have not logged in yet, and all of its kind have
// half of Config.Connections at most. From this machine, where everybody has one address,
// each is a source by itself and has no penalties.
func (g *Gate) AdmitPatient(peer, local net.Addr) (*Pass, error) {
	return g.admit(&Pass{gate: g, addr: Address(peer), patient: true, alone: SameMachine(peer, local)})
}

// SameMachine reports whether a connection to the address local comes from the machine
// that has it, by that address or its loopback.
func SameMachine(peer, local net.Addr) bool {
	addr := Address(peer)
	return addr.IsLoopback() || addr.IsValid() && addr == Address(local)
}

func (g *Gate) admit(p *Pass) (*Pass, error) {
	if g == nil {
		return nil, nil
	}
	p.source, p.exempt, p.failed = g.source(p.addr), g.exempt(p.addr), new(int)
	g.mu.Lock()
	defer g.mu.Unlock()
	if refusal := g.refusal(p); refusal != "" {
		g.notices.refused(refusal, p.source)
		return nil, refusal
	}
	g.count(p, 1, p.starting)
	g.passes[p] = struct{}{}
	return p, nil
}

func (g *Gate) refusal(p *Pass) Refusal {
	from := g.sources[p.origin()]
	switch {
	case !p.exempt && g.banned(p.addr):
		return Banned
	case !p.spared() && g.penaltiesOf(p.source).enforced(p.source, g.cfg.Clock()):
		return Penalized
	case g.here.open >= g.cfg.Connections, p.patient && g.patient >= (g.cfg.Connections+1)/2:
		return Full
	case !p.spared() && (from.open >= g.cfg.PerSource || p.starting > 0 && from.starting >= g.cfg.StartupsPerSource):
		return Crowded
	case p.starting > 0 && g.cfg.Startups.drops(g.here.starting, g.cfg.Random) && !g.reserve(p):
		return Busy
	}
	return ""
}

func (g *Gate) count(p *Pass, open, starting int) {
	g.here = g.here.plus(open, starting)
	g.reserved[p.place] += starting
	if p.patient {
		g.patient += open
	}
	if from := g.sources[p.origin()].plus(open, starting); from.open > 0 {
		g.sources[p.origin()] = from
	} else {
		delete(g.sources, p.origin())
	}
}

func (g *Gate) penaltiesOf(source netip.Prefix) *ledger { return g.penalties[source.Addr().Is4()] }

// source returns the block of addresses that counts as one source. What has no address,
// such as a Unix socket, is a source together.
func (g *Gate) source(addr netip.Addr) netip.Prefix {
	bits := g.cfg.IPv6Bits
	if addr.Is4() {
		bits = g.cfg.IPv4Bits
	}
	block, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return block
}

func (g *Gate) exempt(addr netip.Addr) bool {
	for _, network := range g.cfg.Exempt {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}

// Address returns the IP address of a peer, without a zone, and as IPv4 if it is that in
// the form of IPv6; or the zero address if it has none.
func Address(peer net.Addr) netip.Addr {
	if at, err := netip.ParseAddrPort(peer.String()); err == nil {
		return at.Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}

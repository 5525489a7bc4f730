// Package gate decides which network connections are served at all.
//
// It knows addresses, counts and time: how many connections are open and from where, how many
// of them have not logged in, and which sources have recently failed too often. It knows no
// protocol, no account and no rule of the forum, and reads no bytes from connections.
package gate

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Config configures a Gate. Exempt and Reserved may be empty, a penalty may be 0, and Banned
// and Standing may be nil; all other fields must be set.
type Config struct {
	Connections       int      // open at once
	PerSource         int      // open at once from one source
	Startups          Startups // open at once and not logged in
	Reserved          Reserved // further places for sources with a Standing
	StartupsPerSource int      // open at once and not logged in, from one source
	Tries             int      // failed tries to log in on one connection
	Penalties         Penalties

	IPv4Bits, IPv6Bits int            // leading bits that the addresses of one source share
	Exempt             []netip.Prefix // networks without penalties, limits per source and bans

	Banned   func(netip.Addr) bool     // reports whether an address is banned now
	Standing func(netip.Addr) Standing // returns the present standing of an address

	Logger *slog.Logger
	Clock  func() time.Time
	Random func(n int) int // returns one of 0 to n-1, each equally likely
}

// Gate admits or refuses every connection. It is safe for concurrent use.
type Gate struct {
	cfg     Config
	notices notices

	mu        sync.Mutex
	here      counts             // all connections
	reserved  map[Standing]int   // connections not logged in, by the place that they take
	patient   int                // patient connections
	sources   map[origin]counts  // connections by origin
	passes    map[*Pass]struct{} // passes of all connections
	penalties map[bool]*ledger   // true for IPv4, false for IPv6
}

// counts are numbers of connections: open, and among these not logged in.
type counts struct{ open, starting int }

func (c counts) plus(open, starting int) counts { return counts{c.open + open, c.starting + starting} }

// origin is the group in which connections are counted together: those of one source, its
// patient ones apart from the others.
type origin struct {
	source  netip.Prefix
	patient bool
}

// New returns a gate without connections.
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

// A Refusal is the reason why a connection is refused, as one sentence for the person who made
// it. It names no limit and no time.
type Refusal string

func (r Refusal) Error() string { return string(r) }

// The refusals, in the order in which they are checked.
const (
	Banned    Refusal = "Your network is banned from this forum."
	Penalized Refusal = "Too many failed logins from your network; try again later."
	Full      Refusal = "Too many people are here; try again later."
	Crowded   Refusal = "Too many connections from your network; close one, or try again later."
	Busy      Refusal = "Too many people are logging in; try again in a moment."
)

// Admit admits a connection from peer, or returns a Refusal as the error. It must be called
// before anything is read from the connection. The caller must close the pass. A nil Gate
// admits everybody.
func (g *Gate) Admit(peer net.Addr) (*Pass, error) {
	return g.admit(&Pass{gate: g, addr: Address(peer), starting: 1})
}

// AdmitPatient is Admit for a client that connects to the address local before its person has
// typed anything, and then may wait for a long time. Such a connection costs little and takes
// no place from others: it does not count among those that have not logged in yet, and all
// connections of this kind have at most half of Config.Connections. From this machine, where
// all people have the same address, each connection is a source by itself and has no penalties.
func (g *Gate) AdmitPatient(peer, local net.Addr) (*Pass, error) {
	return g.admit(&Pass{gate: g, addr: Address(peer), patient: true, alone: SameMachine(peer, local)})
}

// SameMachine reports whether a connection to the address local comes from the same machine, by
// that address or its loopback.
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

// source returns the block of addresses that counts as one source. All peers without an
// address, such as Unix sockets, are one source.
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

// Address returns the IP address of a peer without its zone, and an IPv4 address in the form of
// IPv6 as IPv4. It returns the zero address if the peer has none.
func Address(peer net.Addr) netip.Addr {
	if at, err := netip.ParseAddrPort(peer.String()); err == nil {
		return at.Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}

package forum

import (
	"crypto/sha256"
	"net/netip"
	"sync"
	"time"
)

// Lockout says after how many wrong passwords in a row, and for how long, a source is
// kept from trying an account again.
type Lockout struct {
	Attempts int // 0 switches it off
	For      time.Duration
}

// guard counts wrong passwords per account and source, so that nobody can lock another
// person out by guessing from elsewhere.
type guard struct {
	Lockout
	clock func() time.Time

	mu    sync.Mutex
	tries *recent[guardKey, guardTries]
}

// guardKey stands for an account and a source. It takes the same room for every name that
// somebody tries.
type guardKey [sha256.Size]byte

func newGuardKey(name, source string) guardKey {
	return sha256.Sum256([]byte(NameKey(name) + "\x00" + household(source).String()))
}

// household returns what a person has of addresses: one of IPv4, or a /64 of IPv6, in
// which a machine takes a new one as often as it likes (RFC 8981). What is no address is
// of one household.
func household(source string) netip.Prefix {
	addr, err := netip.ParseAddr(source)
	if err != nil {
		return netip.Prefix{}
	}
	addr = addr.Unmap()
	block, _ := addr.Prefix(min(addr.BitLen(), 64))
	return block
}

type guardTries struct {
	wrong int
	last  time.Time
}

// maxGuarded is how many accounts and sources are remembered at least, in about 8 MiB. To
// be forgotten before its time a source would have to try as many others, each at the cost
// of a password check.
const maxGuarded = 32768

func newGuard(l Lockout, clock func() time.Time) *guard {
	return &guard{Lockout: l, clock: clock, tries: newRecent[guardKey, guardTries](maxGuarded)}
}

// begin counts a try before it is made, so that tries made at once cannot outrun the
// count. It returns how long the source must wait first; 0 means go on.
func (g *guard) begin(k guardKey) time.Duration {
	if g.Attempts == 0 {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock()
	t, _ := g.tries.get(k)
	if left := t.last.Add(g.For).Sub(now); left <= 0 {
		t.wrong = 0
	} else if t.wrong >= g.Attempts {
		return left
	}
	g.tries.put(k, guardTries{wrong: t.wrong + 1, last: now})
	return 0
}

// left returns how long the source must wait before it can begin a try; 0 for not at all.
func (g *guard) left(k guardKey) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if t, _ := g.tries.get(k); g.Attempts > 0 && t.wrong >= g.Attempts {
		return max(0, t.last.Add(g.For).Sub(g.clock()))
	}
	return 0
}

// right forgets the tries up to a right password.
func (g *guard) right(k guardKey) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tries.drop(k)
}

package limit

import (
	"context"
	"crypto/sha256"
	"net/netip"
	"sync"
	"time"

	"sshforum/forum"
)

// Lockout says after how many wrong passwords in a row a source is kept from trying an account
// again, and for how long.
type Lockout struct {
	Attempts int // 0 switches it off
	For      time.Duration
}

// Guard counts wrong passwords by account and source, so that nobody can lock another person
// out by guessing from elsewhere.
type Guard struct {
	Lockout
	clock func() time.Time

	mu       sync.Mutex
	tries    *Table[GuardKey, guardTries]
	underWay map[GuardKey]*underWay // only keys that have tries under way
}

// GuardKey is a hash of an account's name and a source. It takes the same room for every name.
type GuardKey [sha256.Size]byte

func NewGuardKey(name, source string) GuardKey {
	return sha256.Sum256([]byte(forum.NameKey(name) + "\x00" + Household(source).String()))
}

// Household returns the addresses that one person is taken to have: one of IPv4, or a /64 of
// IPv6, in which a machine can take new addresses at will (RFC 8981). All sources that are not
// IP addresses are one household.
func Household(source string) netip.Prefix {
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

// underWay has the undecided tries for one account and source.
type underWay struct {
	tries int
	ended chan struct{} // closed when a try ends
}

// maxGuarded is the least number of pairs of account and source that are remembered, in about 8
// MiB. To be forgotten early, a source would have to try as many other accounts, each at the
// cost of a password check.
const maxGuarded = 32768

func NewGuard(l Lockout, clock func() time.Time) *Guard {
	return &Guard{
		Lockout: l, clock: clock,
		tries: NewTable[GuardKey, guardTries](maxGuarded), underWay: make(map[GuardKey]*underWay),
	}
}

// Begin waits until a try may begin, and returns the function to report its outcome. There are
// never more tries under way at once than may still be wrong. If the source is locked out, left
// is for how long, and end is nil. Errors: ctx's.
func (g *Guard) Begin(ctx context.Context, k GuardKey) (end func(outcome), left time.Duration, err error) {
	if g.Attempts == 0 {
		return func(outcome) {}, 0, nil
	}
	for {
		busy, left := g.begin(k)
		if left > 0 {
			return nil, left, nil
		}
		if busy == nil {
			return func(o outcome) { g.end(k, o) }, 0, nil
		}
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		}
	}
}

// begin counts one more try as under way. If the source is locked out, it returns for how long.
// If as many tries are under way as may be wrong, it returns a channel that is closed when one
// of them ends.
func (g *Guard) begin(k GuardKey) (busy <-chan struct{}, left time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	wrong, left := g.wrongTries(k)
	if wrong >= g.Attempts {
		return nil, left
	}
	others := g.underWay[k]
	if others == nil {
		others = &underWay{ended: make(chan struct{})}
		g.underWay[k] = others
	}
	if wrong+others.tries >= g.Attempts {
		return others.ended, 0
	}
	others.tries++
	return nil, 0
}

// wrongTries returns how many wrong tries count, and for how long they still count.
func (g *Guard) wrongTries(k GuardKey) (n int, left time.Duration) {
	t, _ := g.tries.Get(k)
	if left = t.last.Add(g.For).Sub(g.clock()); left <= 0 {
		return 0, 0
	}
	return t.wrong, left
}

// outcome is the result of a try.
type outcome int

const (
	Undecided outcome = iota
	WrongTry
	RightTry
)

func (g *Guard) end(k GuardKey, o outcome) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch o {
	case WrongTry:
		wrong, _ := g.wrongTries(k)
		g.tries.Put(k, guardTries{wrong: wrong + 1, last: g.clock()})
	case RightTry:
		g.tries.Drop(k)
	}
	others := g.underWay[k]
	close(others.ended)
	others.ended = make(chan struct{})
	if others.tries--; others.tries == 0 {
		delete(g.underWay, k)
	}
}

// Left returns how long the source must wait before it can begin a try; 0 if it need not wait.
func (g *Guard) Left(k GuardKey) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if wrong, left := g.wrongTries(k); g.Attempts > 0 && wrong >= g.Attempts {
		return left
	}
	return 0
}

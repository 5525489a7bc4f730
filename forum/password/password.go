// Package password turns passwords into argon2id hashes and checks them.
//
// It knows RFC 9106, the PHC string format, which texts can be a password (RFC 8265),
// and how much memory all derivations together may take. It does not know accounts,
// storage, lockouts, or what a good password is.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"runtime"
	"slices"
	"sync"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/sync/semaphore"
	"golang.org/x/text/secure/precis"

	"sshforum/forum"
)

const (
	maxPassword = 1024 // bytes, before and after normalisation
	saltLen     = 16
	keyLen      = 32
)

// Params is the cost of one derivation and how many run at once.
type Params struct {
	MemoryKiB, Time uint32
	Threads         uint8
	Concurrent      int // 0 for one per processor
}

// Hasher makes and checks hashes. It is safe for concurrent use.
type Hasher struct {
	cost   cost
	nobody hash // checked for a name that has no password

	mu    sync.Mutex
	costs []cost // of the hashes that accounts have; cost first

	// The semaphore counts KiB, not derivations: after the configured cost was
	// lowered, the old hashes still take what they took.
	memory *semaphore.Weighted
	budget int64
}

// New returns a Hasher whose derivations take at most Concurrent times MemoryKiB at
// once, or the memory of a single one that is larger. The error says which parameter is
// out of range: memory from 8 KiB for each thread to 1 GiB, time and threads from 1 to 64.
func New(p Params) (*Hasher, error) {
	c := cost{p.MemoryKiB, p.Time, p.Threads}
	if err := c.check(); err != nil {
		return nil, err
	}
	concurrent := int64(p.Concurrent)
	if concurrent <= 0 {
		concurrent = int64(runtime.GOMAXPROCS(0))
	}
	budget := concurrent * int64(p.MemoryKiB)
	return &Hasher{
		cost:   c,
		nobody: hash{c, random(saltLen), random(keyLen)},
		costs:  []cost{c},
		memory: semaphore.NewWeighted(budget),
		budget: budget,
	}, nil
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return b
}

// Hash returns the PHC string of password under a new salt. It waits for its turn until
// ctx is done. Errors: Invalid for what cannot be a password; ctx's.
func (h *Hasher) Hash(ctx context.Context, password string) (phc string, err error) {
	password, err = normalise(password)
	if err != nil {
		return "", err
	}
	made := hash{cost: h.cost, salt: random(saltLen)}
	made.key, err = h.derive(ctx, made.cost, password, made.salt, keyLen)
	if err != nil {
		return "", err
	}
	return made.String(), nil
}

// Expect notes the cost of phc: after the configured one was changed, the hashes of those
// who have not logged in since still have another.
func (h *Hasher) Expect(phc string) {
	stored, err := parse(phc)
	if err != nil {
		return // Verify says so
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Contains(h.costs, stored.cost) {
		h.costs = append(slices.Clone(h.costs), stored.cost)
	}
}

// others returns the costs that hashes have, but one.
func (h *Hasher) others(but cost) []cost {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(h.costs), func(c cost) bool { return c == but })
}

// Verify reports whether password is the one of phc. Without a phc, for a name unknown
// or without a password, and for what cannot be a password, the answer is false. Every
// password that is wrong takes one derivation at each cost that is configured or expected,
// so that the time does not tell which of these phc has, or that there is none. It waits
// for its turns until ctx is done. Errors: Internal if phc is malformed or beyond the
// bounds; ctx's.
func (h *Hasher) Verify(ctx context.Context, phc, password string) (ok bool, err error) {
	stored := h.nobody
	if phc != "" {
		if stored, err = parse(phc); err != nil {
			return false, err
		}
	}
	password, refused := normalise(password)
	key, err := h.derive(ctx, stored.cost, password, stored.salt, len(stored.key))
	if err != nil {
		return false, err
	}
	if subtle.ConstantTimeCompare(key, stored.key) == 1 && refused == nil && phc != "" {
		return true, nil
	}
	for _, c := range h.others(stored.cost) {
		if _, err := h.derive(ctx, c, password, h.nobody.salt, keyLen); err != nil {
			return false, err
		}
	}
	return false, nil
}

// Outdated reports whether phc was not made as Hash makes it now, so that the password
// should be hashed again at the next good login.
func (h *Hasher) Outdated(phc string) bool {
	stored, err := parse(phc)
	return err != nil || stored.cost != h.cost || len(stored.salt) != saltLen || len(stored.key) != keyLen
}

// derive runs argon2id, for a key of size bytes, when there is memory for it.
func (h *Hasher) derive(ctx context.Context, c cost, password string, salt []byte, size int) ([]byte, error) {
	need := min(int64(c.memoryKiB), h.budget)
	if err := h.memory.Acquire(ctx, need); err != nil {
		return nil, err
	}
	defer h.memory.Release(need)
	return argon2.IDKey([]byte(password), salt, c.time, c.memoryKiB, c.threads, uint32(size)), nil
}

// normalise returns password as the profile OpaqueString of RFC 8265 has it, so that it
// matches however a system composes accents and spaces; "" and an Invalid error for what
// cannot be a password.
func normalise(password string) (string, error) {
	if password == "" {
		return "", forum.Errorf(forum.Invalid, "A password cannot be empty.")
	}
	tooLong := forum.Errorf(forum.Invalid, "A password cannot be longer than %d bytes.", maxPassword)
	if len(password) > maxPassword {
		return "", tooLong
	}
	normal, err := precis.OpaqueString.String(password)
	if err != nil || !utf8.ValidString(password) { // the profile takes invalid bytes for U+FFFD
		return "", forum.Errorf(forum.Invalid, "A password cannot contain control characters, invisible characters, or bytes that are not UTF-8.")
	}
	if len(normal) > maxPassword {
		return "", tooLong
	}
	return normal, nil
}

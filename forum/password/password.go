// Package password turns passwords into argon2id hashes and checks them.
//
// It implements RFC 9106 with the PHC string format, decides which texts can be a password (RFC
// 8265), and limits the memory that all derivations take together. It does not know accounts,
// storage, lockouts, or which passwords are good.
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

// Params is the cost of one derivation, and how many run at once.
type Params struct {
	MemoryKiB, Time uint32
	Threads         uint8
	Concurrent      int // 0 for one per processor
}

// Hasher makes and checks hashes. It is safe for concurrent use.
type Hasher struct {
	cost   cost
	nobody hash // checked for names without a password

	mu    sync.Mutex
	costs []cost // the costs of the accounts' hashes; the configured cost is first

	// memory counts KiB, not derivations, because old hashes keep their cost after the
	// configured one was lowered.
	memory *semaphore.Weighted
	budget int64
}

// New returns a Hasher whose derivations together take at most Concurrent times MemoryKiB, or
// the memory of a single derivation if that is more. The error names a parameter that is out of
// range: memory must be from 8 KiB for each thread to 1 GiB, time and threads from 1 to 64.
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

// Hash returns the PHC string of password under a new salt. It waits for its turn until ctx is
// done. Errors: Invalid if the text cannot be a password; ctx's.
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

// Expect notes the cost of phc. After the configured cost was changed, people who have not
// logged in since still have hashes with another cost.
func (h *Hasher) Expect(phc string) {
	stored, err := parse(phc)
	if err != nil {
		return // Verify returns the error
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Contains(h.costs, stored.cost) {
		h.costs = append(slices.Clone(h.costs), stored.cost)
	}
}

// others returns the costs of the accounts' hashes, except one.
func (h *Hasher) others(but cost) []cost {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(h.costs), func(c cost) bool { return c == but })
}

// Verify reports whether password is the one that phc was made from. It returns false if phc is
// "", because the name is unknown or has no password, and if the text cannot be a password.
// Every wrong password takes one derivation at each cost that is configured or expected, so
// that the time does not tell which of these costs phc has, or whether there is a phc. Verify
// waits for its turns until ctx is done. Errors: Internal if phc is malformed or out of bounds;
// ctx's.
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

// Outdated reports whether Hash would now use other parameters than phc has, so that the
// password should be hashed again at the next successful login.
func (h *Hasher) Outdated(phc string) bool {
	stored, err := parse(phc)
	return err != nil || stored.cost != h.cost || len(stored.salt) != saltLen || len(stored.key) != keyLen
}

// derive runs argon2id for a key of size bytes, as soon as there is memory for it.
func (h *Hasher) derive(ctx context.Context, c cost, password string, salt []byte, size int) ([]byte, error) {
	need := min(int64(c.memoryKiB), h.budget)
	if err := h.memory.Acquire(ctx, need); err != nil {
		return nil, err
	}
	defer h.memory.Release(need)
	return argon2.IDKey([]byte(password), salt, c.time, c.memoryKiB, c.threads, uint32(size)), nil
}

// normalise returns password in the profile OpaqueString of RFC 8265, so that it matches
// however a system composes accents and spaces. Errors: Invalid if the text cannot be a
// password.
func normalise(password string) (string, error) {
	if password == "" {
		return "", forum.Errorf(forum.Invalid, "A password cannot be empty.")
	}
	tooLong := forum.Errorf(forum.Invalid, "A password cannot be longer than %d bytes.", maxPassword)
	if len(password) > maxPassword {
		return "", tooLong
	}
	normal, err := precis.OpaqueString.String(password)
	if err != nil || !utf8.ValidString(password) { // the profile would replace invalid bytes by U+FFFD
		return "", forum.Errorf(forum.Invalid, "A password cannot contain control characters, invisible characters, or bytes that are not UTF-8.")
	}
	if len(normal) > maxPassword {
		return "", tooLong
	}
	return normal, nil
}

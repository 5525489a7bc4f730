package password

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"sshforum/forum"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// small has the lowest cost that argon2 allows, so that tests are quick.
var small = Params{MemoryKiB: 8, Time: 1, Threads: 1, Concurrent: 2}

func newHasher(t testing.TB, p Params) *Hasher {
	t.Helper()
	h, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func mustHash(t testing.TB, h *Hasher, password string) string {
	t.Helper()
	phc, err := h.Hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	return phc
}

func TestNewRefusesWhatArgon2CannotDo(t *testing.T) {
	for _, p := range []Params{
		{},
		{MemoryKiB: 7, Time: 1, Threads: 1},
		{MemoryKiB: 15, Time: 1, Threads: 2},
		{MemoryKiB: maxMemoryKiB + 1, Time: 1, Threads: 1},
		{MemoryKiB: 8, Time: 0, Threads: 1},
		{MemoryKiB: 8, Time: maxTime + 1, Threads: 1},
		{MemoryKiB: 8, Time: 1, Threads: 0},
		{MemoryKiB: 8 * (maxThreads + 1), Time: 1, Threads: maxThreads + 1},
	} {
		if _, err := New(p); err == nil {
			t.Errorf("%+v was accepted", p)
		}
	}
}

func TestConcurrentDefaultsToProcessors(t *testing.T) {
	h := newHasher(t, Params{MemoryKiB: 8, Time: 1, Threads: 1})
	if want := 8 * int64(runtime.GOMAXPROCS(0)); h.budget != want {
		t.Errorf("%d KiB at once; want %d", h.budget, want)
	}
}

func TestHashAndVerify(t *testing.T) {
	h := newHasher(t, small)
	phc := mustHash(t, h, "correct horse")
	if want := "$argon2id$v=19$m=8,t=1,p=1$"; !strings.HasPrefix(phc, want) {
		t.Errorf("%s does not begin with %s", phc, want)
	}
	if again := mustHash(t, h, "correct horse"); again == phc {
		t.Error("two hashes share a salt")
	}
	for password, want := range map[string]bool{
		"correct horse":       true,
		"correct\u00a0horse":  true, // all spaces are equal
		"correct horse ":      false,
		"Correct horse":       false,
		"":                    false,
		"correct horse\x00":   false,
		"\xff":                false,
		"correct horse\u200d": false,
	} {
		if ok, err := h.Verify(t.Context(), phc, password); ok != want || err != nil {
			t.Errorf("%q: %v, %v; want %v", password, ok, err, want)
		}
	}
}

func TestAccentsMatchHoweverTheyAreComposed(t *testing.T) {
	h := newHasher(t, small)
	if ok, err := h.Verify(t.Context(), mustHash(t, h, "caf\u00e9"), "cafe\u0301"); !ok || err != nil {
		t.Error(ok, err)
	}
}

// The vectors are those of the argon2 reference implementation (test.c), version 19.
func TestReferenceVectors(t *testing.T) {
	h := newHasher(t, small)
	for _, phc := range []string{
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
		"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
	} {
		if ok, err := h.Verify(t.Context(), phc, "password"); !ok || err != nil {
			t.Errorf("%s: %v, %v", phc, ok, err)
		}
		if ok, err := h.Verify(t.Context(), phc, "passwore"); ok || err != nil {
			t.Errorf("%s, wrong password: %v, %v", phc, ok, err)
		}
	}
}

func TestHashRefusesWhatCannotBeAPassword(t *testing.T) {
	h := newHasher(t, small)
	for name, password := range map[string]string{
		"empty":                     "",
		"control character":         "a\x07b",
		"new line":                  "a\nb",
		"NUL":                       "a\x00b",
		"not UTF-8":                 "a\xffb",
		"invisible":                 "a\u200bb",
		"too long":                  strings.Repeat("a", maxPassword+1),
		"too long once normalised":  strings.Repeat("\u0958", maxPassword/3),    // 3 bytes become 6
		"short once normalised":     strings.Repeat("e\u0301", maxPassword/3+1), // 3 bytes become 2
		"too long and not a string": strings.Repeat("\xff", 1<<20),
	} {
		phc, err := h.Hash(t.Context(), password)
		if forum.KindOf(err) != forum.Invalid || phc != "" {
			t.Errorf("%s: %q, %v", name, phc, err)
		}
	}
	for name, password := range map[string]string{
		"one character":   "x",
		"longest":         strings.Repeat("a", maxPassword),
		"leading space":   " x",
		"other alphabets": "пароль 密码 🔑",
	} {
		if ok, err := h.Verify(t.Context(), mustHash(t, h, password), password); !ok || err != nil {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
}

// A check without a phc must reach the derivation, at the configured cost. While no memory is
// free, a check that derives waits for it, and a check that does not derive returns.
func TestEveryCheckDerives(t *testing.T) {
	h := newHasher(t, small)
	if h.nobody.cost != h.cost || len(h.nobody.salt) != saltLen || len(h.nobody.key) != keyLen {
		t.Errorf("the hash for unknown names costs %+v; want %+v", h.nobody.cost, h.cost)
	}
	phc := mustHash(t, h, "right")
	if !h.memory.TryAcquire(h.budget) {
		t.Fatal("memory is in use")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, check := range map[string]struct{ phc, password string }{
		"right":                {phc, "right"},
		"wrong":                {phc, "wrong"},
		"no password possible": {phc, ""},
		"too long":             {phc, strings.Repeat("a", maxPassword+1)},
		"unknown name":         {"", "right"},
		"unknown name, empty":  {"", ""},
	} {
		if ok, err := h.Verify(ctx, check.phc, check.password); ok || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
	if _, err := h.Hash(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("Hash: %v", err)
	}
	h.memory.Release(h.budget)
	if ok, err := h.Verify(t.Context(), "", "right"); ok || err != nil {
		t.Errorf("unknown name: %v, %v", ok, err)
	}
}

// Even the key that unknown names are checked against is no valid password.
func TestUnknownNameNeverMatches(t *testing.T) {
	h := newHasher(t, small)
	known, err := parse(mustHash(t, h, "x"))
	if err != nil {
		t.Fatal(err)
	}
	h.nobody = known
	if ok, err := h.Verify(t.Context(), "", "x"); ok || err != nil {
		t.Error(ok, err)
	}
}

// A hash of the empty text, however it came into the store, matches no password.
func TestEmptyPasswordNeverMatches(t *testing.T) {
	h := newHasher(t, small)
	stored := hash{cost: h.cost, salt: random(saltLen)}
	var err error
	if stored.key, err = h.derive(t.Context(), h.cost, "", stored.salt, keyLen); err != nil {
		t.Fatal(err)
	}
	for _, password := range []string{"", "\x00"} {
		if ok, err := h.Verify(t.Context(), stored.String(), password); ok || err != nil {
			t.Errorf("%q: %v, %v", password, ok, err)
		}
	}
}

func TestDerivationsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(t, small)
		phc := mustHash(t, h, "x")
		one := int64(small.MemoryKiB)
		verify := func() <-chan bool {
			done := make(chan bool, 1)
			go func() {
				ok, err := h.Verify(t.Context(), phc, "x")
				done <- ok && err == nil
			}()
			synctest.Wait()
			return done
		}
		if err := h.memory.Acquire(t.Context(), one); err != nil {
			t.Fatal(err)
		}
		if done := verify(); len(done) == 0 || !<-done {
			t.Fatal("with one running, a second did not run")
		}
		if err := h.memory.Acquire(t.Context(), one); err != nil {
			t.Fatal(err)
		}
		done := verify()
		if len(done) != 0 {
			t.Fatal("with two running, a third ran")
		}
		h.memory.Release(one)
		synctest.Wait()
		if len(done) == 0 || !<-done {
			t.Fatal("the third did not run once there was room")
		}
		h.memory.Release(one)
	})
}

// A hash that needs more than all of the memory runs alone.
func TestOldCostlyHashRunsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		phc := mustHash(t, newHasher(t, Params{MemoryKiB: 1024, Time: 1, Threads: 1}), "x")
		h := newHasher(t, small)
		if err := h.memory.Acquire(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		done := make(chan bool, 1)
		go func() {
			ok, err := h.Verify(t.Context(), phc, "x")
			done <- ok && err == nil
		}()
		synctest.Wait()
		if len(done) != 0 {
			t.Fatal("it ran beside another")
		}
		h.memory.Release(1)
		if !<-done {
			t.Fatal("it did not match")
		}
	})
}

func TestOutdated(t *testing.T) {
	h := newHasher(t, small)
	phc := mustHash(t, h, "x")
	if h.Outdated(phc) {
		t.Error("a new hash is outdated")
	}
	for name, p := range map[string]Params{
		"memory":  {MemoryKiB: 16, Time: 1, Threads: 1},
		"time":    {MemoryKiB: 8, Time: 2, Threads: 1},
		"threads": {MemoryKiB: 16, Time: 1, Threads: 2},
	} {
		if !newHasher(t, p).Outdated(phc) {
			t.Errorf("another %s is not outdated", name)
		}
	}
	for name, phc := range map[string]string{
		"short salt": hash{h.cost, make([]byte, 8), make([]byte, keyLen)}.String(),
		"short key":  hash{h.cost, make([]byte, saltLen), make([]byte, 16)}.String(),
		"none":       "",
	} {
		if !h.Outdated(phc) {
			t.Errorf("%s is not outdated", name)
		}
	}
}

// Wrong passwords cost the same after the cost was raised, and after it was lowered again.
// People who have not logged in since have a hash of another cost, which must not distinguish
// them from unknown names.
func TestWrongPasswordsCostTheSame(t *testing.T) {
	cheap, dear := Params{MemoryKiB: 1024, Time: 1, Threads: 1}, Params{MemoryKiB: 8192, Time: 1, Threads: 1}
	for _, p := range []Params{cheap, dear} {
		h := newHasher(t, p)
		hashes := map[string]string{"nobody": ""}
		for name, cost := range map[string]Params{"cheap": cheap, "dear": dear} {
			hashes[name] = mustHash(t, newHasher(t, cost), "right")
			h.Expect(hashes[name])
		}
		h.Expect("no hash at all")
		for name, phc := range hashes {
			if took := derived(t, h, phc, "wrong"); took != 1024+8192 {
				t.Errorf("configured %d KiB, %s: a wrong password took %d KiB", p.MemoryKiB, name, took)
			}
		}
		if took := derived(t, h, hashes["cheap"], "right"); took != 1024 {
			t.Errorf("a right password took %d KiB", took)
		}
	}
}

// derived returns how many KiB the derivations of one check took, rounded down to a MiB.
func derived(t *testing.T, h *Hasher, phc, password string) uint64 {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := h.Verify(t.Context(), phc, password); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	return (after.TotalAlloc - before.TotalAlloc) >> 20 << 10
}

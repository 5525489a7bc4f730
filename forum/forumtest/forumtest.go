// Package forumtest makes forums for tests: the real rules on a real store in a
// temporary directory, with a clock that the test moves.
//
//	f := forumtest.New(t)
//	f.Service.Post(ctx, f.As("yoda"), rules.Lobby, "hello")
package forumtest

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/limit"
	"sshforum/forum/password"
	"sshforum/forum/rules"
	"sshforum/storage"
	"sshforum/storage/blobs"
	"sshforum/storage/pair"
)

// minFree is how much contents leave to rows of a disk that is really full, in bytes.
const minFree = 4 << 20

// Forum is a founded forum. It is closed, and its store checked, when the test ends.
type Forum struct {
	Service *rules.Service
	Store   *storage.DB
	Blobs   *blobs.Store
	Hub     *forum.Hub
	Clock   *Clock
	Time    *rules.Clock // that of the forum, on Clock

	t    testing.TB
	dir  string
	set  []func(*rules.Config)
	full atomic.Bool
}

// New founds a forum. set changes its configuration, which is open for registration,
// locks out for 10 seconds after 3 wrong passwords, restores for 30 days, and frees what
// has no name after 24 hours.
func New(t testing.TB, set ...func(*rules.Config)) *Forum {
	t.Helper()
	f := &Forum{t: t, dir: t.TempDir(), set: set, Clock: NewClock()}
	f.Clock.passed = f.passed
	f.open()
	t.Cleanup(f.close)
	return f
}

// Reopen closes the store and opens it again, as a restart does.
func (f *Forum) Reopen() {
	f.t.Helper()
	f.close()
	f.open()
}

func (f *Forum) open() {
	f.t.Helper()
	log := slog.New(slog.DiscardHandler)
	f.Hub = forum.NewHub()
	if _, err := pair.Found(f.dir); err != nil {
		f.t.Fatal(err)
	}
	stores, err := pair.Open(f.dir, pair.Options{
		Rows:     storage.Options{Publish: f.Hub.Publish, EventsKept: 1000, MinFree: 1, Free: f.free, Logger: log},
		Contents: blobs.Options{MinFree: minFree, Logger: log},
	})
	if err != nil {
		f.t.Fatal(err)
	}
	f.Store, f.Blobs = stores.Rows, stores.Contents
	hasher, err := password.New(password.Params{MemoryKiB: 64, Time: 1, Threads: 1, Concurrent: 2})
	if err != nil {
		f.t.Fatal(err)
	}
	f.Time = rules.NewClock(f.Clock.Machine, f.Store, f.Store, log)
	config := rules.Config{
		Store: f.Store, Journal: f.Store, Blobs: f.Blobs, Hub: f.Hub, Passwords: hasher, Clock: f.Time.Now, Steady: f.Time.Steady,
		Registration: rules.RegistrationOpen, Inviters: rules.ModeratorsInvite,
		Lockout:      limit.Lockout{Attempts: 3, For: 10 * time.Second},
		MessageBytes: 65536, RestoreWindow: 30 * 24 * time.Hour, SweepAfter: 24 * time.Hour, HistoryLines: 500,
		MaxInline: forum.MaxInline,
		Quotas:    rules.Quotas{File: 64 << 20, Thread: 128 << 20, Person: 256 << 20, Total: 1 << 30, Texts: 64 << 20},
	}
	for _, set := range f.set {
		set(&config)
	}
	f.Service = rules.New(config)
	ctx := context.Background()
	if err := errors.Join(f.Service.Found(ctx), f.Service.EndLost(ctx), f.Time.Start(ctx), f.Service.LoadBans(), f.Service.LoadPasswords(), f.Service.LoadSources()); err != nil {
		f.t.Fatal(err)
	}
}

// SetFull fills the disk of the store, that of the contents of files not among it, or frees space on it.
func (f *Forum) SetFull(full bool) { f.full.Store(full) }

func (f *Forum) free() int64 {
	if f.full.Load() {
		return 0
	}
	return 1
}

func (f *Forum) close() {
	f.t.Helper()
	f.Hub.Close()
	if err := f.Store.Check(); err != nil {
		f.t.Errorf("the store is not consistent: %v", err)
	}
	if err := f.Blobs.Check(); err != nil {
		f.t.Errorf("the blobs are not consistent: %v", err)
	}
	if err := errors.Join(f.Blobs.Close(), f.Store.Close()); err != nil {
		f.t.Error(err)
	}
}

// As returns the account name as an actor, and makes it first if there is none.
func (f *Forum) As(name string) rules.Actor { return f.AsRole(name, forum.Member) }

// AsRole is As for an account that is made with a role.
func (f *Forum) AsRole(name string, role forum.Role) rules.Actor {
	f.t.Helper()
	u, ok, err := f.Service.Lookup(name)
	if err == nil && !ok {
		u, err = f.Service.AddUser(context.Background(), rules.Operator(), name, Password(name), role)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return rules.Actor{User: u.ID, Name: u.Name, Door: "test", Session: "1", Source: "192.0.2.1"}
}

// Password is the password of an account that As made.
func Password(name string) string { return "password-of-" + name }

// NeedsProgram skips the test where program is not installed; with CI=true in the
// environment it fails there instead.
func NeedsProgram(t testing.TB, program string) {
	t.Helper()
	switch _, err := exec.LookPath(program); {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatalf("%s is not installed, and this test must run in CI", program)
	default:
		t.Skipf("%s is not installed; this test needs it", program)
	}
}

package storage

import (
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"

	"sshforum/forum"
	"sshforum/forum/storetest"
)

// failing is a store whose file can be taken away under it: its descriptor is made to
// lead elsewhere, so that real writes and syncs fail.
type failing struct {
	*DB
	t      *testing.T
	fd     int
	commit int // number of the commit that is to fail, counted from 1
	path   string
	flags  int
	saved  int // the descriptor as it was, or -1
}

func openFailing(t *testing.T, dir string, commit int, path string, flags int) *failing {
	t.Helper()
	f := &failing{t: t, commit: commit, path: path, flags: flags, saved: -1}
	commits := 0
	db, err := Open(dir, Options{
		openFile: func(name string, flag int, perm os.FileMode) (*os.File, error) {
			file, err := os.OpenFile(name, flag, perm)
			if err == nil {
				f.fd = int(file.Fd())
			}
			return file, err
		},
		commit: func(bolt *bbolt.Tx) error {
			if commits++; commits == f.commit {
				f.divert()
			}
			return bolt.Commit()
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	f.DB = db
	return f
}

func (f *failing) divert() {
	saved, err := unix.Dup(f.fd)
	if err != nil {
		f.t.Error(err)
		return
	}
	f.saved = saved
	other, err := os.OpenFile(f.path, f.flags, 0)
	if err != nil {
		f.t.Error(err)
		return
	}
	defer other.Close()
	if err := unix.Dup3(int(other.Fd()), f.fd, unix.O_CLOEXEC); err != nil {
		f.t.Error(err)
	}
}

// repair gives the store its file back.
func (f *failing) repair() {
	if err := unix.Dup3(f.saved, f.fd, unix.O_CLOEXEC); err != nil {
		f.t.Error(err)
	}
	if err := unix.Close(f.saved); err != nil {
		f.t.Error(err)
	}
}

// TestEveryCommitFails lets each commit of a scenario fail in turn: its writes, or its
// sync with the writes lost. The store refuses what follows and is read on; opened
// again it has what was acknowledged and nothing else.
func TestEveryCommitFails(t *testing.T) {
	for name, target := range map[string]struct {
		path  string
		flags int
	}{
		"write": {"", os.O_RDONLY},
		"sync":  {os.DevNull, os.O_RDWR},
	} {
		t.Run(name, func(t *testing.T) {
			for n := range scenario() {
				dir := t.TempDir()
				prepare(t, dir)
				path := target.path
				if path == "" {
					path = filepath.Join(dir, FileName)
				}
				f := openFailing(t, dir, n+1, path, target.flags)
				for i, c := range scenario() {
					_, err := f.Submit(t.Context(), c)
					if i < n && err != nil || i >= n && forum.KindOf(err) != forum.Unavailable {
						t.Errorf("commit %d fails: change %d: %v", n, i, err)
					}
				}
				view(t, f.DB, func(r forum.Reader) {
					if m, ok := r.Message(forum.MessageID{Thread: 1, Seq: 1}); !ok || r.Seq() != uint64(22+n) {
						t.Errorf("commit %d failed; last number %d, message %+v", n, r.Seq(), m)
					}
				})
				f.repair()
				if err := f.Close(); err != nil {
					t.Error(err)
				}
				db := open(t, dir, Options{})
				if hash(t, db) != replayed(t, numbers(n)) {
					t.Errorf("commit %d failed: the store is not what was acknowledged", n)
				}
			}
		})
	}
}

func numbers(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// TestDiskFull: a commit that finds no space is undone; when there is space again the
// store goes on.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	prepare(t, dir)
	// The file has free pages by then; a file that must grow asks for its size, which
	// is where /dev/full gives itself away.
	f := openFailing(t, dir, 4, "/dev/full", os.O_RDWR)
	do(t, f.DB, addUser(1), addUser(2), addUser(3))
	before := hash(t, f.DB)
	_, err := f.Submit(t.Context(), addUser(4))
	if forum.KindOf(err) != forum.Unavailable || !strings.Contains(forum.Explain(err), "full") {
		t.Errorf("a commit on a full disk: %v", err)
	}
	if hash(t, f.DB) != before {
		t.Error("a commit on a full disk left a trace")
	}
	f.repair()
	storetest.CheckAtEnd(t, f.DB)
	do(t, f.DB, addUser(5), storetest.Post(1, 1, "there is space again"))
	storetest.CheckAndClose(t, f.DB)
	db := open(t, dir, Options{})
	view(t, db, func(r forum.Reader) {
		_, lost := r.UserByName("user4")
		_, kept := r.UserByName("user5")
		if lost || !kept {
			t.Errorf("after a full disk: the change that failed %v, the one after %v", lost, kept)
		}
	})
}

func TestTooLittleSpace(t *testing.T) {
	dir := t.TempDir()
	prepare(t, dir)
	var log strings.Builder
	db := open(t, dir, Options{MinFree: math.MaxInt64, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	before := hash(t, db)
	for range 3 {
		_, err := db.Submit(t.Context(), addUser(1))
		if forum.KindOf(err) != forum.Unavailable || !strings.Contains(forum.Explain(err), "disk is full") {
			t.Errorf("with too little space: %v", err)
		}
	}
	if hash(t, db) != before {
		t.Error("a change was taken with too little space")
	}
	if strings.Count(log.String(), "enough=false") != 1 {
		t.Errorf("the log: %s", log.String())
	}
	db.Close()
	db = open(t, dir, Options{MinFree: 1})
	do(t, db, addUser(1))
}

// TestCommitPanics: bbolt panics when it meets a damaged page.
func TestCommitPanics(t *testing.T) {
	commits, published := 0, 0
	dir := t.TempDir()
	db := open(t, dir, Options{
		Publish: func(events []forum.Event) { published += len(events) },
		commit: func(bolt *bbolt.Tx) error {
			if commits++; commits == 2 {
				panic("damaged page")
			}
			return bolt.Commit()
		},
	})
	do(t, db, addUser(1))
	for range 2 {
		if _, err := db.Submit(t.Context(), addUser(2)); forum.KindOf(err) != forum.Unavailable {
			t.Errorf("a commit that panics, and the next: %v", err)
		}
	}
	view(t, db, func(r forum.Reader) {
		if r.Seq() != 1 || published != 1 {
			t.Errorf("the last number is %d, %d events were published", r.Seq(), published)
		}
	})
	storetest.CheckAndClose(t, db)
	do(t, open(t, dir, Options{}), addUser(2))
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

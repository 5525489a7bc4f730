package storage

import (
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sshforum/forum"
	"sshforum/forum/storetest"
	"sshforum/storage/boltfile"
	"sshforum/storage/boltfile/faultdisk"
)

// openOn opens the store in dir on a disk that can fail.
func openOn(t *testing.T, disk *faultdisk.Disk, dir string) *DB {
	t.Helper()
	db := openOrMake(t, dir, Options{hooks: boltfile.Hooks{OpenFile: disk.OpenFile, Commit: disk.Commit}})
	return db
}

// TestEveryCommitFails makes each commit of a scenario fail in turn: its writes, or its sync
// with the writes lost. The store refuses later changes and stays readable; opened again, it
// has exactly what was acknowledged.
func TestEveryCommitFails(t *testing.T) {
	for name, fault := range map[string]func(path string) faultdisk.Fault{
		"write": faultdisk.Writes,
		"sync":  func(string) faultdisk.Fault { return faultdisk.Sync() },
	} {
		t.Run(name, func(t *testing.T) {
			for n := range scenario() {
				dir := t.TempDir()
				prepare(t, dir)
				disk := faultdisk.New(t, n+1, fault(filepath.Join(dir, FileName)))
				failing := openOn(t, disk, dir)
				for i, c := range scenario() {
					_, err := failing.Submit(t.Context(), c)
					if i < n && err != nil || i >= n && forum.KindOf(err) != forum.Unavailable {
						t.Errorf("commit %d fails: change %d: %v", n, i, err)
					}
				}
				view(t, failing, func(r forum.Reader) {
					if m, ok := r.Message(forum.MessageID{Thread: 1, Seq: 1}); !ok || r.Seq() != uint64(22+n) {
						t.Errorf("commit %d failed; last number %d, message %+v", n, r.Seq(), m)
					}
				})
				disk.Repair()
				if err := failing.Close(); err != nil {
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

// TestDiskFull: a commit that finds no space is undone. When there is space again, the store
// continues.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	prepare(t, dir)
	// The file has free pages by then, so it need not grow.
	disk := faultdisk.New(t, 4, faultdisk.Full())
	db := openOn(t, disk, dir)
	do(t, db, addUser(1), addUser(2), addUser(3))
	before := hash(t, db)
	_, err := db.Submit(t.Context(), addUser(4))
	if forum.KindOf(err) != forum.Unavailable || !strings.Contains(forum.Explain(err), "full") {
		t.Errorf("a commit on a full disk: %v", err)
	}
	if hash(t, db) != before {
		t.Error("a commit on a full disk left a trace")
	}
	disk.Repair()
	storetest.CheckAtEnd(t, db)
	do(t, db, addUser(5), storetest.Post(1, 1, "there is space again"))
	storetest.CheckAndClose(t, db)
	db = open(t, dir, Options{})
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
		hooks: boltfile.Hooks{Commit: func(bolt *boltfile.Tx) error {
			if commits++; commits == 2 {
				panic("damaged page")
			}
			return bolt.Commit()
		}},
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

// TestFileIsCutOff: a page that the disk cannot deliver fails one reader and one change, not
// the process.
func TestFileIsCutOff(t *testing.T) {
	dir := t.TempDir()
	prepare(t, dir)
	path := filepath.Join(dir, FileName)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, dir, Options{})
	before := hash(t, db)
	if err := os.Truncate(path, 16<<10); err != nil {
		t.Fatal(err)
	}
	err = db.View(func(r forum.Reader) error {
		for range r.Entries(1, 0) {
		}
		return nil
	})
	if err == nil || forum.KindOf(err) != forum.Internal {
		t.Errorf("a read: %v", err)
	}
	if _, err := db.Submit(t.Context(), storetest.Post(1, 1, "into a file that was cut off")); err == nil || forum.KindOf(err) != forum.Internal {
		t.Errorf("a change: %v", err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if hash(t, db) != before {
		t.Error("a change that failed left a trace")
	}
	do(t, db, storetest.Post(1, 1, "it is whole again"))
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

package storage

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"sshforum/forum"
	"sshforum/forum/storetest"
	"sshforum/storage/boltfile"
)

func TestMain(m *testing.M) {
	if role := os.Getenv(childRole); role != "" {
		os.Exit(child(role))
	}
	goleak.VerifyTestMain(m)
}

func TestContract(t *testing.T) {
	storetest.Run(t, func(t testing.TB, dir string, o storetest.Options) storetest.Store {
		return openOrMake(t, dir, Options{Publish: o.Publish, EventsKept: o.EventsKept})
	})
}

// openOrMake opens the store in dir, and makes it first if there is none.
func openOrMake(t rapid.TB, dir string, o Options) *DB {
	t.Helper()
	path := filepath.Join(dir, FileName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := Make(path, boltfile.Mark{}); err != nil {
			t.Fatal(err)
		}
	}
	db, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// open opens a store that is checked at the end of the test.
func open(t testing.TB, dir string, o Options) *DB {
	t.Helper()
	db := openOrMake(t, dir, o)
	storetest.CheckAtEnd(t, db)
	return db
}

// do submits changes that must happen, and returns the last one's result.
func do(t testing.TB, db *DB, changes ...forum.Change) (result any) {
	t.Helper()
	for _, c := range changes {
		var err error
		if result, err = db.Submit(t.Context(), c); err != nil {
			t.Fatalf("%s: %v", c.Kind(), err)
		}
	}
	return result
}

func hash(t testing.TB, db *DB) [32]byte {
	t.Helper()
	sum, err := db.Hash()
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func view(t testing.TB, db *DB, fn func(r forum.Reader)) {
	t.Helper()
	err := db.View(func(r forum.Reader) error {
		fn(r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

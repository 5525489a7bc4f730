package boltfile

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"sshforum/forum"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const thingsBucket = "things"

// things are the options of a file with one bucket.
func things() Options {
	return Options{
		Migrations: []func(*Tx) error{CreateBuckets(thingsBucket)},
		Bucket:     thingsBucket, Buckets: []string{thingsBucket}, Refused: "no thing",
	}
}

// open opens a file that is checked and closed at the end of the test.
func open(t testing.TB, path string, o Options) *File {
	t.Helper()
	f, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { checkAndClose(t, f) })
	return f
}

// checkAndClose does nothing to a file that was closed.
func checkAndClose(t testing.TB, f *File) {
	t.Helper()
	found := NewFindings("things")
	err := f.Check(found, func(*Tx) error { return nil })
	if err = errors.Join(found.Err(), err); err != nil && forum.KindOf(err) != forum.Stopping {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// put commits rows of 1000 bytes, and some of 10,000, which take several pages each.
func put(f *File, from, to int) error {
	tx, err := f.Begin()
	if err != nil {
		return err
	}
	for i := from; i < to; i++ {
		value := strings.Repeat("0123456789", 100)
		if i%10 == 9 {
			value = strings.Repeat(value, 10)
		}
		if err := tx.Bucket(thingsBucket).Put(key(i), []byte(value)); err != nil {
			return err
		}
	}
	return f.Commit(tx)
}

func key(i int) []byte { return fmt.Appendf(nil, "%06d", i) }

// has reports whether the file has a row.
func has(t testing.TB, f *File, i int) (found bool) {
	t.Helper()
	err := f.View(func(tx *Tx) error {
		value, err := tx.Bucket(thingsBucket).Get(key(i))
		found = value != nil
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// prepare makes a file of n rows, and returns its path.
func prepare(t testing.TB, dir string, rows int) (path string) {
	t.Helper()
	path = filepath.Join(dir, "things.db")
	if err := Make(path, things(), func(*Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path, things())
	if err != nil {
		t.Fatal(err)
	}
	if err := put(f, 0, rows); err != nil {
		t.Fatal(err)
	}
	checkAndClose(t, f)
	return path
}

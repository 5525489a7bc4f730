package boltfile

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
)

// TestFileIsNotAtItsPlace: a commit would be lost with the process then, so it is not
// acknowledged. Older rows can still be read, and once the file is back it is written to again.
func TestFileIsNotAtItsPlace(t *testing.T) {
	nothing := func(string) error { return nil }
	for name, test := range map[string]struct {
		take, bring func(path string) error // bring is nil where the file is gone for good
	}{
		"moved": {
			func(path string) error { return os.Rename(path, path+".old") },
			func(path string) error { return os.Rename(path+".old", path) },
		},
		"directory moved": {
			func(path string) error { return os.Rename(filepath.Dir(path), filepath.Dir(path)+".old") },
			func(path string) error { return os.Rename(filepath.Dir(path)+".old", filepath.Dir(path)) },
		},
		"removed":           {os.Remove, nil},
		"directory removed": {func(path string) error { return os.RemoveAll(filepath.Dir(path)) }, nil},
		"replaced": {
			func(path string) error {
				if err := os.Rename(path, path+".old"); err != nil {
					return err
				}
				return Make(path, things(), func(*Tx) error { return nil })
			},
			func(path string) error { return os.Rename(path+".old", path) },
		},
		"linked elsewhere": {
			func(path string) error { return os.Rename(path, path+".old") },
			func(path string) error { return os.Symlink(path+".old", path) },
		},
		"never away": {nothing, nothing},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			path := prepare(t, dir, 1)
			f := open(t, path, things())
			if err := put(f, 1, 2); err != nil {
				t.Fatal(err)
			}
			if err := test.take(path); err != nil {
				t.Fatal(err)
			}
			for i := 2; i < 4; i++ {
				err := put(f, i, i+1)
				if name == "never away" {
					if err != nil {
						t.Error(err)
					}
					continue
				}
				const want = "The server's data file was moved, removed or replaced; no thing can be stored until the operator has put it back."
				if forum.KindOf(err) != forum.Unavailable || forum.Explain(err) != want {
					t.Errorf("away: %v, want %q", err, want)
				}
			}
			if !has(t, f, 1) {
				t.Error("what was stored before cannot be read")
			}
			if name != "never away" && (has(t, f, 2) || has(t, f, 3)) {
				t.Error("something was written to a file that is away")
			}
			if test.bring == nil {
				return
			}
			if err := test.bring(path); err != nil {
				t.Fatal(err)
			}
			if err := put(f, 4, 5); err != nil {
				t.Errorf("back: %v", err)
			}
		})
	}
}

// TestFileIsMovedWhileCommitting: the fate of that commit is unknown, so it is not acknowledged
// either.
func TestFileIsMovedWhileCommitting(t *testing.T) {
	path := prepare(t, t.TempDir(), 1)
	o := things()
	o.Hooks.Commit = func(tx *Tx) error {
		return errors.Join(os.Rename(path, path+".old"), tx.Commit())
	}
	f := open(t, path, o)
	err := put(f, 1, 2)
	const want = "The server's data file was moved, removed or replaced a moment ago, and what you just did may be lost; no thing can be stored until the operator has put it back."
	if forum.KindOf(err) != forum.Unavailable || forum.Explain(err) != want {
		t.Errorf("%v, want %q", err, want)
	}
}

// TestLogTellsOfThePlace, loudly and not for each that is refused.
func TestLogTellsOfThePlace(t *testing.T) {
	path := prepare(t, t.TempDir(), 1)
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		o := things()
		o.Logger = slog.New(slog.NewTextHandler(&log, nil))
		f, err := Open(path, o)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		count := func(want int, what string) {
			t.Helper()
			if got := strings.Count(log.String(), what); got != want {
				t.Errorf("%d lines with %q, not %d:\n%s", got, what, want, log.String())
			}
		}
		if err := os.Rename(path, path+".old"); err != nil {
			t.Fatal(err)
		}
		for range 90 {
			_ = put(f, 1, 2)
			time.Sleep(time.Second)
		}
		count(2, `level=ERROR msg="the file is not at its place any more`)
		if err := os.Rename(path+".old", path); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if err := put(f, 1, 2); err != nil {
				t.Error(err)
			}
		}
		count(1, "at its place again")
	})
}

// TestFileIsOverwritten in place, as cp does it: the pages in memory no longer agree with those
// on the disk, so no further commit may build on them.
func TestFileIsOverwritten(t *testing.T) {
	path := prepare(t, t.TempDir(), 10)
	older, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Open(path, things())
	if err != nil {
		t.Fatal(err)
	}
	for i := 10; i < 20; i++ {
		if err := put(f, i, i+1); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt(older, 0); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		err = put(f, 20, 21)
		if forum.KindOf(err) != forum.Unavailable || !strings.HasSuffix(forum.Explain(err), "no thing can be stored until it is restarted.") {
			t.Errorf("into a file that was overwritten: %v", err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.ReadFile(path); string(after[:len(older)]) != string(older) {
		t.Error("the file was written to")
	}
	if f := open(t, path, things()); !has(t, f, 9) || has(t, f, 10) {
		t.Error("the file is not what was put in its place")
	}
}

package storage

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"sshforum/forum"
	"sshforum/forum/storetest"
)

// A store of schema 1 has neither the activity of threads nor lists of levels nor backlogs. Once
// opened, it has them, with backlogs of what people have read in part.
func TestStoreOfSchema1(t *testing.T) {
	dir := t.TempDir()
	unpack(t, filepath.Join("testdata", "schema1.db.gz"), filepath.Join(dir, FileName))
	db := open(t, dir, Options{})
	defer storetest.CheckAndClose(t, db)
	view(t, db, func(r forum.Reader) {
		first, _ := r.Thread(1)
		var threads []forum.ThreadID
		for thread := range r.ThreadsSince(first.Created) {
			threads = append(threads, thread.ID)
		}
		if want := []forum.ThreadID{1, 2, 3}; !slices.Equal(slices.Sorted(slices.Values(threads)), want) {
			t.Errorf("threads touched: %v, want %v", threads, want)
		}
		if levels := slices.Collect(r.Levels(1)); !slices.Equal(levels, []forum.LeveledThread{{Thread: 1, Level: forum.Watched}}) {
			t.Errorf("levels: %v", levels)
		}
		if left := slices.Collect(r.Backlog(1)); left != nil {
			t.Errorf("backlog of a person who has read all: %v", left)
		}
		want := []forum.LeveledThread{{Thread: 2, Level: forum.Muted}, {Thread: 1, Level: forum.Normal}}
		if left := slices.Collect(r.Backlog(2)); !slices.Equal(left, want) || !r.Horizon(2).IsZero() {
			t.Errorf("backlog: %v to %s, want %v", left, r.Horizon(2), want)
		}
	})
}

// unpack writes what a compressed file contains to path.
func unpack(t *testing.T, from, path string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	text, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

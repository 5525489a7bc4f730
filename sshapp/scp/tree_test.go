package scp

import (
	"bytes"
	"io/fs"
	"maps"
	"path"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"
)

// TestTreesArriveAsTheyWere sends random trees from our Send to our Receive.
func TestTreesArriveAsTheyWere(t *testing.T) {
	name := rapid.OneOf(
		rapid.StringMatching(`[a-zA-Z0-9 .'"\\$*~:-]{1,12}`),
		rapid.SampledFrom([]string{"日本語", "é", "...", "-rf", string(bytes.Repeat([]byte("x"), maxName))}),
	).Filter(func(n string) bool { return checkName(n) == nil && fails(n) == nil })
	rapid.Check(t, func(t *rapid.T) {
		from := &memory{tree: fstest.MapFS{"top": {Mode: fs.ModeDir | 0o755}}}
		dirs := []string{"top"}
		for range rapid.IntRange(0, 12).Draw(t, "entries") {
			at := path.Join(rapid.SampledFrom(dirs).Draw(t, "dir"), name.Draw(t, "name"))
			if from.tree[at] != nil {
				continue
			}
			if rapid.Bool().Draw(t, "is a directory") {
				from.tree[at] = &fstest.MapFile{Mode: fs.ModeDir | mode(t)}
				dirs = append(dirs, at)
				continue
			}
			from.tree[at] = &fstest.MapFile{Data: content(t), Mode: mode(t), ModTime: time.Unix(rapid.Int64Range(0, lastTime).Draw(t, "time"), 0)}
		}
		to := newMemory()
		if sent, received := copyTree(from, []string{"top"}, to, "-r -p 3331"); sent != nil || received != nil {
			t.Fatalf("errors %v and %v", sent, received)
		}
		delete(to.tree, "3331")
		if len(to.tree) != len(from.tree) {
			t.Fatalf("%q arrived as %q", slices.Sorted(maps.Keys(from.tree)), slices.Sorted(maps.Keys(to.tree)))
		}
		for p, want := range from.tree {
			got := to.tree["3331/"+p]
			if got == nil || got.Mode != want.Mode || !bytes.Equal(got.Data, want.Data) || !got.ModTime.Equal(want.ModTime) {
				t.Fatalf("%q arrived as %+v, was %+v", p, got, want)
			}
		}
	})
}

func mode(t *rapid.T) fs.FileMode { return fs.FileMode(rapid.IntRange(0, 0o777).Draw(t, "mode")) }

func content(t *rapid.T) []byte {
	size := rapid.OneOf(rapid.IntRange(0, 40), rapid.SampledFrom([]int{bufferSize - 1, bufferSize, bufferSize + 1, 3 * bufferSize})).Draw(t, "size")
	seed := rapid.Byte().Draw(t, "seed")
	data := make([]byte, size)
	for i := range data {
		data[i] = seed + byte(i*i>>3)
	}
	return data
}

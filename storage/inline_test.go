package storage

import (
	"bytes"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// content puts a content with its bytes.
func content(id forum.BlobID, bytes []byte) func(tx *tx) {
	return func(tx *tx) {
		tx.PutContent(forum.Content{SHA256: [32]byte{id[0]}, Blob: id, Refs: 1})
		tx.PutInline(id, bytes)
	}
}

// Bytes of a content are stored with the rows, even none, and go with the content.
func TestInline(t *testing.T) {
	db := openOrMake(t, t.TempDir(), Options{})
	defer db.Close()
	for i, want := range [][]byte{{}, []byte("a note"), bytes.Repeat([]byte("x"), forum.MaxInline)} {
		id := forum.BlobID{byte(i + 1)}
		damage(t, db, content(id, slices.Clone(want)))
		view(t, db, func(r forum.Reader) {
			if got, ok := r.Inline(id); !ok || !r.IsInline(id) || !bytes.Equal(got, want) {
				t.Errorf("of %d bytes there are %d, %v", len(want), len(got), ok)
			}
		})
		damage(t, db, func(tx *tx) { tx.DropContent(forum.Content{SHA256: [32]byte{id[0]}, Blob: id}) })
		view(t, db, func(r forum.Reader) {
			if got, ok := r.Inline(id); ok || r.IsInline(id) {
				t.Errorf("dropped, it has %d bytes", len(got))
			}
		})
	}
}

// A forum.db from before contents were stored with the rows takes them.
func TestOldStoreTakesInlineContents(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, FileName)
	old := Options{}.file()
	old.Migrations = migrations[:1]
	err := boltfile.Make(path, old, func(bolt *boltfile.Tx) error {
		tx := &tx{reader: reader{bolt: bolt}}
		tx.putMark(boltfile.Mark{})
		tx.putLast()
		return errors.Join(tx.fault, bolt.Bolt.DeleteBucket([]byte(inlineBucket.String())))
	})
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, dir, Options{})
	damage(t, db, content(forum.BlobID{1}, []byte("a note")))
	view(t, db, func(r forum.Reader) {
		if got, ok := r.Inline(forum.BlobID{1}); !ok || string(got) != "a note" {
			t.Errorf("it has %q, %v", got, ok)
		}
	})
	damage(t, db, func(tx *tx) { tx.DropContent(forum.Content{SHA256: [32]byte{1}, Blob: forum.BlobID{1}}) })
}

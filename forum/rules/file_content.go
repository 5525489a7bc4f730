package rules

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"

	"sshforum/forum"
)

// contents reads the contents of files, wherever they are stored: those of at most
// forum.MaxInline bytes may be with the rows, the others are blobs. The errors of its methods
// are those of forum.Blobs.
type contents struct {
	rows  forum.Store
	blobs forum.Blobs
}

func (s *core) contents() contents { return contents{s.cfg.Store, s.cfg.Blobs} }

// inline calls read with the content, if it is inline, and reports whether it is. The bytes are
// valid only in read. Errors: Internal if it is damaged, or if it cannot be ruled out that it is
// a damaged one; then it may still be a blob.
func (c contents) inline(id forum.BlobID, read func(content []byte)) (ok bool, err error) {
	err = c.rows.View(func(r forum.Reader) error {
		var content []byte
		if content, ok = r.Inline(id); ok {
			read(content)
		}
		return nil
	})
	return ok && err == nil, err
}

// find returns the result of inline, if that has the content, and otherwise that of blob.
func find[Result any](c contents, id forum.BlobID, inline func(content []byte) Result, blob func(forum.BlobID) (Result, error)) (found Result, err error) {
	ok, damaged := c.inline(id, func(content []byte) { found = inline(content) })
	if ok {
		return found, nil
	}
	found, err = blob(id)
	if damaged != nil && err != nil && forum.KindOf(err) == forum.NotFound {
		err = damaged
	}
	return found, err
}

// Open opens a content for reading.
func (c contents) Open(id forum.BlobID) (forum.BlobReader, error) {
	return find(c, id, func(content []byte) forum.BlobReader {
		return &inlineReader{contents: c, id: id, size: int64(len(content))}
	}, c.blobs.Open)
}

// Size returns the size of a content in bytes.
func (c contents) Size(id forum.BlobID) (int64, error) {
	return find(c, id, func(content []byte) int64 { return int64(len(content)) }, c.blobs.Size)
}

// Sums returns the hashes of a content.
func (c contents) Sums(ctx context.Context, id forum.BlobID) (forum.Sums, error) {
	return find(c, id, func(content []byte) forum.Sums {
		return forum.Sums{SHA256: sha256.Sum256(content), SHA1: sha1.Sum(content), MD5: md5.Sum(content)}
	}, func(id forum.BlobID) (forum.Sums, error) { return c.blobs.Sums(ctx, id) })
}

// Hash reads the whole of a content and returns its SHA-256.
func (c contents) Hash(ctx context.Context, id forum.BlobID) ([32]byte, error) {
	return find(c, id, func(content []byte) [32]byte { return sha256.Sum256(content) },
		func(id forum.BlobID) ([32]byte, error) { return c.blobs.Hash(ctx, id) })
}

// inlineReader reads an inline content. It holds nothing between calls.
type inlineReader struct {
	contents
	id   forum.BlobID
	size int64
}

func (r *inlineReader) Size() int64 { return r.size }

// ReadAt implements io.ReaderAt. Errors: io.EOF; NotFound if the file was removed.
func (r *inlineReader) ReadAt(p []byte, off int64) (n int, err error) {
	ok, failed := r.inline(r.id, func(content []byte) { n, err = bytes.NewReader(content).ReadAt(p, off) })
	if !ok && failed == nil {
		_, failed = r.blobs.Size(r.id) // NotFound, as for every content that is gone
	}
	return n, cmp.Or(failed, err)
}

func (r *inlineReader) Close() error { return nil }

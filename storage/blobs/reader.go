package blobs

import (
	"context"
	"io"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// viewBytes is how many bytes are read in one transaction. While a transaction is open, the
// space of removed blobs is not reused.
const viewBytes = 4 * chunkSize

// zeroes is the content of a hole.
var zeroes [chunkSize]byte

// reader is a blob opened for reading.
type reader struct {
	store *Store
	id    forum.BlobID
	size  int64
}

// Open implements forum.Blobs. Errors: NotFound; Stopping if the store is closed; Internal if
// the file is damaged.
func (s *Store) Open(id forum.BlobID) (forum.BlobReader, error) {
	if u := s.uploading(id); u != nil {
		return &reader{store: s, id: id, size: u.Size()}, nil
	}
	size, err := s.durable(id)
	if err != nil {
		return nil, err
	}
	return &reader{store: s, id: id, size: size}, nil
}

// Size implements forum.Blobs. Errors: those of Open.
func (s *Store) Size(id forum.BlobID) (size int64, err error) {
	if u := s.uploading(id); u != nil {
		return u.sizeIfEnded(), nil
	}
	return s.durable(id)
}

func (s *Store) durable(id forum.BlobID) (size int64, err error) {
	err = s.view(func(tx *boltfile.Tx) error {
		r, err := s.getUnremoved(tx, id)
		size = r.size
		return err
	})
	return size, err
}

// uploading returns the upload that writes a blob, or nil.
func (s *Store) uploading(id forum.BlobID) *upload {
	s.mu.Lock()
	u := s.busy[id]
	s.mu.Unlock()
	if u == nil || u.ended() {
		return nil
	}
	return u
}

func (r *reader) Size() int64 { return r.size }

func (r *reader) Close() error { return nil }

// ReadAt implements io.ReaderAt on the content at the time of the call. Errors: io.EOF; Invalid
// if off is negative; NotFound if the blob was removed meanwhile; Stopping if the store is
// closed; Internal if the file is damaged.
func (r *reader) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errPosition(off)
	}
	if u := r.store.uploading(r.id); u != nil {
		n, err = u.ReadAt(p, off)
		if err == nil || err == io.EOF {
			return n, err
		}
		n, err = 0, nil // the upload has ended, so the store has the content
	}
	for n < len(p) && err == nil {
		var m int
		m, err = r.store.read(r.id, p[n:min(len(p), n+viewBytes)], off+int64(n))
		n += m
	}
	return n, err
}

// read is ReadAt in one transaction.
func (s *Store) read(id forum.BlobID, p []byte, off int64) (n int, err error) {
	err = s.view(func(tx *boltfile.Tx) error {
		r, err := s.getUnremoved(tx, id)
		if err != nil {
			return err
		}
		if off >= r.size {
			return io.EOF
		}
		end := off + min(int64(len(p)), r.size-off)
		err = r.pieces(tx, id, off, end, func(piece []byte) { n += copy(p[n:], piece) })
		if err == nil && n < len(p) {
			return io.EOF
		}
		return err
	})
	return n, err
}

// pieces calls fn with the content between two positions, piece by piece in order. A piece is
// valid during the transaction. Errors: those of chunk.
func (r row) pieces(tx *boltfile.Tx, id forum.BlobID, from, to int64, fn func([]byte)) error {
	chunks := tx.Bucket(chunksBucket)
	for from < to {
		index, skip := from/chunkSize, from%chunkSize
		n := min(to-from, chunkSize-skip)
		stored, err := r.chunk(chunks, id, index, int(skip), int(skip+n))
		if err != nil {
			return err
		}
		if len(stored) > 0 {
			fn(stored)
		}
		if hole := n - int64(len(stored)); hole > 0 {
			fn(zeroes[:hole])
		}
		from += n
	}
	return nil
}

// scan calls fn with the content between two positions, piece by piece in order. It uses short
// transactions, and stops if ctx ends.
func (s *Store) scan(ctx context.Context, id forum.BlobID, from, to int64, fn func([]byte)) error {
	for from < to {
		if err := ctx.Err(); err != nil {
			return errBusy(err)
		}
		end := min(to, from+viewBytes)
		err := s.view(func(tx *boltfile.Tx) error {
			r, err := get(tx, id)
			if err != nil {
				return err
			}
			return r.pieces(tx, id, from, end, fn)
		})
		if err != nil {
			return err
		}
		from = end
	}
	return nil
}

// All implements forum.Blobs. It holds nothing while yield runs. Errors: Stopping if the store
// is closed; Internal if the file is damaged.
func (s *Store) All(yield func(forum.BlobID) bool) error {
	const page = 1024
	var after []byte
	for {
		ids := make([]forum.BlobID, 0, page)
		removed := s.removing() // includes blobs that are freed between this and the check below
		err := s.view(func(tx *boltfile.Tx) error {
			c := tx.Bucket(blobsBucket).Cursor()
			k, _, err := c.Seek(after)
			for ; k != nil && err == nil && len(ids) < page; k, _, err = c.Next() {
				ids = append(ids, forum.BlobID(k))
			}
			return err
		})
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			if !removed[id] && !s.removed(id) && !yield(id) {
				return nil
			}
		}
		after = append(ids[len(ids)-1][:], 0)
	}
}

// view runs fn on the state of the last commit. fn must be short.
func (s *Store) view(fn func(*boltfile.Tx) error) error {
	return s.file.View(func(tx *boltfile.Tx) error {
		return boltfile.Contain(func() error { return fn(tx) })
	})
}

package blobs

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"hash"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// hashStep is how many new bytes must be durable before a goroutine is started to hash them.
const hashStep = 1 << 20

// prefixHash is the SHA-256 of the beginning of a content that is being written. It is outdated
// if that beginning is written again. If the writes come in order, each chunk is hashed when it
// is complete, while it is in the processor's cache. Otherwise durable content is read back
// from the store and hashed.
type prefixHash struct {
	sha256   hash.Hash
	size     int64 // how many bytes are hashed
	busy     bool  // a goroutine is hashing; only it uses the fields above
	outdated bool  // bytes below size were written again; hashing must begin anew
}

// hashWhole hashes the next chunks, as long as they are complete and in memory. The caller
// holds u.mu.
func (u *upload) hashWhole() {
	h := &u.hash
	for !h.busy && !h.outdated {
		c := u.completeChunk(h.size / chunkSize)
		if c == nil {
			return
		}
		if h.sha256 == nil {
			h.sha256 = sha256.New()
		}
		h.sha256.Write(c.data[h.size-c.start():])
		h.size = c.end()
	}
}

// completeChunk returns a chunk if it is in memory and every byte of it was written, and nil if
// not.
func (u *upload) completeChunk(index int64) *chunk {
	c := u.dirty[index]
	if c == nil && !u.cutting {
		c = u.committing[index]
	}
	if c == nil || !c.ripe || len(c.data) < chunkSize {
		return nil
	}
	return c
}

// invalidateHash marks the hash as outdated if it includes bytes from pos on.
func (u *upload) invalidateHash(pos int64) {
	u.hash.outdated = u.hash.outdated || pos < max(u.row, u.hash.size)
}

// hashDurable starts a goroutine that hashes newly durable content, if there is enough of it.
// The caller holds u.mu.
func (u *upload) hashDurable() {
	h := &u.hash
	if h.busy || h.outdated || u.sealed || u.durable < h.size+hashStep {
		return
	}
	h.busy = true
	u.store.hashers.Go(func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		_ = u.advance(context.Background(), func() bool { return u.err != nil || u.sealed || h.outdated })
		u.hashWhole()
	})
}

// hashAll returns the hash of a content that is completely durable. The caller holds u.mu.
func (u *upload) hashAll(ctx context.Context) (sum [sha256.Size]byte, err error) {
	h := &u.hash
	for h.busy {
		if err := u.wait(ctx); err != nil {
			return sum, err
		}
	}
	if h.outdated {
		*h = prefixHash{}
	}
	h.busy = true
	if err := u.advance(ctx, func() bool { return u.err != nil }); err != nil {
		return sum, err
	}
	h.sha256.Sum(sum[:0])
	return sum, u.err
}

// advance hashes the durable content, until it is complete or stop returns true. The caller
// holds u.mu, which is released meanwhile, and has set busy.
func (u *upload) advance(ctx context.Context, stop func() bool) error {
	h := &u.hash
	defer func() {
		h.busy = false
		u.notify()
	}()
	if h.sha256 == nil {
		h.sha256 = sha256.New()
	}
	for h.size < u.durable && !stop() {
		if err := ctx.Err(); err != nil {
			return errBusy(err)
		}
		end := min(u.durable, h.size+viewBytes)
		u.mu.Unlock()
		err := u.store.scan(ctx, u.id, h.size, end, func(piece []byte) { h.sha256.Write(piece) })
		u.mu.Lock()
		if err != nil {
			h.outdated = true
			return err
		}
		h.size = end
	}
	return nil
}

// Sums implements forum.Blobs. Errors: NotFound; Conflict if the blob is being written;
// Unavailable if ctx ends; Stopping if the store is closed; Internal if the file is damaged.
func (s *Store) Sums(ctx context.Context, id forum.BlobID) (forum.Sums, error) {
	r, err := s.rowAtRest(id)
	if err != nil {
		return forum.Sums{}, err
	}
	if r.sums != nil {
		return *r.sums, nil
	}
	sums, err := s.computeSums(ctx, id, r.size)
	if err != nil {
		return forum.Sums{}, err
	}
	err = s.keepSums(id, r, sums)
	if forum.KindOf(err) == forum.Unavailable {
		s.log.Warn("the sums of a file are not kept", "blob", id, "error", err)
		err = nil
	}
	return sums, err
}

// Hash implements forum.Blobs.
func (s *Store) Hash(ctx context.Context, id forum.BlobID) (sum [sha256.Size]byte, err error) {
	r, err := s.rowAtRest(id)
	if err != nil {
		return sum, err
	}
	h := sha256.New()
	err = s.scan(ctx, id, 0, r.size, func(piece []byte) { h.Write(piece) })
	h.Sum(sum[:0])
	return sum, err
}

// rowAtRest returns the row of a blob that is not being written.
func (s *Store) rowAtRest(id forum.BlobID) (r row, err error) {
	s.mu.Lock()
	u := s.busy[id]
	s.mu.Unlock()
	if u != nil {
		return r, errUploading()
	}
	err = s.view(func(tx *boltfile.Tx) error {
		r, err = s.getUnremoved(tx, id)
		return err
	})
	return r, err
}

// computeSums reads a whole blob and returns its sums.
func (s *Store) computeSums(ctx context.Context, id forum.BlobID, size int64) (sums forum.Sums, err error) {
	sha2, sha, md := sha256.New(), sha1.New(), md5.New()
	err = s.scan(ctx, id, 0, size, func(piece []byte) {
		sha2.Write(piece)
		sha.Write(piece)
		md.Write(piece)
	})
	sha2.Sum(sums.SHA256[:0])
	sha.Sum(sums.SHA1[:0])
	md.Sum(sums.MD5[:0])
	return sums, err
}

// keepSums stores sums in the row of their blob, unless the blob has changed since the sums
// were computed. Errors: Conflict if it has.
func (s *Store) keepSums(id forum.BlobID, old row, sums forum.Sums) error {
	return s.update(0, func(tx *boltfile.Tx) error {
		r, err := get(tx, id)
		if err != nil {
			return err
		}
		if r.commits != old.commits {
			return errUploading()
		}
		r.sums = &sums
		return put(tx, id, r)
	})
}

package blobs

import (
	"bytes"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// removeStep is how many chunks and rows are deleted in one transaction: 16 MiB of content,
// which takes a few milliseconds.
const removeStep = 256

// Remove implements forum.Blobs. The committer frees the space, step by step. If the store is
// closed before, the rest of the blobs exists when it is opened again.
func (s *Store) Remove(ids ...forum.BlobID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if _, busy := s.busy[id]; !busy {
			s.busy[id] = nil
			s.unfreed = append(s.unfreed, id)
		}
	}
	s.signal()
}

// getUnremoved is get that leaves out blobs that are being removed.
func (s *Store) getUnremoved(tx *boltfile.Tx, id forum.BlobID) (row, error) {
	if s.removed(id) {
		return row{}, errNotFound()
	}
	return get(tx, id)
}

// removed reports whether a blob is being removed.
func (s *Store) removed(id forum.BlobID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, busy := s.busy[id]
	return busy && u == nil
}

// removing returns the blobs that are being removed.
func (s *Store) removing() map[forum.BlobID]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := make(map[forum.BlobID]bool, len(s.unfreed))
	for _, id := range s.unfreed {
		ids[id] = true
	}
	return ids
}

// freeAll frees all removed blobs, and reports whether there were any.
func (s *Store) freeAll() (freed bool) {
	for s.free() {
		freed = true
		select {
		case <-s.stopping:
			return freed
		default:
		}
	}
	return freed
}

// free frees as much of the removed blobs as fits in one transaction, and reports whether there
// were any. After a fault the blobs exist again.
func (s *Store) free() bool {
	s.mu.Lock()
	ids := s.unfreed
	s.mu.Unlock()
	if len(ids) == 0 {
		return false
	}
	var rest []forum.BlobID
	err := s.update(0, func(tx *boltfile.Tx) (err error) {
		rest, err = removeSome(tx, ids)
		return err
	})
	if err != nil {
		s.log.Warn("removed files were not freed", "files", len(ids), "error", err)
		rest = nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids[:len(ids)-len(rest)] {
		delete(s.busy, id)
		s.unfreed = s.unfreed[1:]
	}
	return true
}

// removeSome deletes as much of the blobs as fits in one transaction, and returns the blobs
// that are left.
func removeSome(tx *boltfile.Tx, ids []forum.BlobID) ([]forum.BlobID, error) {
	for left := removeStep; len(ids) > 0 && left > 0; ids = ids[1:] {
		n, err := deleteChunks(tx, ids[0], 0, left)
		if err != nil {
			return ids, err
		}
		if left -= n + 1; left < 0 {
			return ids, put(tx, ids[0], row{removed: true})
		}
		if err := tx.Bucket(blobsBucket).Delete(ids[0][:]); err != nil {
			return ids, err
		}
	}
	return ids, nil
}

// deleteChunks deletes up to limit chunks of a blob, from number first on, and returns how many
// it deleted.
func deleteChunks(tx *boltfile.Tx, id forum.BlobID, first int64, limit int) (int, error) {
	keys := chunksFrom(tx, id, first, limit)
	chunks := chunksOf(tx)
	for _, k := range keys {
		if err := chunks.Delete(k); err != nil {
			return 0, err
		}
	}
	return len(keys), nil
}

// cutChunks deletes the content of a blob from a position on. It reports false if that was too
// much for one transaction.
func cutChunks(tx *boltfile.Tx, id forum.BlobID, pos int64) (bool, error) {
	index, keep := pos/chunkSize, pos%chunkSize
	if keep > 0 {
		if err := shorten(tx, chunkKey(id, index), keep); err != nil {
			return false, err
		}
		index++
	}
	n, err := deleteChunks(tx, id, index, removeStep)
	return n < removeStep, err
}

// shorten makes the chunk at key at most size bytes long.
func shorten(tx *boltfile.Tx, key []byte, size int64) error {
	chunks := chunksOf(tx)
	data, err := chunks.Get(key)
	if err != nil || int64(len(data)) <= size {
		return err
	}
	return chunks.Put(key, bytes.Clone(data[:size]))
}

package blobs

import (
	"bytes"
	"context"

	"go.etcd.io/bbolt"

	"sshforum/forum"
)

// removeStep is how many chunks and rows are deleted in one transaction: 16 MiB of
// content, in a few milliseconds.
const removeStep = 256

// Remove implements forum.Blobs. When it is stopped, the blob it is at is gone for
// readers already, and another Remove of it goes on. Errors: Unavailable when ctx ends
// or the disk has failed; Stopping when the store is closed; Internal when the file is
// damaged.
func (s *Store) Remove(ctx context.Context, ids ...forum.BlobID) error {
	claimed, err := s.claimAll(ids)
	defer s.release(claimed...)
	for rest := claimed; len(rest) > 0 && err == nil; {
		if err := ctx.Err(); err != nil {
			return errBusy(err)
		}
		err = s.update(0, func(tx *bbolt.Tx) (err error) {
			rest, err = removeSome(tx, rest)
			return err
		})
	}
	return err
}

// claimAll claims those of ids that are not busy.
func (s *Store) claimAll(ids []forum.BlobID) (claimed []forum.BlobID, err error) {
	for _, id := range ids {
		switch err := s.claim(id, nil); forum.KindOf(err) {
		case forum.Stopping:
			return claimed, err
		case forum.Conflict:
		default:
			claimed = append(claimed, id)
		}
	}
	return claimed, nil
}

// removeSome deletes as much as belongs in one transaction and returns the blobs that
// are left.
func removeSome(tx *bbolt.Tx, ids []forum.BlobID) ([]forum.BlobID, error) {
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

// deleteChunks deletes up to limit chunks of a blob, from the one numbered first on, and
// returns how many there were.
func deleteChunks(tx *bbolt.Tx, id forum.BlobID, first int64, limit int) (int, error) {
	keys := chunksFrom(tx, id, first, limit)
	chunks := chunksOf(tx)
	for _, k := range keys {
		if err := chunks.Delete(k); err != nil {
			return 0, err
		}
	}
	return len(keys), nil
}

// cutChunks deletes what a blob has from a position on, and reports false when that was
// too much for one transaction.
func cutChunks(tx *bbolt.Tx, id forum.BlobID, pos int64) (bool, error) {
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
func shorten(tx *bbolt.Tx, key []byte, size int64) error {
	chunks := chunksOf(tx)
	data := chunks.Get(key)
	if int64(len(data)) <= size {
		return nil
	}
	return chunks.Put(key, bytes.Clone(data[:size]))
}

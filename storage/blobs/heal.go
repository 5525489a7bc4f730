package blobs

import (
	"bytes"
	"context"
	"errors"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// healStep is how many chunks are checked in one transaction.
const healStep = 16

// Heal implements forum.Blobs. Errors: Unavailable if the disk is full or has failed, or if ctx
// ends; Stopping; Internal if the damaged rows cannot be written again.
func (s *Store) Heal(ctx context.Context, id, from forum.BlobID) error {
	h := &healing{store: s, id: id, from: from}
	switch err := s.view(h.load); {
	case err != nil:
		return err
	case h.removed:
		return nil
	}
	if h.rowLost {
		if err := s.update(0, func(tx *boltfile.Tx) error { return put(tx, id, h.row) }); err != nil {
			return err
		}
	}
	for first := int64(0); first*chunkSize < h.row.size && !h.removed; first += healStep {
		if err := ctx.Err(); err != nil {
			return errBusy(err)
		}
		if err := h.step(first); err != nil {
			return err
		}
	}
	if h.rowLost || h.healed > 0 {
		s.log.Warn("damaged content was repaired from an identical upload", "blob", id, "chunks", h.healed)
	}
	return nil
}

// healing repairs a blob from another one with the same content.
type healing struct {
	store    *Store
	id, from forum.BlobID

	removed bool // the blob was removed
	row     row  // row of the blob, or of from if that of the blob is lost
	rowLost bool
	source  row // row of from
	healed  int
}

func (h *healing) load(tx *boltfile.Tx) (err error) {
	if h.source, err = get(tx, h.from); err != nil {
		return err
	}
	if h.removed = h.store.removed(h.id); h.removed {
		return nil
	}
	h.row, err = get(tx, h.id)
	if h.rowLost = err != nil || h.row.size != h.source.size; h.rowLost {
		h.row = h.source
	}
	return nil
}

// step repairs up to healStep chunks, from number first on.
func (h *healing) step(first int64) error {
	var lost []int64
	var damaged [][]byte
	err := h.store.view(func(tx *boltfile.Tx) error {
		for index := first; index < first+healStep && index*chunkSize < h.row.size; index++ {
			is, how, err := h.lost(tx.Bucket(chunksBucket), index)
			if err != nil {
				return err
			}
			if is {
				lost = append(lost, index)
			}
			if how != nil && h.mayDrop(tx, how.Key) {
				damaged = append(damaged, how.Key)
			}
		}
		return nil
	})
	if err != nil || len(lost) == 0 {
		return err
	}
	err = h.store.update(int64(len(lost)*chunkSize), func(tx *boltfile.Tx) error {
		if _, err := get(tx, h.id); err != nil {
			h.removed = forum.KindOf(err) == forum.NotFound // it was freed since the view above
			return err
		}
		for _, key := range damaged {
			if err := chunksOf(tx).Delete(key); err != nil {
				return err
			}
		}
		for _, index := range lost {
			if err := h.mend(chunksOf(tx), index); err != nil {
				return err
			}
		}
		h.healed += len(lost)
		return nil
	})
	if h.removed {
		return nil
	}
	return err
}

// mayDrop reports whether no other blob can need the row under a key: the key belongs to this
// blob, or, because it was changed, to none.
func (h *healing) mayDrop(tx *boltfile.Tx, key []byte) bool {
	if len(key) != chunkKeySize || bytes.HasPrefix(key, h.id[:]) {
		return true
	}
	value, err := tx.Bucket(blobsBucket).Get(key[:len(h.id)])
	return value == nil && err == nil
}

// lost reports whether a chunk must be written again. how is the damaged row, which can be a
// row next to the chunk.
func (h *healing) lost(chunks *boltfile.Bucket, index int64) (is bool, how *boltfile.RowError, err error) {
	data, err := h.row.chunk(chunks, h.id, index, 0, chunkSize)
	switch {
	case errors.As(err, &how):
		return true, how, nil
	case err != nil || data != nil:
		return false, nil, err
	}
	data, err = h.source.chunk(chunks, h.from, index, 0, chunkSize)
	return data != nil, nil, err
}

func (h *healing) mend(chunks *boltfile.Bucket, index int64) error {
	data, err := h.source.chunk(chunks, h.from, index, 0, chunkSize)
	if err != nil {
		return err
	}
	if data == nil {
		data = []byte{0} // a hole in the source, which is zeroes here
	}
	return chunks.Put(chunkKey(h.id, index), bytes.Clone(data))
}

package blobs

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"

	"sshforum/forum"
)

// row is what the store knows of a blob. It is written in the same transaction as the
// chunks it speaks of.
//
// Its encoding is size (8 bytes, big-endian), commits (8), state (1) and, when they are
// known, the sums SHA-256 (32), SHA-1 (20) and MD5 (16).
type row struct {
	size    int64       // how much is durable; chunks beyond it are left over
	commits uint64      // how many wrote it
	removed bool        // is being removed
	sums    *forum.Sums // nil when they are not known
}

const (
	rowSize     = 8 + 8 + 1
	rowWithSums = rowSize + 32 + 20 + 16
)

// A blob's state.
const (
	stateKept byte = iota
	stateRemoved
)

func (r row) encode() []byte {
	b := make([]byte, 0, rowWithSums)
	b = binary.BigEndian.AppendUint64(b, uint64(r.size))
	b = binary.BigEndian.AppendUint64(b, r.commits)
	if r.removed {
		b = append(b, stateRemoved)
	} else {
		b = append(b, stateKept)
	}
	if r.sums != nil {
		b = append(b, r.sums.SHA256[:]...)
		b = append(b, r.sums.SHA1[:]...)
		b = append(b, r.sums.MD5[:]...)
	}
	return b
}

func decodeRow(b []byte) (row, error) {
	if len(b) != rowSize && len(b) != rowWithSums || b[16] > stateRemoved {
		return row{}, fmt.Errorf("blobs: row of %d bytes: %x", len(b), b)
	}
	r := row{
		size:    int64(binary.BigEndian.Uint64(b)),
		commits: binary.BigEndian.Uint64(b[8:]),
		removed: b[16] == stateRemoved,
	}
	if r.size < 0 || r.size > maxSize {
		return row{}, fmt.Errorf("blobs: row of a blob of %d bytes", r.size)
	}
	if len(b) == rowWithSums {
		r.sums = &forum.Sums{
			SHA256: [32]byte(b[rowSize:]),
			SHA1:   [20]byte(b[rowSize+32:]),
			MD5:    [16]byte(b[rowSize+32+20:]),
		}
	}
	return r, nil
}

// get returns the row of a blob that is not being removed. Errors: NotFound; Internal
// when it cannot be read.
func get(tx *bbolt.Tx, id forum.BlobID) (row, error) {
	value := tx.Bucket(blobsBucket).Get(id[:])
	if value == nil {
		return row{}, errNotFound()
	}
	r, err := decodeRow(value)
	if err == nil && r.removed {
		err = errNotFound()
	}
	return r, err
}

// chunksOf returns the bucket of chunks, to be filled without gaps: they are mostly
// written in order.
func chunksOf(tx *bbolt.Tx) *bbolt.Bucket {
	chunks := tx.Bucket(chunksBucket)
	chunks.FillPercent = 1
	return chunks
}

func put(tx *bbolt.Tx, id forum.BlobID, r row) error {
	return tx.Bucket(blobsBucket).Put(id[:], r.encode())
}

// chunkKeySize is the length of a chunk's key: the blob's id and the chunk's number.
const chunkKeySize = len(forum.BlobID{}) + 8

func chunkKey(id forum.BlobID, index int64) []byte {
	return binary.BigEndian.AppendUint64(bytes.Clone(id[:]), uint64(index))
}

// chunkIndex returns the number of the chunk at key, when it is one of id's.
func chunkIndex(id forum.BlobID, key []byte) (int64, bool) {
	if len(key) != chunkKeySize || !bytes.HasPrefix(key, id[:]) {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(key[len(id):])), true
}

// chunksFrom returns up to limit keys of id's chunks, from the one numbered first on.
func chunksFrom(tx *bbolt.Tx, id forum.BlobID, first int64, limit int) (keys [][]byte) {
	c := tx.Bucket(chunksBucket).Cursor()
	for k, _ := c.Seek(chunkKey(id, first)); len(keys) < limit; k, _ = c.Next() {
		if _, ok := chunkIndex(id, k); !ok {
			break
		}
		keys = append(keys, k)
	}
	return keys
}

// extent returns where the last chunk of id ends.
func extent(tx *bbolt.Tx, id forum.BlobID) int64 {
	c := tx.Bucket(chunksBucket).Cursor()
	last := c.Prev
	if k, _ := c.Seek(chunkKey(id, -1)); k == nil { // no chunk has a number as high
		last = c.Last
	}
	k, v := last()
	index, ok := chunkIndex(id, k)
	if !ok {
		return 0
	}
	return index*chunkSize + int64(len(v))
}

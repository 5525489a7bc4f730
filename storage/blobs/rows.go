package blobs

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// row is the store's row of a blob. It is written in the same transaction as the chunks that it
// lists.
//
// Its encoding is size (8 bytes, big-endian), commits (8), flags (1), the sums SHA-256 (32),
// SHA-1 (20) and MD5 (16) if they are known, and chunks, see spans.encode.
type row struct {
	size    int64       // how many bytes are durable; chunks behind them are leftovers
	commits uint64      // number of commits that wrote the blob
	removed bool        // the blob is being removed
	sums    *forum.Sums // nil if they are not known
	chunks  spans       // numbers of stored chunks; incomplete if there are very many holes
}

const (
	rowSize  = 8 + 8 + 1
	sumsSize = 32 + 20 + 16
)

// A row's flags.
const (
	flagRemoved byte = 1 << iota
	flagSums
)

func (r row) encode() []byte {
	b := make([]byte, 0, 128)
	b = binary.BigEndian.AppendUint64(b, uint64(r.size))
	b = binary.BigEndian.AppendUint64(b, r.commits)
	b = append(b, r.flags())
	if r.sums != nil {
		b = append(b, r.sums.SHA256[:]...)
		b = append(b, r.sums.SHA1[:]...)
		b = append(b, r.sums.MD5[:]...)
	}
	return r.chunks.encode(b)
}

func (r row) flags() (flags byte) {
	if r.removed {
		flags |= flagRemoved
	}
	if r.sums != nil {
		flags |= flagSums
	}
	return flags
}

func decodeRow(b []byte) (r row, err error) {
	if len(b) < rowSize || b[16] > flagRemoved|flagSums {
		return row{}, errRow(b)
	}
	r.size = int64(binary.BigEndian.Uint64(b))
	r.commits = binary.BigEndian.Uint64(b[8:])
	r.removed = b[16]&flagRemoved != 0
	rest := b[rowSize:]
	if b[16]&flagSums != 0 {
		if len(rest) < sumsSize {
			return row{}, errRow(b)
		}
		r.sums = &forum.Sums{
			SHA256: [32]byte(rest),
			SHA1:   [20]byte(rest[32:]),
			MD5:    [16]byte(rest[32+20:]),
		}
		rest = rest[sumsSize:]
	}
	var ok bool
	if r.chunks, ok = decodeSpans(rest); !ok || r.size < 0 || r.size > maxSize {
		return row{}, errRow(b)
	}
	return r, nil
}

func errRow(b []byte) error { return fmt.Errorf("blobs: row of %d bytes: %x", len(b), b) }

// get returns the row of a blob that is not being removed. Errors: NotFound; Internal if the
// row cannot be read.
func get(tx *boltfile.Tx, id forum.BlobID) (row, error) {
	value, err := tx.Bucket(blobsBucket).Get(id[:])
	if err != nil {
		return row{}, err
	}
	if value == nil {
		return row{}, errNotFound()
	}
	r, err := decodeRow(value)
	if err == nil && r.removed {
		err = errNotFound()
	}
	return r, err
}

// chunksOf returns the bucket of chunks, set to fill pages completely, since chunks are mostly
// written in order.
func chunksOf(tx *boltfile.Tx) *boltfile.Bucket {
	chunks := tx.Bucket(chunksBucket)
	chunks.Fill(1)
	return chunks
}

// chunk returns the stored bytes of a chunk between two positions in it. They may be fewer, or
// none: the rest is zeroes. Errors: Internal if the chunk is damaged, or is missing although r
// lists it.
func (r row) chunk(chunks *boltfile.Bucket, id forum.BlobID, index int64, from, to int) ([]byte, error) {
	key := chunkKey(id, index)
	data, err := chunks.GetPart(key, from, to)
	if err == nil && data == nil && r.chunks.cover(index, index+1) {
		err = chunks.Damaged(key, "it is missing")
	}
	return data, err
}

func put(tx *boltfile.Tx, id forum.BlobID, r row) error {
	return tx.Bucket(blobsBucket).Put(id[:], r.encode())
}

// chunkKeySize is the length of a chunk's key: the blob's id and the chunk's number.
const chunkKeySize = len(forum.BlobID{}) + 8

func chunkKey(id forum.BlobID, index int64) []byte {
	return binary.BigEndian.AppendUint64(bytes.Clone(id[:]), uint64(index))
}

// chunkIndex returns the number of the chunk at key. It reports false if key does not belong to
// blob id.
func chunkIndex(id forum.BlobID, key []byte) (int64, bool) {
	if len(key) != chunkKeySize || !bytes.HasPrefix(key, id[:]) {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(key[len(id):])), true
}

// chunksFrom returns up to limit keys of id's chunks, from number first on.
func chunksFrom(tx *boltfile.Tx, id forum.BlobID, first int64, limit int) [][]byte {
	return tx.Bucket(chunksBucket).Keys(chunkKey(id, first), id[:], limit)
}

// extent returns the end of the last chunk of id, in bytes. Errors: Internal if that chunk is
// damaged.
func extent(tx *boltfile.Tx, id forum.BlobID) (int64, error) {
	k, v, err := tx.Bucket(chunksBucket).Cursor().Below(chunkKey(id, -1)) // above the number of any chunk
	if err != nil {
		return 0, err
	}
	index, ok := chunkIndex(id, k)
	if !ok {
		return 0, nil
	}
	return index*chunkSize + int64(len(v)), nil
}

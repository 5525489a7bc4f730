package boltfile

import (
	"encoding/binary"
	"hash/crc32"

	"go.etcd.io/bbolt"
)

// seal is the CRC-32C of a bucket's name, with which the checksums of its rows begin.
//
// A row is its value, followed by one CRC-32C for each sealBlock bytes of the value, at least
// one: 4 bytes each, big-endian. It is the checksum of the bucket's name, the key and the
// block; the block's number is added to the checksum before it continues over the block.
type seal uint32

const (
	sealBlock = 16 << 10
	sumSize   = 4
)

// SealSize returns how many bytes longer a row is than its value.
func SealSize(value int) int { return sumSize * max(1, (value+sealBlock-1)/sealBlock) }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func newSeal(bucket string) seal { return seal(crc32.Checksum([]byte(bucket), castagnoli)) }

// add returns the row of a value.
func (s seal) add(key, value []byte) (row []byte) {
	sum := crc32.Update(uint32(s), castagnoli, key)
	row = value
	for i := range SealSize(len(value)) / sumSize {
		row = binary.BigEndian.AppendUint32(row, blockSum(sum, value, i))
	}
	return row
}

// open returns the bytes of a row's value between two positions, as far as they exist, and
// reports whether they match their checksums.
func (s seal) open(key, row []byte, from, to int) (part []byte, ok bool) {
	blocks := max(1, (len(row)+sealBlock+sumSize-1)/(sealBlock+sumSize))
	n := len(row) - blocks*sumSize
	if n < 0 || SealSize(n) != blocks*sumSize || len(key) > bbolt.MaxKeySize {
		return nil, false
	}
	value, sums := row[:n:n], row[n:]
	from, to = min(from, n), min(to, n)
	sum := crc32.Update(uint32(s), castagnoli, key)
	for i := from / sealBlock; i < blocks && (i*sealBlock < to || n == 0); i++ {
		if binary.BigEndian.Uint32(sums[i*sumSize:]) != blockSum(sum, value, i) {
			return nil, false
		}
	}
	return value[from:to], true
}

func blockSum(sum uint32, value []byte, i int) uint32 {
	block := value[i*sealBlock : min(len(value), (i+1)*sealBlock)]
	return crc32.Update(sum+uint32(i), castagnoli, block)
}

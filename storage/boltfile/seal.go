package boltfile

import (
	"encoding/binary"
	"hash/crc32"

	"go.etcd.io/bbolt"
)

// seal is what a bucket's name adds to the checksums of its rows.
//
// A row is its value and, for each sealBlock bytes of that, at least one, the CRC-32C of
// the bucket's name, the key and the block: 4 bytes, big-endian. The checksum of the name
// and the key is raised by the block's number before it goes on over the block.
type seal uint32

const (
	sealBlock = 16 << 10
	sumSize   = 4
)

// SealSize returns how many bytes longer a row is than its value.
func SealSize(value int) int { return sumSize * max(1, (value+sealBlock-1)/sealBlock) }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func newSeal(bucket string) seal { return seal(crc32.Checksum([]byte(bucket), castagnoli)) }

// add makes a row of a value.
func (s seal) add(key, value []byte) (row []byte) {
	sum := crc32.Update(uint32(s), castagnoli, key)
	row = value
	for i := range SealSize(len(value)) / sumSize {
		row = binary.BigEndian.AppendUint32(row, blockSum(sum, value, i))
	}
	return row
}

// open returns a row's value between two positions, as far as there is any, and reports
// whether that part of it matches its checksums.
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

package search

import "encoding/binary"

// Term stands for a word or a property in an index. It is a hash of 54 bits in the upper bits
// of a number, so that 10 bits are left for the index. Among 10,000,000 different words, the
// probability that any two share a term is 0.3 per cent.
type Term uint64

// termBits are the bits that a Term uses.
const termBits = ^uint64(1<<10 - 1)

// The kinds of terms. They keep words and properties from having the same term.
const (
	wordKind = 'w'
	pairKind = '2' // two characters of a script without spaces between words
)

// Property returns the term for a number, such as that of an author. kind is a capital letter
// that distinguishes the uses of numbers.
func Property(kind byte, n uint64) Term {
	h := newHash(kind)
	for _, b := range binary.BigEndian.AppendUint64(nil, n) {
		h = h.add(b)
	}
	return h.term()
}

// hash is FNV-1a of 64 bits (RFC 9923). Its upper bits hardly depend on the last bytes of a
// short word, so term mixes them as MurmurHash3 does at its end.
type hash uint64

func newHash(kind byte) hash { return hash(0xcbf29ce484222325).add(kind) }

func (h hash) add(b byte) hash { return (h ^ hash(b)) * 0x100000001b3 }

func (h hash) addString(s string) hash {
	for i := range len(s) {
		h = h.add(s[i])
	}
	return h
}

func (h hash) term() Term {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	h ^= h >> 33
	return Term(uint64(h) & termBits)
}

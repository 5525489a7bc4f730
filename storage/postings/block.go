package postings

import (
	"encoding/binary"
	"errors"
	"slices"
	"sort"
)

// Blocks is how many blocks a segment has.
const Blocks = 1 << blockBits

const blockBits = 7

// A block begins with the number of its terms, in 4 bytes. Then follow, in order, its terms in
// 8 bytes each, with the number of the term's documents less one in the lower bits. Then follow
// the documents of each term: as numbers of 2 bytes in order, or as a set of Size bits if that
// is shorter. Numbers are big-endian.
const (
	countLen  = 4
	termLen   = 8
	docLen    = 2
	setLen    = Size / 8
	mostInRow = setLen / docLen // most documents that are written as numbers
)

// ErrMalformed is the error for bytes that are not a block.
var ErrMalformed = errors.New("malformed block")

// Posting returns the posting for a document that has a term.
func Posting(term uint64, doc int) uint64 { return term&^docMask | uint64(doc) }

// Block returns the number of the block that a term or a posting belongs to.
func Block(posting uint64) int { return int(posting >> (64 - blockBits)) }

// docsLen returns how many bytes the documents of a term take.
func docsLen(term uint64) int {
	if n := int(term&docMask) + 1; n <= mostInRow {
		return n * docLen
	}
	return setLen
}

// Encode returns the block of postings, which must be sorted, unique and all of one block. It
// returns nil for no postings.
func Encode(postings []uint64) []byte {
	if len(postings) == 0 {
		return nil
	}
	runs := runsOf(postings)
	size := countLen + len(runs)*termLen
	for _, run := range runs {
		size += docsLen(run[0]&^docMask | uint64(len(run)-1))
	}
	block := binary.BigEndian.AppendUint32(make([]byte, 0, size), uint32(len(runs)))
	for _, run := range runs {
		block = binary.BigEndian.AppendUint64(block, run[0]&^docMask|uint64(len(run)-1))
	}
	for _, run := range runs {
		block = appendDocs(block, run)
	}
	return block
}

// runsOf divides postings by their terms.
func runsOf(postings []uint64) (runs [][]uint64) {
	from := 0
	for i := range postings {
		if i+1 == len(postings) || postings[i+1]&^docMask != postings[i]&^docMask {
			runs = append(runs, postings[from:i+1])
			from = i + 1
		}
	}
	return runs
}

func appendDocs(block []byte, run []uint64) []byte {
	if len(run) <= mostInRow {
		for _, posting := range run {
			block = binary.BigEndian.AppendUint16(block, uint16(posting&docMask))
		}
		return block
	}
	var set Set
	for _, posting := range run {
		set.Add(int(posting & docMask))
	}
	for _, word := range set {
		block = binary.BigEndian.AppendUint64(block, word)
	}
	return block
}

// Find returns the documents of a block that have a term. Errors: ErrMalformed.
func Find(block []byte, term uint64) (Set, error) {
	terms, docs, err := open(block)
	if err != nil {
		return Set{}, err
	}
	term &^= docMask
	n := len(terms) / termLen
	i := sort.Search(n, func(i int) bool { return termAt(terms, i)&^docMask >= term })
	if i == n || termAt(terms, i)&^docMask != term {
		return Set{}, nil
	}
	at := 0
	for before := range i {
		at += docsLen(termAt(terms, before))
	}
	return readDocs(docs, at, termAt(terms, i))
}

// open divides a block into its terms and their documents.
func open(block []byte) (terms, docs []byte, err error) {
	if len(block) < countLen {
		return nil, nil, ErrMalformed
	}
	n := uint64(binary.BigEndian.Uint32(block)) * termLen
	if n > uint64(len(block)-countLen) {
		return nil, nil, ErrMalformed
	}
	return block[countLen : countLen+n], block[countLen+n:], nil
}

func termAt(terms []byte, i int) uint64 { return binary.BigEndian.Uint64(terms[i*termLen:]) }

// readDocs reads the documents of a term, which begin at a byte position of docs.
func readDocs(docs []byte, at int, term uint64) (s Set, err error) {
	size := docsLen(term)
	if at+size > len(docs) {
		return s, ErrMalformed
	}
	docs = docs[at : at+size]
	if int(term&docMask)+1 > mostInRow {
		for i := range s {
			s[i] = binary.BigEndian.Uint64(docs[8*i:])
		}
		return s, nil
	}
	for ; len(docs) > 0; docs = docs[docLen:] {
		doc := binary.BigEndian.Uint16(docs)
		if doc >= Size {
			return s, ErrMalformed
		}
		s.Add(int(doc))
	}
	return s, nil
}

// Decode returns the postings of a block, in order; a nil block has none. Errors: ErrMalformed
// for any block that Encode does not write.
func Decode(block []byte) (postings []uint64, err error) {
	if block == nil {
		return nil, nil
	}
	terms, docs, err := open(block)
	if err != nil {
		return nil, err
	}
	n := len(terms) / termLen
	for i := range n {
		n += int(termAt(terms, i) & docMask)
	}
	postings = make([]uint64, 0, n)
	at := 0
	for i := range len(terms) / termLen {
		term := termAt(terms, i)
		set, err := readDocs(docs, at, term)
		if err != nil {
			return nil, err
		}
		if set.Len() != int(term&docMask)+1 || i > 0 && term&^docMask <= termAt(terms, i-1)&^docMask {
			return nil, ErrMalformed
		}
		for doc := range set.Up() {
			postings = append(postings, Posting(term, doc))
		}
		at += docsLen(term)
	}
	if len(postings) == 0 || at != len(docs) {
		return nil, ErrMalformed
	}
	return postings, nil
}

// Update returns block without the postings of drop and with those of add. Dropping an absent
// posting, or adding one that is present, does nothing. Errors: ErrMalformed.
func Update(block []byte, drop, add []uint64) ([]byte, error) {
	postings, err := Decode(block)
	if err != nil {
		return nil, err
	}
	for _, p := range drop {
		if i, has := slices.BinarySearch(postings, p); has {
			postings = slices.Delete(postings, i, i+1)
		}
	}
	for _, p := range add {
		if i, has := slices.BinarySearch(postings, p); !has {
			postings = slices.Insert(postings, i, p)
		}
	}
	return Encode(postings), nil
}

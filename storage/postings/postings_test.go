package postings

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// draw returns postings of one block, in order and each once.
func draw(t *rapid.T, name string) []uint64 {
	term := rapid.SampledFrom([]uint64{1 << 10, 2 << 10, 1 << 40, 1<<57 - 1<<10})
	postings := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) uint64 {
		return Posting(term.Draw(t, "term"), rapid.IntRange(0, Size-1).Draw(t, "doc"))
	}), 0, 300).Draw(t, name)
	slices.Sort(postings)
	return slices.Compact(postings)
}

// A block returns the postings that were written, term by term or all at once, and changes with
// its postings.
func TestBlockIsItsPostings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		postings, drop, add := draw(t, "postings"), draw(t, "drop"), draw(t, "add")
		block := Encode(postings)
		if got, err := Decode(block); err != nil || !slices.Equal(got, postings) {
			t.Fatalf("Decode: %x, %v, want %x", got, err, postings)
		}
		for _, term := range []uint64{0, 1 << 10, 2 << 10, 3 << 10, 1 << 40, 1<<57 - 1<<10} {
			var want Set
			for _, p := range postings {
				if p&^docMask == term {
					want.Add(int(p & docMask))
				}
			}
			if block == nil {
				continue
			}
			if got, err := Find(block, term); err != nil || got != want {
				t.Fatalf("Find %x: %x, %v, want %x", term, got, err, want)
			}
		}
		want := slices.DeleteFunc(slices.Clone(postings), func(p uint64) bool { return slices.Contains(drop, p) })
		want = append(want, add...)
		slices.Sort(want)
		if got, err := Update(block, drop, add); err != nil || !bytes.Equal(got, Encode(slices.Compact(want))) {
			t.Fatalf("Update: %x, %v, want %x", got, err, want)
		}
	})
}

func TestSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		docs := rapid.SliceOfDistinct(rapid.IntRange(0, Size-1), rapid.ID[int]).Draw(t, "docs")
		others := rapid.SliceOfDistinct(rapid.IntRange(0, Size-1), rapid.ID[int]).Draw(t, "others")
		var s, o Set
		for _, doc := range docs {
			s.Add(doc)
		}
		for _, doc := range others {
			o.Add(doc)
		}
		slices.Sort(docs)
		if got := slices.Collect(s.Up()); !slices.Equal(got, docs) {
			t.Errorf("Up: %v, want %v", got, docs)
		}
		s.Intersect(&o)
		docs = slices.DeleteFunc(docs, func(doc int) bool { return !slices.Contains(others, doc) })
		slices.Reverse(docs)
		if got := slices.Collect(s.Down()); !slices.Equal(got, docs) || s.Len() != len(docs) || s.Empty() != (len(docs) == 0) {
			t.Errorf("%v, %d, want %v", got, s.Len(), docs)
		}
		for _, doc := range docs {
			s.Remove(doc)
		}
		if !s.Empty() {
			t.Errorf("%x is left", s)
		}
		if full := Full(); full.Len() != Size {
			t.Errorf("Full: %x", full)
		}
	})
}

func TestDecodeRefuses(t *testing.T) {
	good := Encode([]uint64{Posting(1<<10, 3), Posting(1<<10, 5), Posting(2<<10, 3)})
	swapped := bytes.Clone(good)
	copy(swapped[countLen:], good[countLen+termLen:countLen+2*termLen])
	copy(swapped[countLen+termLen:], good[countLen:countLen+termLen])
	twice := bytes.Clone(good)
	binary.BigEndian.PutUint16(twice[countLen+2*termLen:], 5)
	far := bytes.Clone(good)
	binary.BigEndian.PutUint16(far[countLen+2*termLen:], Size)
	for name, block := range map[string][]byte{
		"empty": {}, "no terms": {0, 0, 0, 0}, "too many terms": {0xff, 0xff, 0xff, 0xff, 0}, "cut off": good[:len(good)-1],
		"longer": append(bytes.Clone(good), 0), "out of order": swapped, "a document twice": twice, "a document too high": far,
	} {
		if got, err := Decode(block); err != ErrMalformed {
			t.Errorf("%s: %x, %v", name, got, err)
		}
	}
}

// FuzzDecode: no bytes make it panic, and each block is the only encoding of its postings.
func FuzzDecode(f *testing.F) {
	f.Add(Encode([]uint64{Posting(1<<10, 3), Posting(1<<10, 5), Posting(2<<10, 3)}), uint64(1<<10))
	var many []uint64
	for doc := range 100 {
		many = append(many, Posting(7<<10, doc))
	}
	f.Add(Encode(many), uint64(7<<10))
	f.Fuzz(func(t *testing.T, block []byte, term uint64) {
		found, findErr := Find(block, term)
		postings, err := Decode(block)
		if err != nil || block == nil {
			return
		}
		if findErr != nil {
			t.Fatalf("Find in a block that Decode reads: %v", findErr)
		}
		for doc := range found.Up() {
			if !slices.Contains(postings, Posting(term, doc)) {
				t.Errorf("document %d has the term in Find alone", doc)
			}
		}
		if !slices.IsSorted(postings) {
			t.Errorf("not in order: %x", postings)
		}
	})
}

package storage

import (
	"bytes"
	"slices"

	"sshforum/forum"
	"sshforum/storage/postings"
)

// addDocument gives a message its number in the index, or 0 if the index is off.
func (t *tx) addDocument(m forum.Message) (number uint64) {
	if t.index.off {
		return 0
	}
	p := t.progress()
	number = p.next
	d := document{m.ID, m.Author, toNanos(m.Posted)}
	t.put(openDocumentsBucket, uintKey(number), newTable([]document{d}))
	t.putProgress(progress{number + 1, p.bytes + textBytes(m)})
	return number
}

func textBytes(m forum.Message) uint64 { return uint64(len(m.Text) + len(m.Upload)) }

// closeSegment closes the open segment if it is full. The messages of its documents must be
// stored before the call.
func (t *tx) closeSegment() {
	p := t.progress()
	segment, documents := (p.next-1)/postings.Size, int((p.next-1)%postings.Size)+1
	if p.next == firstSegment*postings.Size || !t.index.full(documents, p.bytes) {
		return
	}
	docs := make([]document, 0, documents)
	for _, d := range t.openDocuments() {
		docs = append(docs, d)
	}
	for block, content := range t.segmentBlocks(slices.All(docs)) {
		if content != nil {
			t.put(indexBucket, indexKey(segment, block), content)
		}
	}
	t.put(indexBucket, indexKey(segment, tableBlock), newTable(docs))
	for doc := range docs {
		t.drop(openDocumentsBucket, uintKey(segment*postings.Size+uint64(doc)))
	}
	t.putProgress(progress{next: (segment + 1) * postings.Size})
}

// updateIndex updates the index after a message changed from old to m. The zero Message has no
// terms.
func (t *tx) updateIndex(number uint64, old, m forum.Message) {
	segment, doc := number/postings.Size, int(number%postings.Size)
	switch open := t.openSegment(); {
	case number == 0 || segment > open:
		return
	case segment == open:
		t.growSegment(old, m)
		return
	}
	lost, gained := changedPostings(old, m, doc)
	for block := range postings.Blocks {
		var drop, add []uint64
		drop, lost = cutBlock(lost, block)
		add, gained = cutBlock(gained, block)
		if len(drop)+len(add) > 0 {
			t.updateBlock(indexKey(segment, block), drop, add)
		}
	}
}

// growSegment counts the bytes that an edit added to the text of the open segment.
func (t *tx) growSegment(old, m forum.Message) {
	if before, after := textBytes(old), textBytes(m); after > before {
		p := t.progress()
		t.putProgress(progress{p.next, p.bytes + after - before})
		t.closeSegment()
	}
}

// changedPostings returns, in order, the postings that only old has, and those that only m has.
func changedPostings(old, m forum.Message, doc int) (lost, gained []uint64) {
	before, after := sortedPostings(old, doc), sortedPostings(m, doc)
	return difference(before, after), difference(after, before)
}

func sortedPostings(m forum.Message, doc int) []uint64 {
	if m.ID.IsZero() {
		return nil
	}
	all := appendPostings(nil, m, doc)
	slices.Sort(all)
	return slices.Compact(all)
}

// difference returns the elements of a that b does not have; both are sorted.
func difference(a, b []uint64) (rest []uint64) {
	for _, p := range a {
		if _, found := slices.BinarySearch(b, p); !found {
			rest = append(rest, p)
		}
	}
	return rest
}

// cutBlock divides sorted postings into those of a block, which come first, and the rest.
func cutBlock(all []uint64, block int) (of, rest []uint64) {
	n := 0
	for n < len(all) && postings.Block(all[n]) == block {
		n++
	}
	return all[:n], all[n:]
}

func (t *tx) updateBlock(key []byte, drop, add []uint64) {
	block, err := postings.Update(t.get(indexBucket, key), drop, add)
	switch {
	case err != nil:
		t.fail(indexBucket, key, err)
	case block == nil:
		t.drop(indexBucket, key)
	default:
		t.put(indexBucket, key, block)
	}
}

// Reindex takes each closed segment as one part.
func (t *tx) Reindex(part uint64) (mended bool, parts uint64) {
	parts = t.openSegment() - firstSegment
	if part >= parts {
		return false, parts
	}
	segment := firstSegment + part
	for block, content := range t.segmentBlocks(t.table(segment).all()) {
		key := indexKey(segment, block)
		switch old := t.get(indexBucket, key); {
		case bytes.Equal(old, content):
		case content == nil:
			t.drop(indexBucket, key)
			mended = true
		default:
			t.put(indexBucket, key, content)
			mended = true
		}
	}
	return mended, parts
}

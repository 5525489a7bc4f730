package storage

import (
	"encoding/binary"
	"iter"
	"slices"

	"sshforum/forum"
	"sshforum/storage/postings"
)

// This file has the form of the search index. Every message is a document with a number,
// counted up in the order of posting. Segment n has the documents from n*postings.Size on.
// Number 0 is no document.
//
// The last segment is open: its documents are in a bucket of their own, and a query reads their
// messages. So a post writes one small row. The document that fills the segment closes it: the
// terms of all its documents are written at once, as blocks at the end of the index. From then
// on, an edit of a message changes only the blocks of terms that it gained or lost; a deleted
// message only loses terms.
//
// A closed segment contains exactly the terms of its documents' messages, so it can be checked
// and rebuilt.

const (
	// indexVersion changes with the terms or the form of the index. Open rebuilds an index of
	// another version.
	indexVersion = 1

	firstSegment = 1

	// maxSegmentBytes is the number of bytes of text at which a segment is closed. With it,
	// closing takes some milliseconds, and hardly ever 100.
	maxSegmentBytes = 1 << 20
)

// indexOptions are set by tests and benchmarks. The zero indexOptions are the ones in
// production.
type indexOptions struct {
	off       bool
	documents int // number that fills a segment
	bytes     int
}

func (o indexOptions) full(documents int, bytes uint64) bool {
	if o.documents == 0 {
		o = indexOptions{documents: postings.Size, bytes: maxSegmentBytes}
	}
	return documents >= o.documents || bytes >= uint64(o.bytes)
}

// document is the data that the index has of a message besides its terms. It stays after the
// message is purged; then no term leads to it.
type document struct {
	id     forum.MessageID
	author forum.UserID
	posted int64
}

const documentLen = 4 * 8

func (d document) columns() [documentLen / 8]uint64 {
	return [...]uint64{uint64(d.id.Thread), d.id.Seq, uint64(d.author), uint64(d.posted)}
}

// table contains the documents of a segment in columns of 8 bytes a value: first the earliest
// and the latest time of posting, then the threads, the Seqs, the authors and the times of all
// documents.
type table []byte

const tableHead = 16

func newTable(docs []document) table {
	first, last := docs[0].posted, docs[0].posted
	for _, d := range docs {
		first, last = min(first, d.posted), max(last, d.posted)
	}
	t := make(table, 0, tableHead+len(docs)*documentLen)
	t = binary.BigEndian.AppendUint64(t, uint64(first))
	t = binary.BigEndian.AppendUint64(t, uint64(last))
	for column := range documentLen / 8 {
		for _, d := range docs {
			t = binary.BigEndian.AppendUint64(t, d.columns()[column])
		}
	}
	return t
}

func (t table) len() int { return max(0, len(t)-tableHead) / documentLen }

func (t table) column(column, doc int) uint64 {
	return binary.BigEndian.Uint64(t[tableHead+8*(column*t.len()+doc):])
}

func (t table) thread(doc int) forum.ThreadID { return forum.ThreadID(t.column(0, doc)) }
func (t table) id(doc int) forum.MessageID {
	return forum.MessageID{Thread: t.thread(doc), Seq: t.column(1, doc)}
}
func (t table) author(doc int) forum.UserID { return forum.UserID(t.column(2, doc)) }
func (t table) posted(doc int) int64        { return int64(t.column(3, doc)) }

func (t table) at(doc int) document { return document{t.id(doc), t.author(doc), t.posted(doc)} }

func (t table) all() iter.Seq2[int, document] {
	return func(yield func(int, document) bool) {
		for i := range t.len() {
			if !yield(i, t.at(i)) {
				return
			}
		}
	}
}

func (t table) first() int64 { return int64(binary.BigEndian.Uint64(t)) }
func (t table) last() int64  { return int64(binary.BigEndian.Uint64(t[8:])) }

// tableBlock takes the place of the block number in the key of a segment's table.
const tableBlock = postings.Blocks

// indexKey is the key of a block of a segment, or of its table.
func indexKey(segment uint64, block int) []byte {
	return append(uintKey(segment), byte(block))
}

// progress is the number of the next document, and how many bytes of text the open segment has.
type progress struct{ next, bytes uint64 }

func (r *reader) progress() progress {
	v := r.get(metaBucket, []byte(indexProgressKey))
	switch len(v) {
	case 0:
		return progress{next: firstSegment * postings.Size}
	case 16:
		return progress{binary.BigEndian.Uint64(v), binary.BigEndian.Uint64(v[8:])}
	}
	r.fail(metaBucket, []byte(indexProgressKey), errMalformed)
	return progress{}
}

func (t *tx) putProgress(p progress) {
	t.put(metaBucket, []byte(indexProgressKey), binary.BigEndian.AppendUint64(uintKey(p.next), p.bytes))
}

// openSegment returns the segment that is not closed yet.
func (r *reader) openSegment() uint64 { return r.progress().next / postings.Size }

func (r *reader) table(segment uint64) table {
	key := indexKey(segment, tableBlock)
	t := table(r.get(indexBucket, key))
	if len(t) < tableHead+documentLen || (len(t)-tableHead)%documentLen != 0 || t.len() > postings.Size {
		r.fail(indexBucket, key, errMalformed)
		return nil
	}
	return t
}

// document returns the document with a number.
func (r *reader) document(number uint64) (d document, ok bool) {
	segment, doc := number/postings.Size, int(number%postings.Size)
	switch open := r.openSegment(); {
	case segment == open:
		if v := table(r.get(openDocumentsBucket, uintKey(number))); v.len() == 1 {
			return v.at(0), true
		}
	case segment >= firstSegment && segment < open:
		if docs := r.table(segment); doc < docs.len() {
			return docs.at(doc), true
		}
	}
	return d, false
}

// openDocuments yields the documents of the open segment with their numbers, in order.
func (r *reader) openDocuments() iter.Seq2[uint64, document] {
	return func(yield func(uint64, document) bool) {
		r.scan(openDocumentsBucket, nil, nil, func(k, v []byte) bool {
			number, ok := parseUint(k)
			if !ok || len(v) != tableHead+documentLen {
				r.fail(openDocumentsBucket, k, errMalformed)
				return false
			}
			return yield(number, table(v).at(0))
		})
	}
}

// segmentBlocks builds the blocks of a segment from the messages of its documents.
func (r *reader) segmentBlocks(docs iter.Seq2[int, document]) [][]byte {
	var all []uint64
	for i, d := range docs {
		if m, ok := r.Message(d.id); ok {
			all = appendPostings(all, m, i)
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	blocks := make([][]byte, postings.Blocks)
	for len(all) > 0 {
		block := postings.Block(all[0])
		n, _ := slices.BinarySearchFunc(all, block+1, func(p uint64, b int) int { return postings.Block(p) - b })
		blocks[block] = postings.Encode(all[:n])
		all = all[n:]
	}
	return blocks
}

func appendPostings(all []uint64, m forum.Message, doc int) []uint64 {
	for _, term := range m.Terms() {
		all = append(all, postings.Posting(uint64(term), doc))
	}
	return all
}

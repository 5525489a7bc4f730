package storage

import (
	"encoding/binary"
	"iter"
	"slices"

	"sshforum/forum"
	"sshforum/forum/search"
	"sshforum/storage/boltfile"
	"sshforum/storage/postings"
)

func (r *reader) RemovedThreadIDs() iter.Seq[forum.ThreadID] {
	return func(yield func(forum.ThreadID) bool) {
		r.scan(removedTitlesBucket, nil, nil, func(k, _ []byte) bool {
			if len(k) < 8 {
				r.fail(removedTitlesBucket, k, errMalformed)
				return false
			}
			return yield(forum.ThreadID(binary.BigEndian.Uint64(k[len(k)-8:])))
		})
	}
}

func (r *reader) Matches(s forum.Sought) iter.Seq[forum.Matched] {
	s.Terms = search.Sorted(slices.Clone(s.Terms))
	return func(yield func(forum.Matched) bool) {
		if r.fault != nil {
			return
		}
		f := finder{reader: r, query: s, blocks: r.bucket(indexBucket).Cursor()}
		last := r.openSegment()
		if !f.yield(f.open(), yield) {
			return
		}
		for segment := last - 1; segment >= firstSegment && r.fault == nil; segment-- {
			if !f.yield(f.closed(segment), yield) {
				return
			}
		}
	}
}

// finder runs a query on one segment after the other.
type finder struct {
	*reader
	query  forum.Sought
	blocks *boltfile.Cursor
	key    [9]byte
}

// found is the result of a query in one segment.
type found struct {
	set   postings.Set
	table func() table
}

func (f *finder) yield(in found, yield func(forum.Matched) bool) bool {
	n := in.set.Len()
	if n == 0 {
		return true
	}
	return yield(forum.Matched{Count: n, Messages: func(yield func(forum.MessageID) bool) {
		docs := in.table()
		for doc := range in.set.Down() {
			if !yield(docs.id(doc)) {
				return
			}
		}
	}})
}

// open searches the messages of the open segment.
func (f *finder) open() (in found) {
	var docs []document
	for _, d := range f.openDocuments() {
		if len(docs) == postings.Size {
			f.fail(openDocumentsBucket, nil, errMalformed)
			return found{}
		}
		if f.matches(d) {
			in.set.Add(len(docs))
		}
		docs = append(docs, d)
	}
	in.table = func() table { return newTable(docs) }
	return in
}

// matches reports whether a document matches the query.
func (f *finder) matches(d document) bool {
	if !f.inRange(d.posted) || f.query.Unseen.Hides(d.id.Thread, d.author) {
		return false
	}
	m, ok := f.Message(d.id)
	if !ok {
		return false
	}
	terms := search.Sorted(m.Terms())
	return !slices.ContainsFunc(f.query.Terms, func(term search.Term) bool {
		_, has := slices.BinarySearch(terms, term)
		return !has
	})
}

// closed searches a closed segment by intersecting the documents of all terms.
func (f *finder) closed(segment uint64) (in found) {
	in.table = func() table { return f.reader.table(segment) }
	timed := !f.query.After.IsZero() || !f.query.Before.IsZero()
	if timed && f.outOfRange(in.table()) {
		return in
	}
	in.set = postings.Full()
	for _, term := range f.query.Terms {
		having := f.documentsWith(segment, uint64(term))
		in.set.Intersect(&having)
		if in.set.Empty() {
			return in
		}
	}
	if timed || !f.query.Unseen.None() {
		f.filter(&in.set, in.table(), timed)
	}
	return in
}

// filter removes from a set the documents outside the query's time and those that the viewer
// may not see.
func (f *finder) filter(set *postings.Set, docs table, timed bool) {
	for doc := range set.Down() {
		if doc >= docs.len() || f.query.Unseen.Hides(docs.thread(doc), docs.author(doc)) || timed && !f.inRange(docs.posted(doc)) {
			set.Remove(doc)
		}
	}
}

// inRange reports whether a time of posting is within the query's times. A zero time is no
// bound.
func (f *finder) inRange(posted int64) bool {
	after, before := f.query.After, f.query.Before
	return (after.IsZero() || posted >= toNanos(after)) && (before.IsZero() || posted < toNanos(before))
}

// outOfRange reports whether all documents of a table are outside the query's times.
func (f *finder) outOfRange(docs table) bool {
	return docs.len() == 0 ||
		!f.query.After.IsZero() && docs.last() < toNanos(f.query.After) ||
		!f.query.Before.IsZero() && docs.first() >= toNanos(f.query.Before)
}

// documentsWith returns the documents of a closed segment that have a term.
func (f *finder) documentsWith(segment, term uint64) postings.Set {
	binary.BigEndian.PutUint64(f.key[:], segment)
	f.key[8] = byte(postings.Block(term))
	v, err := f.blocks.Get(f.key[:])
	if err == nil && v == nil {
		return postings.Set{}
	}
	var set postings.Set
	if err == nil {
		set, err = postings.Find(v, term)
	}
	if err != nil {
		f.fail(indexBucket, f.key[:], err)
	}
	return set
}

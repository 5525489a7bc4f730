package storage

import (
	"bytes"

	"sshforum/storage/postings"
)

// index checks that the index has the terms of each message, and no others.
func (c *checker) index() {
	if version := c.getUint(metaBucket, []byte(indexVersionKey)); version != indexVersion {
		c.Report("the index has version %d, not %d", version, indexVersion)
	}
	open, next := c.openSegment(), c.progress().next
	c.keys[openDocumentsBucket] = int(next % postings.Size)
	for number := range c.openDocuments() {
		if number/postings.Size != open || number >= next {
			c.Report("open document %d is not below %d", number, next)
		}
	}
	for segment := uint64(firstSegment); segment < open && c.fault == nil; segment++ {
		c.segment(segment)
	}
	c.documents()
}

// segment checks the blocks of a closed segment.
func (c *checker) segment(segment uint64) {
	c.keys[indexBucket]++
	for block, want := range c.segmentBlocks(c.table(segment).all()) {
		if want != nil {
			c.keys[indexBucket]++
		}
		if has := c.get(indexBucket, indexKey(segment, block)); !bytes.Equal(has, want) {
			c.Report("the index is wrong in block %d of segment %d; run sshforum reindex to repair it", block, segment)
		}
	}
}

// documents checks that each message leads to its document. Purged messages may have left their
// documents.
func (c *checker) documents() {
	for _, b := range []bucket{messagesBucket, deletedBucket} {
		c.scan(b, nil, nil, func(k, v []byte) bool {
			id, ok := parseMessageKey(k)
			row, decoded := decode[messageRow](&c.reader, b, k, v)
			if !ok || !decoded {
				return true // found already
			}
			want := document{id, row.message(id).Author, row.Posted}
			if d, _ := c.document(row.Document); d != want {
				c.Report("message %s is not document %d of the index", id, row.Document)
			}
			return true
		})
	}
}

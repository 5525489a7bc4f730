package blobs

import (
	"errors"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// Check reads the whole file except the contents of chunks, and returns, joined, all
// inconsistencies in it.
func (s *Store) Check() error {
	found := boltfile.NewFindings("blobs")
	err := s.CheckRows(found)
	return errors.Join(found.Err(), err)
}

// CheckRows reports to found the damaged pages and rows, and the chunks that belong to no blob.
// It reads only the keys of chunks; Hash reads the rest. Errors: Stopping if the store is
// closed.
func (s *Store) CheckRows(found *boltfile.Findings) error {
	return s.file.Check(found, func(tx *boltfile.Tx) error {
		c := &checker{found, tx}
		return errors.Join(c.rows(), c.chunks())
	}, chunksBucket)
}

// checker collects the findings of CheckRows.
type checker struct {
	*boltfile.Findings
	tx *boltfile.Tx
}

func (c *checker) rows() error {
	rows := c.tx.Bucket(blobsBucket).Cursor()
	k, v, err := rows.Seek(nil)
	for ; k != nil && err == nil; k, v, err = rows.Next() {
		if len(k) != len(forum.BlobID{}) {
			c.Report("a row has the key %x", k)
		}
		if _, err := decodeRow(v); err != nil {
			c.Report("blob %x: %w", k, err)
		}
	}
	return err
}

// chunks checks the keys of chunks.
func (c *checker) chunks() error {
	const page = 1024
	var id forum.BlobID // blob of the previous chunk
	for after := []byte(nil); ; {
		keys := c.tx.Bucket(chunksBucket).Keys(after, nil, page)
		for _, k := range keys {
			if len(k) != chunkKeySize {
				c.Report("a chunk has the key %x", k)
				continue
			}
			if index, _ := chunkIndex(forum.BlobID(k), k); index < 0 || index > maxSize/chunkSize {
				c.Report("blob %s: chunk %d", forum.BlobID(k), index)
			}
			if forum.BlobID(k) == id {
				continue
			}
			id = forum.BlobID(k)
			if v, err := c.tx.Bucket(blobsBucket).Get(id[:]); err != nil {
				return err
			} else if v == nil {
				c.Report("chunks of %s, which has no row", id)
			}
		}
		if len(keys) < page {
			return nil
		}
		after = append(keys[page-1], 0)
	}
}

package blobs

import (
	"errors"

	"go.etcd.io/bbolt"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// Check reads the whole file and returns, joined, what does not fit together in it:
// pages, rows, and chunks of no blob. Uploads wait while it runs.
func (s *Store) Check() error {
	return s.file.Check("blobs", func(tx *bbolt.Tx, found *boltfile.Findings) error {
		c := &checker{Findings: found, tx: tx}
		return c.check()
	})
}

// checker collects what Check finds.
type checker struct {
	*boltfile.Findings
	tx *bbolt.Tx
}

func (c *checker) check() error {
	err := c.tx.Bucket(blobsBucket).ForEach(func(k, v []byte) error {
		if len(k) != len(forum.BlobID{}) {
			c.Report("a row has the key %x", k)
		}
		if _, err := decodeRow(v); err != nil {
			c.Report("blob %x: %w", k, err)
		}
		return nil
	})
	return errors.Join(err, c.chunks())
}

func (c *checker) chunks() error {
	var id forum.BlobID // of the chunk before
	return c.tx.Bucket(chunksBucket).ForEach(func(k, v []byte) error {
		if len(k) != chunkKeySize {
			c.Report("a chunk has the key %x", k)
			return nil
		}
		if next := forum.BlobID(k); next != id {
			id = next
			if c.tx.Bucket(blobsBucket).Get(k[:len(id)]) == nil {
				c.Report("chunks of %s, which has no row", id)
			}
		}
		index, _ := chunkIndex(id, k)
		if index < 0 || index > maxSize/chunkSize || len(v) == 0 || len(v) > chunkSize {
			c.Report("blob %s: chunk %d of %d bytes", id, index, len(v))
		}
		return nil
	})
}

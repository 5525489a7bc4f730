package blobs

import (
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"sshforum/forum"
)

// maxFindings bounds what one Check reports.
const maxFindings = 20

// Check reads the whole file and returns, joined, what does not fit together in it:
// pages, rows, and chunks of no blob. Uploads wait while it runs.
func (s *Store) Check() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	tx, err := s.bolt.Begin(true)
	if err != nil {
		return unusable(err)
	}
	defer tx.Rollback()
	c := &checker{tx: tx}
	if err := contain(func() error { return walk(tx, func(int) {}) }); err != nil {
		return fmt.Errorf("blobs: check: %w", err)
	}
	for err := range tx.Check() {
		c.report("page: %w", err)
	}
	if len(c.findings) == 0 {
		err = contain(c.check)
	}
	return errors.Join(append(c.findings, err)...)
}

// checker collects what Check finds.
type checker struct {
	tx       *bbolt.Tx
	findings []error
}

func (c *checker) report(format string, args ...any) {
	if len(c.findings) < maxFindings {
		c.findings = append(c.findings, fmt.Errorf("blobs: check: "+format, args...))
	}
}

func (c *checker) check() error {
	err := c.tx.Bucket(blobsBucket).ForEach(func(k, v []byte) error {
		if len(k) != len(forum.BlobID{}) {
			c.report("a row has the key %x", k)
		}
		if _, err := decodeRow(v); err != nil {
			c.report("blob %x: %w", k, err)
		}
		return nil
	})
	return errors.Join(err, c.chunks())
}

func (c *checker) chunks() error {
	var id forum.BlobID // of the chunk before
	return c.tx.Bucket(chunksBucket).ForEach(func(k, v []byte) error {
		if len(k) != chunkKeySize {
			c.report("a chunk has the key %x", k)
			return nil
		}
		if next := forum.BlobID(k); next != id {
			id = next
			if c.tx.Bucket(blobsBucket).Get(k[:len(id)]) == nil {
				c.report("chunks of %s, which has no row", id)
			}
		}
		index, _ := chunkIndex(id, k)
		if index < 0 || index > maxSize/chunkSize || len(v) == 0 || len(v) > chunkSize {
			c.report("blob %s: chunk %d of %d bytes", id, index, len(v))
		}
		return nil
	})
}

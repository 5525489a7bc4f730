package boltfile

import (
	"bytes"
	"fmt"
	"sync"

	"go.etcd.io/bbolt"

	"sshforum/forum"
)

// RowError says that a row of a file is damaged. Of a key that is longer than any can be
// it has the beginning.
type RowError struct {
	Bucket string
	Key    []byte
	How    string
}

func (e *RowError) Error() string {
	return fmt.Sprintf("%s %x: %s", e.Bucket, e.Key, e.How)
}

// Damaged returns the error for a row that is damaged, and tells the log.
func (b *Bucket) Damaged(key []byte, how string) error {
	return b.file.met(&RowError{Bucket: b.name, Key: key, How: how})
}

// damages are the damaged rows that were read.
type damages struct {
	mu    sync.Mutex
	reads uint64
	told  map[string]bool // the rows the log knows of
}

// maxTold bounds how many damaged rows the log is told of.
const maxTold = 1000

// met counts a read of a damaged row, tells the log once of each, and returns the error
// for whoever asked for it.
func (f *File) met(row *RowError) error {
	row.Key = bytes.Clone(row.Key[:min(len(row.Key), bbolt.MaxKeySize)]) // the file's memory ends with the transaction
	f.damages.mu.Lock()
	f.damages.reads++
	id := row.Bucket + "\x00" + string(row.Key)
	tell := !f.damages.told[id] && len(f.damages.told) < maxTold
	if tell {
		f.damages.told[id] = true
	}
	f.damages.mu.Unlock()
	if tell {
		f.log.Error("a row of the file is damaged; run sshforum check, and restore the file from a backup", "file", f.path, "row", row)
	}
	return &forum.Error{Kind: forum.Internal, Msg: "This is damaged on the server's disk; please tell the operator.", Err: row}
}

// DamagedReads returns how often a damaged row was read since the file was opened.
func (f *File) DamagedReads() uint64 {
	f.damages.mu.Lock()
	defer f.damages.mu.Unlock()
	return f.damages.reads
}

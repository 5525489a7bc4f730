package boltfile

import (
	"bytes"
	"fmt"
	"sync"

	"go.etcd.io/bbolt"

	"sshforum/forum"
)

// RowError is the error for a damaged row of a file. Key is cut off at bbolt.MaxKeySize.
type RowError struct {
	Bucket string
	Key    []byte
	How    string
}

func (e *RowError) Error() string {
	return fmt.Sprintf("%s %x: %s", e.Bucket, e.Key, e.How)
}

// Damaged logs a damaged row and returns its error.
func (b *Bucket) Damaged(key []byte, how string) error {
	return b.file.damagedRead(&RowError{Bucket: b.name, Key: key, How: how})
}

// damages count and remember the damaged rows that were read.
type damages struct {
	mu     sync.Mutex
	reads  uint64
	logged map[string]bool // the rows that were logged
}

// maxLogged bounds how many damaged rows are logged.
const maxLogged = 1000

// damagedRead counts a read of a damaged row, logs each row once, and returns the error for the
// caller.
func (f *File) damagedRead(row *RowError) error {
	row.Key = bytes.Clone(row.Key[:min(len(row.Key), bbolt.MaxKeySize)]) // the file's memory ends with the transaction
	f.damages.mu.Lock()
	f.damages.reads++
	id := row.Bucket + "\x00" + string(row.Key)
	tell := !f.damages.logged[id] && len(f.damages.logged) < maxLogged
	if tell {
		f.damages.logged[id] = true
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

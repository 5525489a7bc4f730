package boltfile

import (
	"bytes"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// Findings are what a check has found, up to a bound.
type Findings struct {
	prefix string
	errs   []error
}

// maxFindings bounds what one Check reports.
const maxFindings = 20

// Report adds a finding.
func (fs *Findings) Report(format string, args ...any) {
	if len(fs.errs) < maxFindings {
		fs.errs = append(fs.errs, fmt.Errorf(fs.prefix+": check: "+format, args...))
	}
}

// Err returns all findings, joined.
func (fs *Findings) Err() error { return errors.Join(fs.errs...) }

// Check looks at every page and then, when all are sound, has rows look at what is in
// them. It returns, joined, all findings, each with prefix before it. Transactions that
// write wait meanwhile. Errors: Stopping when the file is closed; those of rows.
func (f *File) Check(prefix string, rows func(*bbolt.Tx, *Findings) error) error {
	tx, err := f.Bolt.Begin(true)
	if err != nil {
		return f.unusable(err)
	}
	defer tx.Rollback()
	found := &Findings{prefix: prefix}
	// What cannot be read is found here: tx.Check reads in a goroutine of its own.
	if err := Contain(func() error { return walk(tx) }); err != nil {
		return fmt.Errorf("%s: check: %w", prefix, err)
	}
	for err := range tx.Check() {
		found.Report("page: %w", err)
	}
	if len(found.errs) == 0 {
		err = Contain(func() error { return rows(tx, found) })
	}
	return errors.Join(found.Err(), err)
}

// walk meets every page but those inside long values, so that a damaged one is found
// here: bbolt would meet it in a goroutine of its own, whose panic ends the process.
func walk(tx *bbolt.Tx) error {
	return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error {
		var last []byte
		return b.ForEach(func(k, _ []byte) error {
			if bytes.Compare(last, k) > 0 {
				return bbolterrors.ErrInvalid
			}
			last = k
			return nil
		})
	})
}

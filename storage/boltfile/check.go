package boltfile

import (
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"
)

// Findings are the errors that checks have found, up to maxFindings. They are for one
// goroutine.
type Findings struct {
	// Met, if not nil, is called with the number of bytes that were checked since its last
	// call. Its error ends the check.
	Met func(bytes int64) error

	prefix string
	errs   []error
	more   int
}

// NewFindings returns empty Findings that put prefix before each error.
func NewFindings(prefix string) *Findings { return &Findings{prefix: prefix} }

// maxFindings bounds the errors that Findings keep.
const maxFindings = 1000

// Report adds a finding.
func (fs *Findings) Report(format string, args ...any) {
	fs.add(fmt.Errorf(fs.prefix+": "+format, args...))
}

func (fs *Findings) add(err error) {
	if len(fs.errs) == maxFindings {
		fs.more++
		return
	}
	fs.errs = append(fs.errs, err)
}

func (fs *Findings) met(bytes int64) error {
	if fs.Met == nil {
		return nil
	}
	return fs.Met(bytes)
}

// All returns the findings. If there were more than maxFindings, the last one is the number of
// the others.
func (fs *Findings) All() []error {
	if fs.more == 0 {
		return fs.errs
	}
	return append(slices.Clip(fs.errs), fmt.Errorf("%s: and %d more", fs.prefix, fs.more))
}

// Err returns all findings, joined.
func (fs *Findings) Err() error { return errors.Join(fs.All()...) }

// Check checks every page, then the checksum of every row except those of the buckets leftOut.
// If all are undamaged, it calls rows to check the contents of the rows. Other transactions
// continue meanwhile, in the space of new pages. Errors: those of View, of Findings.Met and of
// rows.
func (f *File) Check(found *Findings, rows func(*Tx) error, leftOut ...string) error {
	return f.View(func(tx *Tx) error {
		err := tx.checkPages(found)
		for _, look := range []func() error{
			func() error { return tx.checkRows(found, leftOut) },
			func() error { return rows(tx) },
		} {
			if err == nil && len(found.errs) == 0 {
				err = Contain(look)
			}
		}
		return err
	})
}

// CheckPages checks every page except those inside long values. Errors: those of View and of
// Findings.Met.
func (f *File) CheckPages(found *Findings) error {
	return f.View(func(tx *Tx) error { return tx.checkPages(found) })
}

func (tx *Tx) checkPages(found *Findings) (ended error) {
	pageSize := int64(tx.Bolt.DB().Info().PageSize)
	h := head{pageSize: pageSize, root: uint64(tx.Bolt.Cursor().Bucket().Root()), pages: uint64(tx.Bolt.Size() / pageSize)}
	met := func(bytes int64) error {
		ended = found.met(bytes)
		return ended
	}
	if err := newVerifier(tx.file.file, h, met).tree(h.root, 0, nil, nil); err != nil && ended == nil {
		found.Report("%w", err)
	}
	return ended
}

// walkStep is how many bytes of rows are read between two calls of Findings.Met.
const walkStep = 1 << 20

func (tx *Tx) checkRows(found *Findings, leftOut []string) error {
	return tx.Bolt.ForEach(func(name []byte, _ *bbolt.Bucket) error {
		if slices.Contains(leftOut, string(name)) {
			return nil
		}
		b := tx.Bucket(string(name))
		for key, more := []byte(nil), true; more; more = key != nil {
			var read int64
			key, read = b.walk(key, walkStep, func(row *RowError) { found.Report("%w", row) })
			if err := found.met(read); err != nil {
				return err
			}
		}
		return nil
	})
}

package boltfile

import "go.etcd.io/bbolt"

// Tx is a transaction on a File. What is read from its buckets is checked.
type Tx struct {
	// Bolt is for what only bbolt knows.
	Bolt *bbolt.Tx

	file *File
}

// Bucket returns the bucket of a name. All rows of one that is lost are damaged.
func (tx *Tx) Bucket(name string) *Bucket {
	b := &Bucket{name: name, seal: newSeal(name), file: tx.file}
	var err error
	func() {
		defer b.contain(nil, &err)
		b.bolt = tx.Bolt.Bucket([]byte(name))
	}()
	return b
}

// Has reports whether there is a bucket of a name.
func (tx *Tx) Has(name string) bool { return tx.Bolt.Bucket([]byte(name)) != nil }

// CreateBucket makes an empty bucket, in the place of one that there may be.
func (tx *Tx) CreateBucket(name string) error {
	if tx.Has(name) {
		if err := tx.Bolt.DeleteBucket([]byte(name)); err != nil {
			return err
		}
	}
	_, err := tx.Bolt.CreateBucket([]byte(name))
	return err
}

// Commit is what File.Commit does unless Hooks.Commit is there.
func (tx *Tx) Commit() error { return tx.Bolt.Commit() }

// Rollback ends the transaction without a trace. It does nothing to one that has ended.
func (tx *Tx) Rollback() error { return tx.Bolt.Rollback() }

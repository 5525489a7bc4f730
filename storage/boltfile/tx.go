package boltfile

import "go.etcd.io/bbolt"

// Tx is a transaction on a File. Reads from its buckets are checked.
type Tx struct {
	// Bolt gives access to data that only bbolt has.
	Bolt *bbolt.Tx

	file *File
}

// Bucket returns the bucket with a name. If the bucket is lost, all its rows count as damaged.
func (tx *Tx) Bucket(name string) *Bucket {
	b := &Bucket{name: name, seal: newSeal(name), file: tx.file}
	var err error
	func() {
		defer b.contain(nil, &err)
		b.bolt = tx.Bolt.Bucket([]byte(name))
	}()
	return b
}

// Has reports whether there is a bucket with a name.
func (tx *Tx) Has(name string) bool { return tx.Bolt.Bucket([]byte(name)) != nil }

// CreateBucket makes an empty bucket. It deletes an existing one of that name.
func (tx *Tx) CreateBucket(name string) error {
	if tx.Has(name) {
		if err := tx.Bolt.DeleteBucket([]byte(name)); err != nil {
			return err
		}
	}
	_, err := tx.Bolt.CreateBucket([]byte(name))
	return err
}

// Commit is called by File.Commit, unless Hooks.Commit is set.
func (tx *Tx) Commit() error { return tx.Bolt.Commit() }

// Rollback undoes the transaction. It does nothing if the transaction has ended.
func (tx *Tx) Rollback() error { return tx.Bolt.Rollback() }

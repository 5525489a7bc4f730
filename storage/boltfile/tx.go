package boltfile

import "go.etcd.io/bbolt"

// Tx is a transaction on a File. What is read from its buckets is checked.
type Tx struct {
	// Bolt is for what only bbolt knows.
	Bolt *bbolt.Tx

	file *File
}

// Bucket returns the bucket of a name, or nil when there is none.
func (tx *Tx) Bucket(name string) *Bucket {
	bolt := tx.Bolt.Bucket([]byte(name))
	if bolt == nil {
		return nil
	}
	return tx.file.bucket(bolt, name)
}

// CreateBucket makes an empty bucket, in the place of one that there may be.
func (tx *Tx) CreateBucket(name string) error {
	if tx.Bolt.Bucket([]byte(name)) != nil {
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

package storage

import (
	"encoding/binary"
	"errors"
	"time"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// tx is the transaction of one batch of changes. The methods of forum.Tx are each in the file
// of their noun.
type tx struct {
	reader
	seq   uint64      // number of the change being applied
	nanos int64       // its time
	event forum.Event // event of the change; none if Kind is empty
	bytes int         // number of bytes put so far
	index indexOptions
}

// begin begins a transaction after the last change.
func begin(file *boltfile.File) (*tx, error) {
	bolt, err := file.Begin()
	if err != nil {
		return nil, err
	}
	t := &tx{reader: reader{bolt: bolt}}
	err = boltfile.Contain(func() error {
		t.seq, t.nanos = t.last()
		return t.fault
	})
	if err != nil {
		t.rollback()
		return nil, err
	}
	return t, nil
}

// rollback undoes the transaction. It does nothing if the transaction has ended.
func (t *tx) rollback() { _ = t.bolt.Rollback() }

func (t *tx) Seq() uint64     { return t.seq }
func (t *tx) Time() time.Time { return fromNanos(t.nanos) }

func (t *tx) Publish(e forum.Event) {
	if t.event.Kind != "" {
		t.fail(eventsBucket, uintKey(t.seq), errSecondEvent)
		return
	}
	t.event = e
}

// errSecondEvent is the fault of a change that publishes more than one event. A follower that
// begins between the two would miss one.
var errSecondEvent = errors.New("a second event of one change")

// presentValue is the value of keys that need none. It is not nil, since bbolt returns nil for
// a missing key.
var presentValue = []byte{}

// put stores value. bbolt refers to value until the transaction ends.
func (t *tx) put(b bucket, key, value []byte) {
	t.writes++
	t.bytes += len(key) + len(value)
	if err := t.bucket(b).Put(key, value); err != nil {
		t.fail(b, key, err)
	}
}

func (t *tx) putUint(b bucket, key []byte, n uint64) { t.put(b, key, uintKey(n)) }

func (t *tx) drop(b bucket, key []byte) {
	t.writes++
	if err := t.bucket(b).Delete(key); err != nil {
		t.fail(b, key, err)
	}
}

// store encodes row under key.
func store[Row any](t *tx, b bucket, key []byte, row Row) {
	v, err := encoder.Marshal(row)
	if err != nil {
		t.fail(b, key, err)
		return
	}
	t.put(b, key, v)
}

// errTaken is the fault of a change that gives one name to two nouns. Rules check names before
// they write, so it is a defect of the change.
var errTaken = errors.New("in use")

// claim makes name in b lead to id. It fails if name leads to another id.
func (t *tx) claim(b bucket, name string, id uint64) {
	key := []byte(name)
	if holder := t.getUint(b, key); holder != 0 && holder != id {
		t.fail(b, key, errTaken)
		return
	}
	t.putUint(b, key, id)
}

// next returns the next id of a counter.
func (t *tx) next(counter string) uint64 {
	id := t.getUint(metaBucket, []byte(counter)) + 1
	t.putUint(metaBucket, []byte(counter), id)
	return id
}

// finish writes the rows that are written once for a batch.
func (t *tx) finish(o Options) {
	t.putLast()
	if o.Contents != nil {
		t.putContentsCommit(o.Contents())
	}
	t.trimEvents(o.EventsKept)
}

// putLast writes the number and the time of the last change.
func (t *tx) putLast() {
	v := make([]byte, 0, 16)
	v = binary.BigEndian.AppendUint64(v, t.seq)
	v = binary.BigEndian.AppendUint64(v, uint64(t.nanos))
	t.put(metaBucket, []byte(journalKey), v)
}

var _ forum.Tx = (*tx)(nil)

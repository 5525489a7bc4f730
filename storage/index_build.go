package storage

import (
	"cmp"
	"log/slog"
	"slices"
	"time"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// buildIndex builds the index of a file if it has none or one of another version, and logs its
// progress. If a build is interrupted, the next Open begins it anew.
func buildIndex(file *boltfile.File, o Options) error {
	b := builder{file: file, index: o.index, log: o.Logger, lastLogged: time.Now()}
	var version uint64
	err := b.view(func(r *reader) {
		version = r.getUint(metaBucket, []byte(indexVersionKey))
	})
	if err != nil || version == indexVersion {
		return err
	}
	if err := b.view(b.survey); err != nil {
		return err
	}
	if err := b.update(b.clear); err != nil {
		return err
	}
	for len(b.rest) > 0 {
		if err := b.update(b.add); err != nil {
			return err
		}
	}
	return b.update(func(t *tx) { t.putUint(metaBucket, []byte(indexVersionKey), indexVersion) })
}

// builder builds an index.
type builder struct {
	file       *boltfile.File
	index      indexOptions
	log        *slog.Logger
	lastLogged time.Time
	total      int
	rest       []indexed // messages that are not in the index yet
}

// indexed is a message with its number in the previous index.
type indexed struct {
	posted int64
	number uint64
	id     forum.MessageID
}

func (b *builder) view(fn func(r *reader)) error {
	return b.file.View(func(bolt *boltfile.Tx) error {
		r := &reader{bolt: bolt}
		fn(r)
		return r.fault
	})
}

func (b *builder) update(fn func(t *tx)) error {
	t, err := begin(b.file)
	if err != nil {
		return err
	}
	t.index = b.index
	err = boltfile.Contain(func() error {
		fn(t)
		return t.fault
	})
	if err != nil {
		t.rollback()
		return err
	}
	return b.file.Commit(t.bolt)
}

// survey finds all messages, in the order of posting.
func (b *builder) survey(r *reader) {
	for _, bucket := range []bucket{messagesBucket, deletedBucket} {
		r.scan(bucket, nil, nil, func(k, v []byte) bool {
			id, ok := parseMessageKey(k)
			if !ok {
				r.fail(bucket, k, errMalformed)
				return false
			}
			row, ok := decode[messageRow](r, bucket, k, v)
			b.rest = append(b.rest, indexed{row.Posted, row.Document, id})
			return ok
		})
	}
	slices.SortFunc(b.rest, func(x, y indexed) int {
		return cmp.Or(cmp.Compare(x.posted, y.posted), cmp.Compare(x.number, y.number),
			cmp.Compare(x.id.Thread, y.id.Thread), cmp.Compare(x.id.Seq, y.id.Seq))
	})
	b.total = len(b.rest)
}

// clear drops the old index, or a part of one.
func (b *builder) clear(t *tx) {
	for _, bucket := range []bucket{indexBucket, openDocumentsBucket} {
		if err := t.bolt.CreateBucket(bucket.String()); err != nil {
			t.fail(bucket, nil, err)
			return
		}
		t.handles[bucket] = nil
	}
	t.drop(metaBucket, []byte(indexVersionKey))
	t.drop(metaBucket, []byte(indexProgressKey))
}

// buildStep is how many messages are added in one commit.
const buildStep = 16 << 10

// add puts up to buildStep messages in the index.
func (b *builder) add(t *tx) {
	n := min(len(b.rest), buildStep)
	for _, x := range b.rest[:n] {
		row, _ := t.messageRow(x.id)
		m := row.message(x.id)
		if number := t.addDocument(m); number != row.Document {
			row.Document = number
			store(t, messageBucket(m), messageKey(x.id), row)
		}
		t.closeSegment()
	}
	b.rest = b.rest[n:]
	if time.Since(b.lastLogged) > time.Second {
		b.lastLogged = time.Now()
		b.log.Info("rebuilding the search index", "percent", 100*(b.total-len(b.rest))/b.total)
	}
}

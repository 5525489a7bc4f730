package storage

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"sshforum/forum"
	"sshforum/forum/storetest"
)

// fill makes threads of so many messages each, by direct commits. Every thread grows a
// little in every commit, as they do in a forum.
func fill(b *testing.B, dir string, threads, messages int) {
	b.Helper()
	db := openOrMake(b, dir, Options{})
	defer db.Close()
	commit := func(change func(i int) forum.Change, n int) {
		t, err := begin(db.file)
		if err != nil {
			b.Fatal(err)
		}
		for i := range n {
			if _, err := t.apply(change(i)); err != nil {
				b.Fatal(err)
			}
		}
		t.finish(Options{})
		if err := db.file.Commit(t.bolt); err != nil || t.fault != nil {
			b.Fatal(err, t.fault)
		}
	}
	commit(func(i int) forum.Change { return storetest.AddThread(fmt.Sprint("thread", i)) }, threads)
	batch := min(messages, max(1, 10_000/threads))
	for range messages / batch {
		commit(func(i int) forum.Change {
			return storetest.Post(forum.ThreadID(i%threads+1), 1, benchText)
		}, batch*threads)
	}
}

// copyStore copies the file of a closed store to a new directory.
func copyStore(b *testing.B, from string) (dir string) {
	b.Helper()
	dir = b.TempDir()
	in, err := os.Open(filepath.Join(from, FileName))
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(filepath.Join(dir, FileName))
	if err != nil {
		b.Fatal(err)
	}
	defer out.Close()
	if _, err := io.Copy(out, in); err != nil {
		b.Fatal(err)
	}
	if err := out.Sync(); err != nil {
		b.Fatal(err)
	}
	return dir
}

// put is one row that a change wrote.
type put struct {
	bucket     bucket
	key, value []byte
}

// record applies posts to the store in dir and returns the rows each wrote, with the row of the
// author's interest that the service writes. The blocks of closed segments are not among them.
func record(b *testing.B, dir string, posts []storetest.Change) [][]put {
	b.Helper()
	db := openOrMake(b, dir, Options{})
	defer db.Close()
	t, err := begin(db.file)
	if err != nil {
		b.Fatal(err)
	}
	defer t.bolt.Rollback()
	rows := make([][]put, len(posts))
	for i, post := range posts {
		result, err := t.apply(post)
		if err != nil {
			b.Fatal(err)
		}
		id := result.(forum.Message).ID
		t.SetInterest(1, id.Thread, forum.Interest{Level: forum.Watched, Read: forum.Marks{Upto: id.Seq}, Posted: t.Time()})
		add := func(bucket bucket, key []byte) {
			if v := t.get(bucket, key); v != nil {
				rows[i] = append(rows[i], put{bucket, key, bytes.Clone(v)})
			}
		}
		add(threadsBucket, threadKey(id.Thread))
		add(messagesBucket, messageKey(id))
		tree := positions{&t.reader, id.Thread}
		for level := range tree.height() + 1 {
			index, _ := place(id.Seq, level)
			add(positionsBucket, nodeKey(id.Thread, uint8(level), index))
		}
		add(eventsBucket, uintKey(t.seq))
		add(interestsBucket, interestKey(1, id.Thread))
		add(textsBucket, userKey(1))
		row, _ := t.messageRow(id)
		add(openDocumentsBucket, uintKey(row.Document))
		add(metaBucket, []byte(indexProgressKey))
	}
	return rows
}

// bare is only a group commit: the upper bound of the store's speed.
type bare struct {
	bolt  *bbolt.DB
	queue chan bareRequest
}

type bareRequest struct {
	rows []put
	done chan error
}

func (g bare) write() {
	for first := range g.queue {
		batch := []bareRequest{first}
	drain:
		for len(batch) < maxChanges {
			select {
			case r := <-g.queue:
				batch = append(batch, r)
			default:
				break drain
			}
		}
		err := g.bolt.Update(func(tx *bbolt.Tx) error {
			buckets := make(map[bucket]*bbolt.Bucket)
			put := func(b bucket, key, value []byte) error {
				if buckets[b] == nil {
					buckets[b] = tx.Bucket([]byte(b.String()))
					if b.is(appended) {
						buckets[b].FillPercent = 0.9
					}
				}
				return buckets[b].Put(key, value)
			}
			for _, request := range batch {
				for _, p := range request.rows {
					if err := put(p.bucket, p.key, p.value); err != nil {
						return err
					}
				}
			}
			return put(metaBucket, []byte(journalKey), make([]byte, 16))
		})
		for _, r := range batch {
			r.done <- err
		}
	}
}

func (g bare) submit(rows []put) error {
	r := bareRequest{rows: rows, done: make(chan error, 1)}
	g.queue <- r
	return <-r.done
}

package storage

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"sshforum/forum"
	"sshforum/forum/storetest"
)

var benchText = strings.Repeat("All human beings are born free. ", 7)[:200]

// fill makes threads of so many messages each, by direct commits. Every thread grows a
// little in every commit, as they do in a forum.
func fill(b *testing.B, dir string, threads, messages int) {
	b.Helper()
	db, err := Open(dir, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	commit := func(change func(i int) forum.Change, n int) {
		t, err := begin(db.bolt)
		if err != nil {
			b.Fatal(err)
		}
		for i := range n {
			if _, _, err := t.apply(change(i)); err != nil {
				b.Fatal(err)
			}
		}
		t.finish(0)
		if err := t.bolt.Commit(); err != nil || t.fault != nil {
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

// record applies posts to the store in dir and returns the rows each wrote.
func record(b *testing.B, dir string, posts []storetest.Change) [][]put {
	b.Helper()
	db, err := Open(dir, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	t, err := begin(db.bolt)
	if err != nil {
		b.Fatal(err)
	}
	defer t.bolt.Rollback()
	rows := make([][]put, len(posts))
	for i, post := range posts {
		result, _, err := t.apply(post)
		if err != nil {
			b.Fatal(err)
		}
		id := result.(forum.Message).ID
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
	}
	return rows
}

// bare is a group commit with nothing around it: what the store can at best be as fast as.
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
			r := reader{bolt: tx}
			for _, request := range batch {
				for _, p := range request.rows {
					if err := r.bucket(p.bucket).Put(p.key, p.value); err != nil {
						return err
					}
				}
			}
			return r.bucket(metaBucket).Put([]byte(journalKey), make([]byte, 16))
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

// BenchmarkPost posts 200 bytes to random threads. Its ratio is the rate of the store
// to that of a bare group commit of the same rows, taken in turns.
func BenchmarkPost(b *testing.B) {
	template := b.TempDir()
	fill(b, template, 1000, 100)
	for _, writers := range []int{1, 16, 64, 256} {
		b.Run(fmt.Sprint("writers=", writers), func(b *testing.B) { benchmarkPost(b, template, writers) })
	}
}

func benchmarkPost(b *testing.B, template string, writers int) {
	posts := make([]storetest.Change, b.N)
	for i := range posts {
		posts[i] = storetest.Post(forum.ThreadID(rand.IntN(1000)+1), 1, benchText)
	}
	rows := record(b, copyStore(b, template), posts)
	db := open(b, copyStore(b, template), Options{})
	raw, err := openMapped(filepath.Join(copyStore(b, template), FileName), Options{mapSizes: mapSizes()})
	if err != nil {
		b.Fatal(err)
	}
	defer raw.Close()
	g := bare{bolt: raw, queue: make(chan bareRequest, 1024)}
	go g.write()
	defer close(g.queue)

	var store, base time.Duration
	const turn = 4096
	for from := 0; from < b.N; from += turn {
		to := min(b.N, from+turn)
		store += inParallel(b, writers, from, to, func(i int) error {
			_, err := db.Submit(context.Background(), posts[i])
			return err
		})
		base += inParallel(b, writers, from, to, func(i int) error { return g.submit(rows[i]) })
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(b.N)/store.Seconds(), "posts/s")
	b.ReportMetric(float64(b.N)/base.Seconds(), "bare/s")
	b.ReportMetric(base.Seconds()/store.Seconds(), "ratio")
}

// inParallel calls do for each index with so many goroutines, and returns how long it took.
func inParallel(b *testing.B, writers, from, to int, do func(i int) error) time.Duration {
	indexes := make(chan int, to-from)
	for i := from; i < to; i++ {
		indexes <- i
	}
	close(indexes)
	started := time.Now()
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for i := range indexes {
				if err := do(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(started)
}

func BenchmarkPostRow(b *testing.B) {
	row := newMessageRow(forum.Message{Author: 7, Text: benchText, Posted: time.Now()})
	encoded, err := encoder.Marshal(row)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			encoder.Marshal(row)
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var row messageRow
			decoder.Unmarshal(encoded, &row)
		}
	})
}

// compareSizes times do in a thread of 1,000 messages and in one of 1,000,000, in turns.
// do returns how long the part took that counts.
func compareSizes(b *testing.B, do func(db *DB, messages uint64) time.Duration) {
	small, large := b.TempDir(), b.TempDir()
	fill(b, small, 1, 1000)
	fill(b, large, 1, 1_000_000)
	stores := []*DB{open(b, small, Options{}), open(b, large, Options{})}
	b.Run("messages=1000,1000000", func(b *testing.B) {
		var took [2]time.Duration
		for range b.N {
			took[0] += do(stores[0], 1000)
			took[1] += do(stores[1], 1_000_000)
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(float64(took[0].Nanoseconds())/float64(b.N), "small-ns")
		b.ReportMetric(float64(took[1].Nanoseconds())/float64(b.N), "large-ns")
		b.ReportMetric(took[1].Seconds()/took[0].Seconds(), "ratio")
	})
}

// BenchmarkDeleteMiddle finds a random message by its number and deletes it.
func BenchmarkDeleteMiddle(b *testing.B) {
	compareSizes(b, func(db *DB, messages uint64) time.Duration {
		started := time.Now()
		var id forum.MessageID
		err := db.View(func(r forum.Reader) error {
			id, _ = r.MessageAt(1, messages/4+rand.Uint64N(messages/2))
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := db.Submit(b.Context(), storetest.Delete(id)); err != nil {
			b.Fatal(err)
		}
		took := time.Since(started)
		if _, err := db.Submit(b.Context(), storetest.Restore(id)); err != nil {
			b.Fatal(err)
		}
		return took
	})
}

// BenchmarkLastPage reads the last 50 messages of a thread with their numbers.
func BenchmarkLastPage(b *testing.B) {
	compareSizes(b, func(db *DB, messages uint64) time.Duration {
		started := time.Now()
		err := db.View(func(r forum.Reader) error {
			t, _ := r.ThreadByTitle("thread0")
			first, _ := r.MessageAt(t.ID, t.Messages-49)
			n := 0
			for m := range r.Entries(t.ID, first.Seq-1) {
				n += min(1, len(m.Text))
			}
			if n != 50 || t.Messages != messages {
				b.Errorf("%d messages in the last page of %d", n, t.Messages)
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		return time.Since(started)
	})
}

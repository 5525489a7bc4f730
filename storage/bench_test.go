package storage

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/forum/storetest"
	"sshforum/storage/boltfile"
)

var benchText = strings.Repeat("All human beings are born free. ", 7)[:200]

// BenchmarkPost posts 200 bytes to random threads through the service. Its ratio is the
// rate of that to the rate of a bare group commit of the same rows, taken in turns.
func BenchmarkPost(b *testing.B) {
	template := b.TempDir()
	fill(b, template, 1000, 100)
	for _, writers := range []int{1, 16, 64, 256} {
		b.Run(fmt.Sprint("writers=", writers), func(b *testing.B) { benchmarkPost(b, template, writers) })
	}
}

func benchmarkPost(b *testing.B, template string, writers int) {
	threads, posts := make([]forum.ThreadID, b.N), make([]storetest.Change, b.N)
	for i := range posts {
		threads[i] = forum.ThreadID(rand.IntN(1000) + 1)
		posts[i] = storetest.Post(threads[i], 1, benchText)
	}
	rows := record(b, copyStore(b, template), posts)
	post := serve(b, copyStore(b, template))
	raw, err := boltfile.Open(filepath.Join(copyStore(b, template), FileName), Options{}.file())
	if err != nil {
		b.Fatal(err)
	}
	defer raw.Close()
	g := bare{bolt: raw.Bolt, queue: make(chan bareRequest, 1024)}
	go g.write()
	defer close(g.queue)

	var store, base time.Duration
	const turn = 4096
	for from := 0; from < b.N; from += turn {
		to := min(b.N, from+turn)
		store += inParallel(b, writers, from, to, func(i int) error {
			return post(fmt.Sprint("thread", uint64(threads[i])-1))
		})
		base += inParallel(b, writers, from, to, func(i int) error { return g.submit(rows[i]) })
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(b.N)/store.Seconds(), "posts/s")
	b.ReportMetric(float64(b.N)/base.Seconds(), "bare/s")
	b.ReportMetric(base.Seconds()/store.Seconds(), "ratio")
}

// serve returns a function that posts benchText to the thread with a title, as an account of
// the forum in dir.
func serve(b *testing.B, dir string) (post func(title string) error) {
	hub := forum.NewHub()
	db := open(b, dir, Options{Publish: hub.Publish, EventsKept: 100_000})
	service := rules.New(rules.Config{
		Store: db, Journal: db, Hub: hub, Passwords: noPasswords{}, Clock: time.Now, MessageBytes: 65536,
	})
	u, err := service.AddUser(b.Context(), rules.Operator(), "yoda", "password", forum.Member)
	if err != nil {
		b.Fatal(err)
	}
	actor := rules.Actor{User: u.ID, Name: u.Name}
	return func(title string) error {
		_, err := service.Post(b.Context(), actor, title, benchText)
		return err
	}
}

// noPasswords is for accounts that never log in.
type noPasswords struct{}

func (noPasswords) Hash(context.Context, string) (string, error)         { return "none", nil }
func (noPasswords) Expect(string)                                        {}
func (noPasswords) Verify(context.Context, string, string) (bool, error) { return false, nil }
func (noPasswords) Outdated(string) bool                                 { return false }

// inParallel calls do for each index in a number of goroutines, and returns how long it took.
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

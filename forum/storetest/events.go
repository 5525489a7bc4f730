package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
)

func testEvents(t *testing.T, open Open) {
	var published []forum.Event
	f := start(t, open, Options{Publish: func(e []forum.Event) { published = append(published, e...) }})
	f.do(AddUser("yoda"))
	thread := f.do(AddThread("3331")).(forum.Thread).ID
	f.do(Write(func(tx forum.Tx) { tx.SetPassword(1, "phc") }))
	m := f.do(Post(thread, 1, "hello").Later(time.Second)).(forum.Message)
	want := []forum.Event{
		{Seq: 1, At: noon, Kind: forum.UserRegistered, Actor: 1, Name: "yoda"},
		{Seq: 2, At: noon, Kind: forum.ThreadCreated, Name: "yoda", Thread: thread, Title: "3331"},
		{
			Seq: 4, At: noon.Add(time.Second), Kind: forum.MessagePosted, Actor: 1, Name: "yoda",
			Thread: thread, Title: "3331", Message: m.ID, Number: 1, Text: "hello",
		},
	}
	if diff := cmp.Diff(want, published); diff != "" {
		t.Errorf("published (-want +got):\n%s", diff)
	}
	want[2].Text = ""
	f.reopen()
	f.view(func(r forum.Reader) {
		for after, want := range map[uint64][]forum.Event{0: want, 1: want[1:], 2: want[2:], 3: want[2:], 4: nil, 1<<64 - 1: nil} {
			if diff := cmp.Diff(want, slices.Collect(r.Events(after))); diff != "" {
				t.Errorf("Events after %d (-want +got):\n%s", after, diff)
			}
		}
		if from := r.EventsFrom(); from != 1 {
			t.Errorf("EventsFrom: %d", from)
		}
	})
}

func testEventsKept(t *testing.T, open Open) {
	f := start(t, open, Options{EventsKept: 10})
	thread := f.do(AddThread("3331")).(forum.Thread).ID
	want := func(from, last uint64) {
		t.Helper()
		f.view(func(r forum.Reader) {
			var seqs []uint64
			for e := range r.Events(0) {
				seqs = append(seqs, e.Seq)
			}
			if len(seqs) == 0 || seqs[0] != from || seqs[len(seqs)-1] != last || r.EventsFrom() != from {
				t.Errorf("kept events %d from %d, want %d to %d", seqs, r.EventsFrom(), from, last)
			}
		})
	}
	for range 9 {
		f.do(Post(thread, 1, "text"))
	}
	want(1, 10)
	f.do(Post(thread, 1, "text"))
	want(2, 11)
	for range 20 {
		f.do(Post(thread, 1, "text"))
	}
	want(22, 31)
	for _, kept := range []uint64{15, 100, 0} { // what is gone stays gone
		f.o.EventsKept = kept
		f.reopen()
		f.do(Post(thread, 1, "text"))
	}
	want(22, 34)
	f.o.EventsKept = 3
	f.reopen()
	f.do(Post(thread, 1, "text"))
	want(33, 35)
}

// testPublishOrder has many callers: events arrive once and in order, and when a change
// is answered its event has been published and its state can be read.
func testPublishOrder(t *testing.T, open Open) {
	var mu sync.Mutex
	var published []forum.Event
	seen := make(map[string]bool)
	f := start(t, open, Options{Publish: func(events []forum.Event) {
		mu.Lock()
		defer mu.Unlock()
		published = append(published, events...)
		for _, e := range events {
			seen[e.Text] = true
		}
	}})
	thread := f.do(AddThread("3331")).(forum.Thread).ID
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for j := range 10 {
				text := fmt.Sprint(i, "/", j)
				result, err := f.Submit(t.Context(), Post(thread, 1, text))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				was := seen[text]
				mu.Unlock()
				f.view(func(r forum.Reader) {
					if _, ok := r.Message(result.(forum.Message).ID); !ok || !was {
						t.Errorf("%s was answered: readable %v, published %v", text, ok, was)
					}
				})
			}
		})
	}
	wg.Wait()
	mu.Lock()
	defer mu.Unlock()
	for i, e := range published {
		if e.Seq != uint64(i)+1 || e.Number != uint64(i) {
			t.Fatalf("event %d in order has number %d, of message %d", i+1, e.Seq, e.Number)
		}
	}
	if len(published) != 161 {
		t.Errorf("%d events were published, want 161", len(published))
	}
}

func testManyWriters(t *testing.T, open Open) {
	f := start(t, open, Options{})
	const writers, posts = 64, 8
	for i := range 4 {
		f.do(AddThread(fmt.Sprint("thread", i)))
	}
	got := make([][]forum.MessageID, writers)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for range posts {
				result, err := f.Submit(t.Context(), Post(forum.ThreadID(i%4+1), forum.UserID(i+1), "text"))
				if err != nil {
					t.Error(err)
					return
				}
				got[i] = append(got[i], result.(forum.Message).ID)
			}
		})
	}
	wg.Wait()
	f.reopen()
	f.view(func(r forum.Reader) {
		for i, ids := range got {
			for j, id := range ids {
				if m, ok := r.Message(id); !ok || m.Author != forum.UserID(i+1) || j > 0 && id.Seq <= ids[j-1].Seq {
					t.Errorf("message %s of writer %d: %+v, %v", id, i, m, ok)
				}
			}
		}
		for thread := range r.Threads() {
			if thread.Messages != writers*posts/4 || thread.Last != thread.Messages {
				t.Errorf("%+v", thread)
			}
		}
		if r.Seq() != writers*posts+4 {
			t.Errorf("the last number is %d", r.Seq())
		}
	})
}

// testSnapshots reads while others write: every View is of one instant.
func testSnapshots(t *testing.T, open Open) {
	f := start(t, open, Options{})
	thread := f.do(AddThread("3331")).(forum.Thread).ID
	done := make(chan struct{})
	var writers, readers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			for range 20 {
				result, err := f.Submit(t.Context(), Post(thread, 1, "text"))
				if err != nil {
					t.Error(err)
					return
				}
				if id := result.(forum.Message).ID; id.Seq%3 == 0 {
					if _, err := f.Submit(t.Context(), Delete(id)); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	for range 2 {
		readers.Go(func() {
			for {
				f.view(func(r forum.Reader) {
					th, _ := r.Thread(thread)
					entries := slices.Collect(r.Entries(thread, 0))
					last, ok := r.MessageAt(thread, th.Messages)
					if len(entries) != int(th.Messages) || ok && last != entries[len(entries)-1].ID {
						t.Errorf("%d messages, %d entries, the last is %s", th.Messages, len(entries), last)
					}
					if events := slices.Collect(r.Events(0)); uint64(len(events)) != r.Seq() {
						t.Errorf("%d events, the last number is %d", len(events), r.Seq())
					}
				})
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
}

package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
	"sshforum/forum/storetest"
	"sshforum/storage/boltfile"
)

// gate is a commit that waits to be let through. It notes how many changes each commit
// holds.
type gate struct {
	open    chan struct{}
	batches []uint64
	last    uint64
}

func newGate() *gate { return &gate{open: make(chan struct{})} }

func (g *gate) commit(bolt *boltfile.Tx) error {
	seq := (&reader{bolt: bolt}).Seq()
	g.batches = append(g.batches, seq-g.last)
	g.last = seq
	<-g.open
	return bolt.Commit()
}

// answers collects the results of concurrent Submits.
type answers struct {
	sync.Mutex
	wg   sync.WaitGroup
	errs []error
}

func (a *answers) submit(ctx context.Context, db *DB, c forum.Change) {
	a.wg.Go(func() {
		_, err := db.Submit(ctx, c)
		a.Lock()
		defer a.Unlock()
		a.errs = append(a.errs, err)
	})
}

func (a *answers) count() int {
	a.Lock()
	defer a.Unlock()
	return len(a.errs)
}

func addUser(i int) forum.Change { return storetest.AddUser(fmt.Sprint("user", i)) }

// TestNothingEscapesBeforeTheCommit: while a commit is held up no one is answered, no
// event is published, and no reader sees the changes.
func TestNothingEscapesBeforeTheCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		published := 0
		db := open(t, t.TempDir(), Options{hooks: boltfile.Hooks{Commit: g.commit}, Publish: func(e []forum.Event) { published += len(e) }})
		var a answers
		for i := range 10 {
			a.submit(t.Context(), db, addUser(i))
			synctest.Wait() // all goroutines are blocked: the writer in its commit
			a.submit(t.Context(), db, addUser(i))
		}
		synctest.Wait()
		seen := uint64(0)
		view(t, db, func(r forum.Reader) { seen = r.Seq() })
		if a.count() > 0 || published > 0 || seen > 0 {
			t.Errorf("before the commit: %d answers, %d events, change %d readable", a.count(), published, seen)
		}
		close(g.open)
		a.wg.Wait()
		if a.count() != 20 || published != 10 {
			t.Errorf("after the commit: %d answers, %d events", a.count(), published)
		}
	})
}

// TestPublishedBeforeAnswered: when Submit returns, the followers already have the events of
// the change.
func TestPublishedBeforeAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		publishing := make(chan struct{})
		db := open(t, t.TempDir(), Options{Publish: func([]forum.Event) { <-publishing }})
		var a answers
		a.submit(t.Context(), db, addUser(1))
		synctest.Wait()
		seen := uint64(0)
		view(t, db, func(r forum.Reader) { seen = r.Seq() })
		if a.count() > 0 || seen != 1 {
			t.Errorf("while publishing: %d answers, change %d readable", a.count(), seen)
		}
		close(publishing)
		a.wg.Wait()
	})
}

func TestBatchBounds(t *testing.T) {
	for name, test := range map[string]struct {
		waiting int
		change  func(i int) forum.Change
		want    []uint64
	}{
		"all that wait": {100, addUser, []uint64{1, 100}},
		"count":         {2000, addUser, []uint64{1, 1024, 976}},
		"bytes": {10, func(int) forum.Change {
			return storetest.Write(func(tx forum.Tx) {
				tx.PutThread(forum.Thread{ID: tx.NewThreadID(), Title: strings.Repeat("x", 30_000) + fmt.Sprint(tx.Seq())})
				tx.SetPassword(1, strings.Repeat("x", 1<<20))
			})
		}, []uint64{1, 4, 4, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGate()
				db := open(t, t.TempDir(), Options{hooks: boltfile.Hooks{Commit: g.commit}})
				var a answers
				a.submit(t.Context(), db, storetest.AddUser("first"))
				synctest.Wait()
				for i := range test.waiting {
					a.submit(t.Context(), db, test.change(i))
				}
				synctest.Wait()
				close(g.open)
				a.wg.Wait()
				if fmt.Sprint(g.batches) != fmt.Sprint(test.want) {
					t.Errorf("commits of %d changes, want %d", g.batches, test.want)
				}
				if err := errors.Join(a.errs...); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestFaultyInBatch has bad changes among good ones in one commit: the good ones
// happen together, in the order they came, and the bad ones fail alone.
func TestFaultyInBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		var log strings.Builder
		var published []string
		db := open(t, t.TempDir(), Options{
			hooks: boltfile.Hooks{Commit: g.commit}, Logger: slog.New(slog.NewTextHandler(&log, nil)),
			Publish: func(events []forum.Event) {
				for _, e := range events {
					published = append(published, fmt.Sprint(e.Seq, e.Name))
				}
			},
		})
		bad := map[int]forum.Change{
			2: storetest.Write(func(tx forum.Tx) { tx.SetPassword(1, "secret-of-panic"); panic("on purpose") }),
			5: storetest.Change{Name: "dirty", Do: func(tx forum.Tx) (any, error) {
				tx.SetPassword(1, "secret-of-dirty")
				return nil, forum.Errorf(forum.Denied, "not allowed")
			}},
			6: storetest.Write(func(tx forum.Tx) { tx.PurgeThread(1, 1) }),
			8: storetest.AddUser("user1").Later(time.Hour),
		}
		var first answers
		first.submit(t.Context(), db, storetest.AddThread("first"))
		synctest.Wait()
		var answer [10]answers
		for i := range answer {
			c := bad[i]
			if c == nil {
				c = addUser(i)
			}
			answer[i].submit(t.Context(), db, c)
			synctest.Wait() // it waits behind the ones before
		}
		close(g.open)
		synctest.Wait()
		wantKinds := map[int]forum.Kind{2: forum.Internal, 5: forum.Denied, 6: forum.Internal, 8: forum.Conflict}
		for i := range answer {
			kind, isBad := wantKinds[i]
			if err := answer[i].errs[0]; (err != nil) != isBad || isBad && forum.KindOf(err) != kind {
				t.Errorf("change %d: %v", i, err)
			}
		}
		if fmt.Sprint(g.batches) != "[1 6]" {
			t.Errorf("commits of %d changes, want 1 and 6", g.batches)
		}
		var names []string
		view(t, db, func(r forum.Reader) {
			for u := range r.Users() {
				names = append(names, u.Name)
			}
			if th, _ := r.Thread(1); r.Seq() != 7 || r.Time() != th.Created || r.Password(1) != "" {
				t.Errorf("the last number is %d, at %s, the password %q", r.Seq(), r.Time(), r.Password(1))
			}
		})
		if got := strings.Join(names, " "); got != "user0 user1 user3 user4 user7 user9" {
			t.Errorf("users in the order they came: %s", got)
		}
		if got := fmt.Sprint(published); got != "[1yoda 2user0 3user1 4user3 5user4 6user7 7user9]" {
			t.Errorf("published: %s", got)
		}
		for _, want := range []string{"on purpose", "batch_test.go", "refused after it had written", "without being removed"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log lacks %q:\n%s", want, log.String())
			}
		}
		if strings.Contains(log.String(), "secret") {
			t.Errorf("the log has a secret:\n%s", log.String())
		}
	})
}

func TestRefusalsNeedNoCommit(t *testing.T) {
	commits := 0
	db := open(t, t.TempDir(), Options{hooks: boltfile.Hooks{Commit: func(bolt *boltfile.Tx) error {
		commits++
		return bolt.Commit()
	}}})
	do(t, db, addUser(1))
	for range 5 {
		if _, err := db.Submit(t.Context(), addUser(1)); forum.KindOf(err) != forum.Conflict {
			t.Errorf("a second account of a name: %v", err)
		}
	}
	if commits != 1 {
		t.Errorf("%d commits for one change", commits)
	}
}

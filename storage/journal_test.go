package storage

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// TestLeavingTheQueue: if the context of a caller ends while the writer is busy, the caller
// leaves, and its change never happens.
func TestLeavingTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		db := open(t, t.TempDir(), Options{hooks: boltfile.Hooks{Commit: g.commit}})
		var a, left answers
		a.submit(t.Context(), db, addUser(1))
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		left.submit(ctx, db, addUser(2))
		a.submit(t.Context(), db, addUser(3))
		synctest.Wait()
		cancel()
		left.wg.Wait()
		if err := left.errs[0]; !errors.Is(err, context.Canceled) || forum.KindOf(err) != forum.Unavailable {
			t.Errorf("the one who left: %v", err)
		}
		close(g.open)
		a.wg.Wait()
		for range 20 {
			synctest.Wait() // the writer waits for changes, and takes none of these
			if _, err := db.Submit(ctx, addUser(2)); !errors.Is(err, context.Canceled) {
				t.Errorf("with a context that has ended: %v", err)
			}
		}
		view(t, db, func(r forum.Reader) {
			if _, ok := r.UserByName("user2"); ok || r.Seq() != 2 {
				t.Errorf("the change of the one who left happened; the last number is %d", r.Seq())
			}
		})
	})
}

// TestCloseFinishesWhatWasTaken: a change in its commit is answered, those that still
// wait are told at once.
func TestCloseFinishesWhatWasTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		db := open(t, t.TempDir(), Options{hooks: boltfile.Hooks{Commit: g.commit}})
		var taken, waiting answers
		taken.submit(t.Context(), db, addUser(1))
		synctest.Wait()
		for i := range 5 {
			waiting.submit(t.Context(), db, addUser(i+2))
		}
		synctest.Wait()
		var closed sync.WaitGroup
		closed.Go(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		if taken.count() != 0 || waiting.count() != 5 {
			t.Errorf("while closing: %d and %d answers", taken.count(), waiting.count())
		}
		close(g.open)
		closed.Wait()
		taken.wg.Wait()
		if taken.errs[0] != nil {
			t.Errorf("the change that was taken: %v", taken.errs[0])
		}
		for _, err := range waiting.errs {
			if forum.KindOf(err) != forum.Stopping {
				t.Errorf("a change that waited: %v", err)
			}
		}
	})
}

// TestPause: after a slow commit of several changes, the writer waits for the callers it has
// just answered. A single caller never waits, nor does anybody on a fast disk.
func TestPause(t *testing.T) {
	for name, test := range map[string]struct {
		commit time.Duration
		want   time.Duration
	}{
		"slow disk": {6 * time.Millisecond, 4*6*time.Millisecond + gatherPause},
		"fast disk": {5 * time.Millisecond, 4 * 5 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				db := open(t, t.TempDir(), Options{hooks: boltfile.Hooks{Commit: func(bolt *boltfile.Tx) error {
					time.Sleep(test.commit)
					return bolt.Commit()
				}}})
				started := time.Now()
				do(t, db, addUser(1)) // alone
				var a answers
				a.submit(t.Context(), db, addUser(2)) // alone
				synctest.Wait()
				a.submit(t.Context(), db, addUser(3)) // these two together
				a.submit(t.Context(), db, addUser(4))
				a.wg.Wait()
				do(t, db, addUser(5)) // after two together
				if took := time.Since(started); took != test.want {
					t.Errorf("four commits took %s, want %s", took, test.want)
				}
			})
		})
	}
}

package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
)

// ordinary is a Change that does not set the time.
type ordinary struct{ Change }

func (c ordinary) Apply(tx forum.Tx) (any, error) { return c.Do(tx) }

func testNumberAndTime(t *testing.T, open Open) {
	f := start(t, open, Options{})
	stamp := func(at time.Time) ordinary {
		return ordinary{Change{Name: "stamp", At: at, Do: func(tx forum.Tx) (any, error) {
			tx.PutUser(forum.User{ID: tx.NewUserID(), Name: fmt.Sprint("user", tx.Seq())})
			return []any{tx.Seq(), tx.Time()}, nil
		}}}
	}
	want := func(got any, seq uint64, at time.Time) {
		t.Helper()
		if diff := cmp.Diff([]any{seq, at}, got); diff != "" {
			t.Errorf("number and time in Apply (-want +got):\n%s", diff)
		}
		f.view(func(r forum.Reader) {
			if r.Seq() != seq || r.Time() != at {
				t.Errorf("number and time in View: %d, %s, want %d, %s", r.Seq(), r.Time(), seq, at)
			}
		})
	}
	f.view(func(r forum.Reader) {
		if r.Seq() != 0 || !r.Time().IsZero() || r.EventsFrom() != 1 {
			t.Errorf("an empty store: %d, %s, %d", r.Seq(), r.Time(), r.EventsFrom())
		}
	})
	at := func(steps float64) time.Time { return noon.Add(time.Duration(steps * float64(forum.MaxStep))) }
	want(f.do(stamp(noon)), 1, noon)
	want(f.do(stamp(at(1))), 2, at(1))
	want(f.do(stamp(noon)), 3, at(1))
	f.refuse(forum.Conflict, Change{Name: "refused", At: at(9), Do: func(tx forum.Tx) (any, error) {
		tx.Publish(forum.Event{Kind: forum.UserRegistered})
		return nil, forum.Errorf(forum.Conflict, "refused")
	}})
	want(f.do(stamp(at(2).Add(1))), 4, at(1))
	f.reopen()
	want(f.do(stamp(at(1.5).In(time.FixedZone("", 3600)))), 5, at(1.5))
	want(f.do(stamp(at(1000)).Change), 6, at(1000))
	want(f.do(stamp(at(1))), 7, at(1000))
	want(f.do(stamp(at(1001))), 8, at(1001))
	back := func(tx forum.Tx) (any, error) {
		tx.SetTime(at(2))
		return []any{tx.Seq(), tx.Time()}, nil
	}
	want(f.do(ordinary{Change{Name: "back", At: at(2), Do: back}}), 9, at(2))
	want(f.do(stamp(at(1001))), 10, at(2))
	want(f.do(stamp(at(3))), 11, at(3))
}

func testRefusals(t *testing.T, open Open) {
	var published []forum.Event
	f := start(t, open, Options{Publish: func(e []forum.Event) { published = append(published, e...) }})
	thread := f.do(AddThread("3331")).(forum.Thread).ID
	m := f.do(Post(thread, 1, "text")).(forum.Message)
	f.do(AddUser("yoda"))
	published = nil
	before := f.hash()
	f.refuse(forum.Conflict, AddThread("3331"))
	f.refuse(forum.NotFound, Post(9, 1, "text"))
	f.refuse(forum.NotFound, Delete(forum.MessageID{Thread: thread, Seq: 2}))
	f.refuse(forum.Conflict, Restore(m.ID))
	f.refuse(forum.Conflict, AddUser("YODA"))
	if f.hash() != before || published != nil {
		t.Errorf("refused changes left a trace, or events: %v", published)
	}

	dirty := Change{Name: "dirty", Do: func(tx forum.Tx) (any, error) {
		tx.SetPassword(1, "secret")
		m.Removed = forum.Removal{By: 1, At: tx.Time()}
		tx.PutMessage(m)
		tx.NewThreadID()
		return nil, errRefused
	}}
	if _, err := f.Submit(t.Context(), dirty); !errors.Is(err, errRefused) {
		t.Errorf("a change refused after it had written: %v", err)
	}
	if f.hash() != before {
		t.Error("a change refused after it had written left a trace")
	}
}

// testFaults mixes changes that panic or break the store's rules with sound ones.
func testFaults(t *testing.T, open Open) {
	f := start(t, open, Options{})
	thread := f.do(AddThread("3331")).(forum.Thread).ID
	m := f.do(Post(thread, 1, "text")).(forum.Message)
	f.do(AddUser("yoda"), Audit(forum.AuditEntry{Act: "test"}))
	before := f.hash()
	faults := map[string]func(tx forum.Tx){
		"second event": func(tx forum.Tx) {
			tx.Publish(forum.Event{Kind: forum.UserCame})
			tx.Publish(forum.Event{Kind: forum.UserWent})
		},
		"panic":                    func(forum.Tx) { panic("on purpose") },
		"panic after writing":      func(tx forum.Tx) { tx.SetPassword(1, "secret"); panic("on purpose") },
		"runtime error":            func(tx forum.Tx) { _ = []byte(nil)[tx.Seq()] },
		"second thread of a title": func(tx forum.Tx) { tx.PutThread(forum.Thread{ID: tx.NewThreadID(), Title: "3331"}) },
		"second user of a name":    func(tx forum.Tx) { tx.PutUser(forum.User{ID: tx.NewUserID(), Name: "Yoda"}) },
		"purge of a live message":  func(tx forum.Tx) { tx.PurgeMessage(m.ID) },
		"purge of a live thread":   func(tx forum.Tx) { tx.PurgeThread(thread, 10) },
		"thread without a title":   func(tx forum.Tx) { tx.PutThread(forum.Thread{ID: tx.NewThreadID()}) },
		"title too long for a key": func(tx forum.Tx) { tx.PutThread(forum.Thread{ID: thread, Title: string(make([]byte, 40_000))}) },
		"entry of the past":        func(tx forum.Tx) { tx.AppendAudit(sealed(forum.AuditHead{}, forum.AuditEntry{Act: "again"})) },
		"entry beyond the next":    func(tx forum.Tx) { tx.AppendAudit(sealed(forum.AuditHead{N: 7}, forum.AuditEntry{})) },
		"entry of another chain":   func(tx forum.Tx) { tx.AppendAudit(sealed(forum.AuditHead{N: 1}, forum.AuditEntry{})) },
		"panic while ranging":      func(tx forum.Tx) { tx.Threads()(func(forum.Thread) bool { panic("on purpose") }) },
	}
	for name, fault := range faults {
		if result, err := f.Submit(t.Context(), Write(fault)); err == nil || forum.KindOf(err) != forum.Internal {
			t.Errorf("%s: %v, %v, want an Internal error", name, result, err)
		}
	}
	if f.hash() != before {
		t.Error("changes that failed left a trace")
	}

	var wg sync.WaitGroup
	for _, fault := range faults {
		for range 4 {
			wg.Go(func() {
				if _, err := f.Submit(t.Context(), Write(fault)); err == nil || forum.KindOf(err) != forum.Internal {
					t.Errorf("among others: %v, want an Internal error", err)
				}
			})
			wg.Go(func() {
				if _, err := f.Submit(t.Context(), Post(thread, 1, "sound")); err != nil {
					t.Errorf("a sound change among others: %v", err)
				}
			})
		}
	}
	wg.Wait()
	f.view(func(r forum.Reader) {
		if got, _ := r.Thread(thread); int(got.Messages) != 1+4*len(faults) {
			t.Errorf("%d messages, want %d", got.Messages, 1+4*len(faults))
		}
	})
}

func testContextEnded(t *testing.T, open Open) {
	f := start(t, open, Options{})
	before := f.hash()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Submit(ctx, AddUser("yoda")); !errors.Is(err, context.Canceled) {
		t.Errorf("Submit with a context that ended: %v", err)
	}
	if f.hash() != before {
		t.Error("a change that was not taken left a trace")
	}

	// A change that was taken happens, whatever its caller does.
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	result, err := f.Submit(ctx, Change{Name: "leave", Do: func(tx forum.Tx) (any, error) {
		cancel()
		return AddUser("yoda").Do(tx)
	}})
	if u, ok := result.(forum.User); err != nil || !ok || u.ID != 1 {
		t.Errorf("a change that was taken: %v, %v", result, err)
	}
}

func testClosed(t *testing.T, open Open) {
	f := start(t, open, Options{})
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Errorf("the second Close: %v", err)
	}
	if _, err := f.Submit(t.Context(), AddUser("yoda")); forum.KindOf(err) != forum.Stopping {
		t.Errorf("Submit: %v", err)
	}
	if err := f.View(func(forum.Reader) error { return nil }); forum.KindOf(err) != forum.Stopping {
		t.Errorf("View: %v", err)
	}
	if err := f.Check(); forum.KindOf(err) != forum.Stopping {
		t.Errorf("Check: %v", err)
	}
	if _, err := f.Hash(); forum.KindOf(err) != forum.Stopping {
		t.Errorf("Hash: %v", err)
	}
}

// testCloseWhileBusy closes the store under 100 callers: each is either told that it is
// stopping or finds its change kept.
func testCloseWhileBusy(t *testing.T, open Open) {
	f := start(t, open, Options{})
	thread := f.do(AddThread("3331")).(forum.Thread).ID
	acked := make([][]forum.MessageID, 100)
	var wg sync.WaitGroup
	var running sync.WaitGroup
	for i := range acked {
		running.Add(1)
		wg.Go(func() {
			for {
				result, err := f.Submit(context.Background(), Post(thread, 1, fmt.Sprint(i)))
				if len(acked[i]) == 0 {
					running.Done()
				}
				if err != nil {
					if forum.KindOf(err) != forum.Stopping {
						t.Errorf("caller %d: %v", i, err)
					}
					return
				}
				acked[i] = append(acked[i], result.(forum.Message).ID)
			}
		})
	}
	running.Wait()
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	wg.Wait()
	f.reopen()
	total := 0
	f.view(func(r forum.Reader) {
		for i, ids := range acked {
			total += len(ids)
			for _, id := range ids {
				if m, ok := r.Message(id); !ok || m.Text != fmt.Sprint(i) {
					t.Errorf("message %s of caller %d: %+v, %v", id, i, m, ok)
				}
			}
		}
		if th, _ := r.Thread(thread); int(th.Messages) != total {
			t.Errorf("%d messages, %d were acknowledged", th.Messages, total)
		}
	})
}

func testViewError(t *testing.T, open Open) {
	f := start(t, open, Options{})
	if err := f.View(func(forum.Reader) error { return errRefused }); !errors.Is(err, errRefused) {
		t.Errorf("View returned %v", err)
	}
	func() {
		defer func() {
			if p := recover(); p != "on purpose" {
				t.Errorf("View's panic became %v", p)
			}
		}()
		_ = f.View(func(forum.Reader) error { panic("on purpose") })
	}()
	f.do(AddUser("yoda"))
}

func testKeptAfterReopen(t *testing.T, open Open) {
	f := start(t, open, Options{})
	thread := f.do(AddThread("3331")).(forum.Thread).ID
	for i := range 10 {
		f.do(Post(thread, 1, fmt.Sprint(i)))
		f.do(AddUser(fmt.Sprint("user", i)))
	}
	before := f.hash()
	f.reopen()
	if f.hash() != before {
		t.Error("the store changed while it was closed")
	}
	m := f.do(Post(thread, 1, "next")).(forum.Message)
	u := f.do(AddUser("next")).(forum.User)
	if m.ID.Seq != 11 || u.ID != 11 {
		t.Errorf("after reopening message %s and user %d came next", m.ID, u.ID)
	}
	f.view(func(r forum.Reader) {
		if got := len(slices.Collect(r.Events(0))); got != 23 {
			t.Errorf("%d events are kept, want 23", got)
		}
	})
}

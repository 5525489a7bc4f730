// Package storetest is the contract of forum.Store and forum.Journal, as tests that
// every implementation runs. It knows what the interfaces of package forum promise, and
// nothing of how a store keeps it.
package storetest

import (
	"errors"
	"testing"
	"time"

	"sshforum/forum"
)

// Store is an implementation under test.
type Store interface {
	forum.Store
	forum.Journal

	// Check returns what is inconsistent in the store.
	Check() error
	// Hash covers everything that is stored.
	Hash() ([32]byte, error)
	// Close finishes what was taken. After it, and when called again, nothing happens.
	Close() error
}

// Options are what the contract needs to set of a store.
type Options struct {
	Publish    func([]forum.Event)
	EventsKept uint64 // 0 keeps all
}

// Open opens the store in dir, which is empty or was used by an earlier store that is
// closed by now.
type Open func(t testing.TB, dir string, o Options) Store

// Run tests the implementation that open opens.
func Run(t *testing.T, open Open) {
	for name, test := range map[string]func(*testing.T, Open){
		"Users":           testUsers,
		"Names":           testNames,
		"Skeletons":       testSkeletons,
		"Keys":            testKeys,
		"Personal":        testPersonal,
		"Blocks":          testBlocks,
		"BannedNetworks":  testBannedNetworks,
		"Reports":         testReports,
		"Visits":          testVisits,
		"Letters":         testLetters,
		"Receipts":        testReceipts,
		"Invites":         testInvites,
		"Erasures":        testErasures,
		"UnnamedBlobs":    testUnnamedBlobs,
		"DropPrivate":     testDropPrivate,
		"Threads":         testThreads,
		"RemovedThreads":  testRemovedThreads,
		"Numbers":         testNumbers,
		"Entries":         testEntries,
		"Edits":           testEdits,
		"Hidden":          testHidden,
		"Interests":       testInterests,
		"ThreadsSince":    testThreadsSince,
		"Backlogs":        testBacklogs,
		"Mentions":        testMentions,
		"Removals":        testRemovals,
		"Matches":         testMatches,
		"Audit":           testAudit,
		"PurgeThread":     testPurgeThread,
		"WritingInLoops":  testWritingInLoops,
		"Model":           testModel,
		"NumberAndTime":   testNumberAndTime,
		"Leaps":           testLeaps,
		"MoveBack":        testMoveBack,
		"Refusals":        testRefusals,
		"Faults":          testFaults,
		"Events":          testEvents,
		"EventsKept":      testEventsKept,
		"PublishOrder":    testPublishOrder,
		"ManyWriters":     testManyWriters,
		"Snapshots":       testSnapshots,
		"ContextEnded":    testContextEnded,
		"Closed":          testClosed,
		"CloseWhileBusy":  testCloseWhileBusy,
		"ViewError":       testViewError,
		"LargestRows":     testLargestRows,
		"KeptAfterReopen": testKeptAfterReopen,
	} {
		t.Run(name, func(t *testing.T) { test(t, open) })
	}
}

// CheckAtEnd makes t fail when s is inconsistent at its end, and closes s.
func CheckAtEnd(t testing.TB, s Store) {
	t.Helper()
	t.Cleanup(func() { CheckAndClose(t, s) })
}

// CheckAndClose makes t fail when s is inconsistent, and closes s. A store that is
// closed already is left alone.
func CheckAndClose(t testing.TB, s Store) {
	t.Helper()
	if err := s.Check(); err != nil && forum.KindOf(err) != forum.Stopping {
		t.Errorf("the store is inconsistent: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// fixture is an open store in a directory of its own.
type fixture struct {
	Store
	t    testing.TB
	dir  string
	open Open
	o    Options
}

func start(t testing.TB, open Open, o Options) *fixture {
	t.Helper()
	dir := t.TempDir()
	f := &fixture{Store: open(t, dir, o), t: t, dir: dir, open: open, o: o}
	t.Cleanup(func() { CheckAndClose(t, f.Store) })
	return f
}

// reopen closes the store and opens it again.
func (f *fixture) reopen() {
	f.t.Helper()
	CheckAndClose(f.t, f.Store)
	f.Store = f.open(f.t, f.dir, f.o)
}

// do submits changes that must happen, and returns the last one's result.
func (f *fixture) do(changes ...forum.Change) (result any) {
	f.t.Helper()
	for _, c := range changes {
		var err error
		if result, err = f.Submit(f.t.Context(), c); err != nil {
			f.t.Fatalf("%s: %v", c.Kind(), err)
		}
	}
	return result
}

// refuse submits a change that must be refused with that kind.
func (f *fixture) refuse(kind forum.Kind, c forum.Change) {
	f.t.Helper()
	if result, err := f.Submit(f.t.Context(), c); forum.KindOf(err) != kind || err == nil {
		f.t.Fatalf("%s: got %v, %v, want an error of kind %s", c.Kind(), result, err, kind)
	}
}

func (f *fixture) view(fn func(r forum.Reader)) {
	f.t.Helper()
	err := f.View(func(r forum.Reader) error {
		fn(r)
		return nil
	})
	if err != nil {
		f.t.Fatalf("View: %v", err)
	}
}

func (f *fixture) hash() [32]byte {
	f.t.Helper()
	sum, err := f.Hash()
	if err != nil {
		f.t.Fatalf("Hash: %v", err)
	}
	return sum
}

// noon is when tests begin; a change without a time happens then.
var noon = time.Date(2024, 5, 17, 12, 0, 0, 0, time.UTC)

var errRefused = errors.New("refused")

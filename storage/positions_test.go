package storage

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

// scratch opens a transaction that is never committed.
func scratch(t testing.TB) *tx {
	t.Helper()
	db := open(t, t.TempDir(), Options{})
	tx, err := begin(db.file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tx.bolt.Rollback() })
	return tx
}

// failer is the common part of testing.T and rapid.T.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// samePositions compares the tree of a thread with a sorted slice, at every step-th place.
func samePositions(t failer, tx *tx, thread forum.ThreadID, want []uint64, step int) {
	t.Helper()
	p := positions{&tx.reader, thread}
	for i := 0; i < len(want); i += step {
		if seq, ok := p.at(uint64(i) + 1); !ok || seq != want[i] {
			t.Fatalf("at(%d) of %d: %d, %v, want %d", i+1, len(want), seq, ok, want[i])
		}
		if n, ok := p.number(want[i]); !ok || n != uint64(i)+1 {
			t.Fatalf("number(%d): %d, %v, want %d", want[i], n, ok, i+1)
		}
	}
	for _, seq := range []uint64{0, 1, 255, 256, 1<<16 - 1, 1 << 16, 1 << 35, 1<<64 - 1} {
		below := slices.IndexFunc(want, func(s uint64) bool { return s > seq })
		if below < 0 {
			below = len(want)
		}
		if n := p.rank(seq); n != uint64(below) {
			t.Fatalf("rank(%d) of %d: %d, want %d", seq, len(want), n, below)
		}
	}
	for _, n := range []uint64{0, uint64(len(want)) + 1, 1<<64 - 1} {
		if seq, ok := p.at(n); ok {
			t.Fatalf("at(%d) of %d: %d", n, len(want), seq)
		}
	}
	if tx.fault != nil {
		t.Fatalf("%v", tx.fault)
	}
}

// sameTree checks the nodes of a thread's tree.
func sameTree(t failer, tx *tx, thread forum.ThreadID, want []uint64) {
	t.Helper()
	rows := make(leaves)
	for _, seq := range want {
		index, bit := place(seq, 0)
		if rows[index] == nil {
			rows[index] = make([]byte, 32)
		}
		rows[index][bit/8] |= 1 << (bit % 8)
	}
	c := checker{reader: tx.reader, Findings: new(boltfile.Findings)}
	c.tree(positions{&c.reader, thread}, rows, c.count(positionsBucket, threadKey(thread)))
	if err := c.Err(); err != nil {
		t.Fatalf("%v", err)
	}
}

func TestPositionsOfAnySet(t *testing.T) {
	tx := scratch(t)
	thread := forum.ThreadID(0)
	rapid.Check(t, func(rt *rapid.T) {
		thread++
		// Sparse ones need high trees; those near a power of 256 are where trees grow.
		seqs := rapid.OneOf(
			rapid.Uint64Range(1, 600),
			rapid.Uint64Range(1<<16-300, 1<<16+300),
			rapid.Uint64Range(1, 70_000),
			rapid.Uint64Range(1, 1<<34),
		)
		set := make(map[uint64]bool)
		for _, seq := range rapid.SliceOfN(seqs, 1, 200).Draw(rt, "seqs") {
			if id := (forum.MessageID{Thread: thread, Seq: seq}); rapid.IntRange(0, 3).Draw(rt, "act") > 0 {
				set[seq] = true
				tx.insertPosition(id)
			} else {
				delete(set, seq)
				tx.removePosition(id)
			}
		}
		for _, seq := range rapid.SliceOf(rapid.SampledFrom(slices.Sorted(maps.Keys(withOne(set))))).Draw(rt, "removed") {
			delete(set, seq)
			tx.removePosition(forum.MessageID{Thread: thread, Seq: seq})
		}
		want := slices.Sorted(maps.Keys(set))
		samePositions(rt, tx, thread, want, 1)
		sameTree(rt, tx, thread, want)
		for _, seq := range append([]uint64{0, 1, 255, 256, 1 << 16, 1<<64 - 1}, rapid.SliceOf(seqs).Draw(rt, "others")...) {
			if n, ok := (positions{&tx.reader, thread}).number(seq); ok != set[seq] {
				rt.Fatalf("number(%d): %d, %v, want %v", seq, n, ok, set[seq])
			}
		}
	})
}

func withOne(set map[uint64]bool) map[uint64]bool {
	set = maps.Clone(set)
	set[1] = true
	return set
}

// TestPositionsOfLongThread posts 70,000 messages, which need three levels, deletes
// every third, and restores every ninth.
func TestPositionsOfLongThread(t *testing.T) {
	tx := scratch(t)
	const last = 70_000
	id := func(seq uint64) forum.MessageID { return forum.MessageID{Thread: 7, Seq: seq} }
	filter := func(keep func(seq uint64) bool) (seqs []uint64) {
		for seq := uint64(1); seq <= last; seq++ {
			if keep(seq) {
				seqs = append(seqs, seq)
			}
		}
		return seqs
	}
	for seq := uint64(1); seq <= last; seq++ {
		tx.insertPosition(id(seq))
	}
	all := filter(func(uint64) bool { return true })
	samePositions(t, tx, 7, all, 251)
	sameTree(t, tx, 7, all)
	for seq := uint64(3); seq <= last; seq += 3 {
		tx.removePosition(id(seq))
		tx.removePosition(id(seq)) // a second time does nothing
	}
	samePositions(t, tx, 7, filter(func(seq uint64) bool { return seq%3 != 0 }), 127)
	for seq := uint64(9); seq <= last; seq += 9 {
		tx.insertPosition(id(seq))
		tx.insertPosition(id(seq))
	}
	rest := filter(func(seq uint64) bool { return seq%3 != 0 || seq%9 == 0 })
	samePositions(t, tx, 7, rest, 1)
	sameTree(t, tx, 7, rest)
	if height := (positions{&tx.reader, 7}).height(); height != 2 {
		t.Errorf("the tree has height %d, want 2", height)
	}
	samePositions(t, tx, 6, nil, 1)
	samePositions(t, tx, 8, nil, 1)
}

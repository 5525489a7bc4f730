package storetest

import (
	"slices"
	"testing"
	"time"

	"sshforum/forum"
)

func testReceipts(t *testing.T, open Open) {
	f := start(t, open, Options{})
	for _, name := range []string{"yoda", "luke", "leia"} {
		f.do(AddUser(name))
	}
	put := func(by forum.UserID, key string, after time.Duration) forum.Receipt {
		r := forum.Receipt{
			ReceiptID: forum.ReceiptID{By: by, Key: key, At: noon.Add(after)},
			Asked:     [32]byte{1, 31: byte(by)}, Made: forum.MessageID{Thread: 3, Seq: 7},
		}
		f.do(Write(func(tx forum.Tx) { tx.PutReceipt(r) }))
		return r
	}
	all := func(seq func(func(forum.ReceiptID) bool)) (keys []string) {
		for id := range seq {
			keys = append(keys, id.Key)
		}
		return keys
	}
	want := func(what string, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	late, early, another, last := put(1, "a", time.Hour), put(1, "b ~", 0), put(2, "a", time.Minute), put(3, "c", 0)
	f.reopen()
	f.view(func(r forum.Reader) {
		for _, want := range []forum.Receipt{late, early, another, last} {
			if got, ok := r.Receipt(want.By, want.Key); !ok || got != want {
				t.Errorf("Receipt(%d, %q): %+v, %v, want %+v", want.By, want.Key, got, ok, want)
			}
		}
		if _, ok := r.Receipt(2, "b ~"); ok {
			t.Error("there is a receipt of another's key")
		}
		want("Receipts", all(r.Receipts(1)), "b ~", "a")
		want("Receipts of nobody", all(r.Receipts(9)))
		want("ReceiptsBefore the first", all(r.ReceiptsBefore(noon)))
		want("ReceiptsBefore the second", all(r.ReceiptsBefore(noon.Add(time.Minute))), "b ~", "c")
		want("ReceiptsBefore the end", all(r.ReceiptsBefore(noon.Add(2*time.Hour))), "b ~", "a", "a", "c")
		for range r.ReceiptsBefore(noon.Add(2 * time.Hour)) {
			break
		}
	})
	f.do(Write(func(tx forum.Tx) {
		for id := range tx.Receipts(1) {
			tx.DropReceipt(id)
		}
	}))
	f.view(func(r forum.Reader) {
		if _, ok := r.Receipt(1, "a"); ok {
			t.Error("a dropped receipt is found")
		}
		want("Receipts after a drop", all(r.Receipts(1)))
		want("ReceiptsBefore after a drop", all(r.ReceiptsBefore(noon.Add(2*time.Hour))), "a", "c")
	})
}

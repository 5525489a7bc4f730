package rules_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/rules"
)

func TestRestoreMessage(t *testing.T) {
	f := thread3331(t)
	yoda, obi, mod := f.As("Yoda"), f.As("Obi-wan"), f.AsRole("Mace", forum.Moderator)
	gone := must[rules.Posted](t)(f.Service.DeleteMessage(ctx, obi, number(2))).Message.ID
	target := rules.Target{Title: "3331", ID: gone}
	_, err := f.Service.RestoreMessage(ctx, yoda, target)
	wants(t, err, forum.Denied, "The message was deleted by another user and cannot be restored")
	if p := must[rules.Posted](t)(f.Service.RestoreMessage(ctx, obi, target)); p.Number != 2 {
		t.Errorf("restored as number %d, want 2", p.Number)
	}
	_, err = f.Service.RestoreMessage(ctx, obi, target)
	wants(t, err, forum.Conflict, "The message is not deleted; there is nothing to restore.")

	must[rules.Posted](t)(f.Service.DeleteMessage(ctx, mod, number(2)))
	_, err = f.Service.RestoreMessage(ctx, obi, target)
	wants(t, err, forum.Denied, "The message was deleted by another user and cannot be restored")
	must[rules.Posted](t)(f.Service.RestoreMessage(ctx, mod, target))
	want := []string{"1 Yoda: one", "2 Obi-wan: two", "3 Yoda: three"}
	if diff := cmp.Diff(want, texts(t, f, "3331", rules.Range{})); diff != "" {
		t.Error(diff)
	}
}

func TestRestoreThread(t *testing.T) {
	f := thread3331(t)
	yoda := f.As("Yoda")
	must[forum.Thread](t)(f.Service.RemoveThread(ctx, yoda, "3331"))
	must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("Obi-wan"), "3331"))
	_, err := f.Service.RestoreThread(ctx, yoda, "3331", "")
	wants(t, err, forum.Conflict, "Thread 3331 exists")
	_, err = f.Service.RestoreThread(ctx, f.As("Obi-wan"), "3331", "mine")
	wants(t, err, forum.Denied, "Thread 3331 was removed by another user and cannot be restored")
	must[forum.Thread](t)(f.Service.RestoreThread(ctx, yoda, "3331", "3331-old"))
	if got := texts(t, f, "3331-old", rules.Range{}); len(got) != 3 {
		t.Errorf("the restored thread has %q", got)
	}
	_, err = f.Service.RestoreThread(ctx, yoda, "3331", "")
	wants(t, err, forum.NotFound, "No thread 3331 was removed that could be restored.")
}

func TestPurgeFreesWhatCannotBeRestored(t *testing.T) {
	f := thread3331(t)
	yoda := f.As("Yoda")
	must[forum.Thread](t)(f.Service.CreateThread(ctx, yoda, "big"))
	for range 2500 { // more than two steps of a purge
		post(t, f, "Yoda", "big", "x")
	}
	gone := must[rules.Posted](t)(f.Service.DeleteMessage(ctx, yoda, number(1))).Message.ID
	must[forum.Thread](t)(f.Service.RemoveThread(ctx, yoda, "big"))
	f.Clock.Advance(24 * time.Hour)
	later := must[rules.Posted](t)(f.Service.DeleteMessage(ctx, yoda, number(2))).Message.ID

	f.Clock.Advance(f.Service.RestoreWindow() - 23*time.Hour)
	if err := f.Service.Purge(ctx); err != nil {
		t.Fatal(err)
	}
	_, err := f.Service.RestoreThread(ctx, yoda, "big", "")
	wants(t, err, forum.NotFound, "No thread big was removed that could be restored.")
	_, err = f.Service.RestoreMessage(ctx, yoda, rules.Target{Title: "3331", ID: gone})
	wants(t, err, forum.NotFound, "Invalid message number")
	must[rules.Posted](t)(f.Service.RestoreMessage(ctx, yoda, rules.Target{Title: "3331", ID: later}))
	err = f.Store.View(func(r forum.Reader) error {
		for id := range r.Removals(f.Clock.Now()) {
			t.Errorf("%v is still kept", id)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWindowHoldsBeforeThePurge(t *testing.T) {
	f := thread3331(t)
	yoda := f.As("Yoda")
	gone := must[rules.Posted](t)(f.Service.DeleteMessage(ctx, yoda, number(1))).Message.ID
	must[forum.Thread](t)(f.Service.CreateThread(ctx, yoda, "old"))
	must[forum.Thread](t)(f.Service.RemoveThread(ctx, yoda, "old"))
	f.Clock.Advance(f.Service.RestoreWindow() + time.Second)
	_, err := f.Service.RestoreMessage(ctx, yoda, rules.Target{Title: "3331", ID: gone})
	wants(t, err, forum.NotFound, "Invalid message number")
	_, err = f.Service.RestoreThread(ctx, yoda, "old", "")
	wants(t, err, forum.NotFound, "No thread old was removed that could be restored.")
}

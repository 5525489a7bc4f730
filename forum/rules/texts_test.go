package rules_test

import (
	"strings"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// wrote fails the test unless name's texts have n bytes.
func wrote(t *testing.T, f *forumtest.Forum, name string, n int64) {
	t.Helper()
	id := f.As(name).User
	err := f.Store.View(func(r forum.Reader) error {
		if got := r.TextsBy(id); got != n {
			t.Errorf("the texts of %s have %d bytes, want %d", name, got, n)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestTextsAreCounted as long as they are kept, whoever can read them.
func TestTextsAreCounted(t *testing.T) {
	f := thread3331(t)
	s, yoda := f.Service, f.As("Yoda")
	wrote(t, f, "Yoda", 8) // one, three
	must[rules.Posted](t)(s.EditMessage(ctx, yoda, number(1), "uno"))
	must[rules.Posted](t)(s.EditMessage(ctx, yoda, number(1), "un"))
	wrote(t, f, "Yoda", 13)
	upload(t, f, "Yoda", in3331, "a-file-is-counted-elsewhere", "content")
	f.As("Luke")
	must[rules.Delivery](t)(s.SendPrivateMessage(ctx, yoda, "Luke", "dear"))
	wrote(t, f, "Yoda", 17)
	wrote(t, f, "Luke", 0)
	deleted := must[rules.Posted](t)(s.DeleteMessage(ctx, yoda, number(1)))
	wrote(t, f, "Yoda", 17)
	must[rules.Posted](t)(s.RestoreMessage(ctx, yoda, rules.Target{Title: "3331", ID: deleted.Message.ID}))
	wrote(t, f, "Yoda", 17)
	must[rules.Posted](t)(s.DeleteMessage(ctx, yoda, number(1)))
	f.Clock.Advance(s.RestoreWindow() + time.Second)
	purge(t, f)
	wrote(t, f, "Yoda", 9)
	must[rules.Posted](t)(s.EditMessage(ctx, f.As("Obi-wan"), number(1), "deux"))
	must[forum.Thread](t)(s.RemoveThread(ctx, f.AsRole("Mace", forum.Admin), "3331"))
	wrote(t, f, "Obi-wan", 7)
	f.Clock.Advance(s.RestoreWindow() + time.Second)
	purge(t, f)
	wrote(t, f, "Yoda", 4)
	wrote(t, f, "Obi-wan", 0)
	for _, name := range []string{"Yoda", "Luke"} {
		must[forum.User](t)(s.CloseOwn(ctx, f.As(name), forumtest.Password(name), false))
	}
	err := f.Store.View(func(r forum.Reader) error {
		if n := r.TextsBy(yoda.User); n != 0 {
			t.Errorf("when both of a conversation are gone, %d bytes of it are counted", n)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestTextsHaveAQuota, in whatever way they are written.
func TestTextsHaveAQuota(t *testing.T) {
	const says = "Your messages may have at most 100 bytes in all; delete some (their space is free once they are gone for good), or ask the operator for more."
	f := thread3331(t, func(c *rules.Config) { c.Quotas.Texts, c.GuestThread = 100, rules.Lobby })
	s, yoda := f.Service, f.As("Yoda") // who has written 8 bytes
	f.As("Luke")
	long, fits := strings.Repeat("x", 93), strings.Repeat("x", 92)
	writes := map[string]func(text string) error{
		"post":  func(text string) error { return second(s.Post(ctx, yoda, "3331", text)) },
		"reply": func(text string) error { return second(s.Reply(ctx, yoda, number(2), text)) },
		"edit":  func(text string) error { return second(s.EditMessage(ctx, yoda, number(1), text)) },
		"tell":  func(text string) error { return second(s.SendPrivateMessage(ctx, yoda, "Luke", text)) },
	}
	for _, write := range writes {
		wants(t, write(long), forum.Limited, says)
	}
	wrote(t, f, "Yoda", 8)
	if err := writes["tell"](fits); err != nil {
		t.Error(err)
	}
	for _, write := range writes {
		wants(t, write("x"), forum.Limited, says)
	}
	post(t, f, "Luke", "3331", "mine")
	guest := func(name string) error {
		return second(s.Post(ctx, rules.Actor{User: forum.Guests, Name: name}, rules.Lobby, fits))
	}
	if err := guest("Wanda"); err != nil {
		t.Error(err)
	}
	wants(t, guest("Han"), forum.Limited, "The messages of all guests have at most 100 bytes; log in to write more.")
}

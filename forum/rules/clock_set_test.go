package rules_test

import (
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

func TestWhoSetsTheTime(t *testing.T) {
	f := forumtest.New(t)
	admin := f.AsRole("Padme", forum.Admin)
	_, err := f.Time.Set(ctx, rules.Operator(), false)
	wants(t, err, forum.Conflict, "The forum's time agrees with the machine's clock; there is nothing to set.")
	f.Clock.Set(century)
	for _, name := range []string{"Mace", "Yoda"} {
		_, err := f.Time.Set(ctx, f.AsRole(name, forum.Role(len(name)%2)), false)
		wants(t, err, forum.Denied, "Only an admin can set the forum's time.")
	}
	was := must[rules.ClockState](t)(f.Time.Set(ctx, admin, false))
	if !was.Forum.Add(century).Equal(was.Machine) || !f.Time.Now().Equal(was.Machine) {
		t.Errorf("it was %s, is %s, and the machine's clock shows %s", was.Forum, f.Time.Now(), was.Machine)
	}
	wantLeaps(t, f, 1)
	log := must[rules.AuditLog](t)(f.Service.Audit(admin, 1))
	e := log.Entries[0]
	if !e.At.Equal(was.Machine) || e.ByName != "Padme" || e.Act != rules.AuditClockSet || e.Object != "clock" || e.Value != "it was 2026-06-01 12:00:00 UTC" {
		t.Errorf("in the audit log is %+v", e)
	}

	// That was wrong, and is undone without a trace.
	p := post(t, f, "Padme", rules.Lobby, "It is late.")[0]
	f.Clock.Set(-century)
	f.Clock.Advance(time.Hour)
	must[rules.ClockState](t)(f.Time.Set(ctx, admin, false))
	wantLeaps(t, f, 0)
	if p, _, _ := message(t, f, p.Message.ID); !p.Posted.Equal(was.Forum) {
		t.Errorf("posted %s, want %s", p.Posted, was.Forum)
	}
}

func message(t *testing.T, f *forumtest.Forum, id forum.MessageID) (m forum.Message, th forum.Thread, ok bool) {
	t.Helper()
	err := f.Store.View(func(r forum.Reader) error {
		m, ok = r.Message(id)
		th, _ = r.Thread(id.Thread)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return m, th, ok
}

// If the machine's clock is the wrong one, stored times are not moved: no leap explains how the
// forum's time can be 26 years ahead.
func TestSettingBackNeedsAReason(t *testing.T) {
	f := forumtest.New(t)
	old := post(t, f, "Yoda", rules.Lobby, "old")[0].Message
	f.Clock.Advance(10 * day)
	f.Clock.Set(2 * day) // a weekend without a server
	f.Reopen()
	latest := post(t, f, "Yoda", rules.Lobby, "new")[0].Message
	before := must[[32]byte](t)(f.Store.Hash())
	f.Clock.Set(-9497 * day)
	_, err := f.Time.Set(ctx, rules.Operator(), false)
	wants(t, err, forum.Conflict, "The machine's clock shows 2000-06-12 12:00:00 UTC, and nothing explains how the forum's time "+
		"can be wrong by 9497 d; see that the clock is right, and add --anyway.")
	if must[[32]byte](t)(f.Store.Hash()) != before {
		t.Error("it left a trace")
	}

	// It is right if the clock was wrong when the forum was founded.
	must[rules.ClockState](t)(f.Time.Set(ctx, rules.Operator(), true))
	for _, m := range []forum.Message{old, latest} {
		if m, thread, _ := message(t, f, m.ID); !m.Posted.Equal(f.Clock.Now()) || !thread.Active.Equal(f.Clock.Now()) {
			t.Errorf("%s was posted %s, and the thread's last is of %s; it is %s", m.Text, m.Posted, thread.Active, f.Clock.Now())
		}
	}
}

// If the forum's time went ahead at an earlier time, all times since then are moved, and none
// before.
func TestSettingBackFromALongWrongTime(t *testing.T) {
	f := forumtest.New(t)
	before := post(t, f, "Yoda", rules.Lobby, "before")[0].Message
	f.Clock.Set(day)
	f.Reopen()
	var since []forum.Message
	for range 10 {
		f.Clock.Advance(day)
		since = append(since, post(t, f, "Yoda", rules.Lobby, "since")[0].Message)
	}
	f.Clock.Set(-day)
	must[rules.ClockState](t)(f.Time.Set(ctx, rules.Operator(), false))
	if m, _, _ := message(t, f, before.ID); !m.Posted.Equal(before.Posted) {
		t.Errorf("what was before is of %s", m.Posted)
	}
	for n, m := range since {
		if m, _, _ := message(t, f, m.ID); !m.Posted.Equal(before.Posted.Add(time.Duration(n+1) * day)) {
			t.Errorf("message %d is of %s", n, m.Posted)
		}
	}
}

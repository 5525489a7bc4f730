package rules_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// kept reports which of the rows that are kept for a time are still there: a deleted message, a
// removed thread, an upload that was cut off, the receipt of a request, and a visit.
type kept struct{ message, thread, part, receipt, visit bool }

func whatIsKept(t testing.TB, f *forumtest.Forum, message forum.MessageID) (k kept) {
	t.Helper()
	err := f.Store.View(func(r forum.Reader) error {
		_, k.message = r.Message(message)
		_, k.thread = r.Thread(message.Thread + 1)
		for range r.Parts(forum.Folder{}) {
			k.part = true
		}
		_, k.receipt = r.Receipt(f.As("Yoda").User, "k")
		for range r.VisitsEndedSince(time.Time{}) {
			k.visit = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// No jump makes a purge drop anything early, or prevents a restore. The time around a jump that
// does not count delays the purge by some minutes.
func TestPurgeAfterAJump(t *testing.T) {
	jumping(t, func(t *testing.T, f *forumtest.Forum, jump func()) {
		yoda, witness := f.As("Yoda"), f.As("Witness")
		must[forum.Thread](t)(f.Service.CreateThread(ctx, yoda, "3331"))
		must[forum.Thread](t)(f.Service.CreateThread(ctx, yoda, "gone"))
		message := must[rules.Posted](t)(f.Service.Post(ctx, yoda, "3331", "gone", rules.Once("k"))).Message.ID
		if err := begin(t, f, "Yoda", in3331, "part", "x", rules.UploadOptions{}).Leave(ctx, true); err != nil {
			t.Fatal(err)
		}
		leave(t, must[*rules.Visit](t)(f.Service.Arrive(ctx, witness, rules.Arrival{Stays: true})))
		must[rules.Posted](t)(f.Service.DeleteMessage(ctx, yoda, number(1)))
		must[forum.Thread](t)(f.Service.RemoveThread(ctx, yoda, "gone"))
		_, began := f.Clock.Machine()
		jump()

		for _, step := range []struct {
			after time.Duration
			kept  kept
		}{
			{0, kept{true, true, true, true, true}},
			{day, kept{true, true, true, true, true}},
			{day + time.Hour, kept{true, true, false, false, true}},
			{30 * day, kept{true, true, false, false, true}},
			{30*day + time.Hour, kept{false, false, false, false, true}},
			{90 * day, kept{false, false, false, false, true}},
			{90*day + time.Hour, kept{}},
		} {
			if _, running := f.Clock.Machine(); step.after > 0 {
				f.Clock.Advance(step.after - running + began)
			}
			if err := f.Service.Purge(ctx); err != nil {
				t.Fatal(err)
			}
			if got := whatIsKept(t, f, message); got != step.kept {
				t.Errorf("after %s are kept: %+v, want %+v", step.after, got, step.kept)
			}
			_, err := f.Service.RestoreMessage(ctx, witness, rules.Target{Title: "3331", ID: message})
			if restorable := forum.KindOf(err) == forum.Denied; restorable != step.kept.message {
				t.Errorf("after %s the message is restored: %v", step.after, err)
			}
			_, err = f.Service.RestoreThread(ctx, witness, "gone", "")
			if restorable := forum.KindOf(err) == forum.Denied; restorable != step.kept.thread {
				t.Errorf("after %s the thread is restored: %v", step.after, err)
			}
		}
	})
}

// purgeModel is a forum with its true state, which does not depend on the machine's clock.
type purgeModel struct {
	*forumtest.Forum
	t       *rapid.T
	now     time.Duration // that has passed since the beginning
	wrong   time.Duration // by which the machine's clock is ahead
	deleted map[forum.MessageID]time.Duration
	last    time.Time // that a change had
}

// Whatever happens to the clock, and whether the server runs or not, no purge is early.
func TestNoPurgeIsEarly(t *testing.T) {
	spans := rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, day, 11 * day, 31 * day, 300 * day})
	wrong := rapid.SampledFrom([]time.Duration{-century, -31 * day, -day, -time.Hour, time.Hour, day, 31 * day, 300 * day, century})
	rapid.Check(t, func(rt *rapid.T) {
		m := &purgeModel{Forum: forumtest.New(t), t: rt, deleted: make(map[forum.MessageID]time.Duration)}
		m.As("Yoda")
		rt.Repeat(map[string]func(*rapid.T){
			"":        func(*rapid.T) { m.goesOn() },
			"pass":    func(t *rapid.T) { m.pass(spans.Draw(t, "span")) },
			"stop":    func(t *rapid.T) { m.stop(spans.Draw(t, "span")) },
			"restart": func(*rapid.T) { m.stop(0) },
			"wrong":   func(t *rapid.T) { m.set(wrong.Draw(t, "by")) },
			"right":   func(*rapid.T) { m.set(0) },
			"mend":    func(*rapid.T) { m.mend() },
			"delete":  func(*rapid.T) { m.delete() },
			"purge":   func(*rapid.T) { m.purge() },
		})
		m.set(0)
		m.mend()
		m.pass(31 * day)
		m.purge()
		if len(m.deleted) > 0 {
			rt.Errorf("never purged: %v", m.deleted)
		}
	})
}

// pass lets time pass, long enough for the clock to be followed if it is.
func (m *purgeModel) pass(d time.Duration) {
	for _, step := range []time.Duration{0, min(d, forum.MaxStep), max(0, d-forum.MaxStep)} {
		m.Clock.Advance(step)
		if err := m.Time.Keep(ctx); err != nil {
			m.t.Fatal(err)
		}
	}
	m.now += d
}

// stop lets time pass while no server runs.
func (m *purgeModel) stop(d time.Duration) {
	m.Clock.Set(d)
	m.Reopen()
	m.now += d
}

func (m *purgeModel) set(wrong time.Duration) {
	m.Clock.Set(wrong - m.wrong)
	m.wrong = wrong
	m.Time.Now()
}

// mend sets the time as an operator does, who may be wrong.
func (m *purgeModel) mend() {
	m.last = time.Time{}
	if _, err := m.Time.Set(ctx, rules.Operator(), true); err != nil && forum.KindOf(err) != forum.Conflict {
		m.t.Fatal(err)
	}
}

func (m *purgeModel) delete() {
	p := must[rules.Posted](m.t)(m.Service.Post(ctx, m.As("Yoda"), rules.Lobby, fmt.Sprint(len(m.deleted))))
	must[rules.Posted](m.t)(m.Service.DeleteMessage(ctx, m.As("Yoda"), rules.Target{Title: rules.Lobby, ID: p.Message.ID}))
	m.deleted[p.Message.ID] = m.now
}

func (m *purgeModel) purge() {
	if err := m.Service.Purge(ctx); err != nil {
		m.t.Fatal(err)
	}
	err := m.Store.View(func(r forum.Reader) error {
		for id, at := range m.deleted {
			if _, ok := r.Message(id); ok {
				continue
			}
			if passed := m.now - at; passed < m.Service.RestoreWindow() {
				m.t.Errorf("%s was purged after %s", id, passed)
			}
			delete(m.deleted, id)
		}
		return nil
	})
	if err != nil {
		m.t.Fatal(err)
	}
}

// goesOn checks that the changes' time does not go back.
func (m *purgeModel) goesOn() {
	err := m.Store.View(func(r forum.Reader) error {
		if r.Time().Before(m.last) {
			m.t.Errorf("it was %s, and is %s", m.last, r.Time())
		}
		m.last = r.Time()
		return nil
	})
	if err != nil {
		m.t.Fatal(err)
	}
}

package rules_test

import (
	"iter"
	"testing"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// besideFollow is a session that follows 3331 and shows notices.
type besideFollow struct {
	t    *testing.T
	v    *rules.Visit
	pull func() ([]*forum.Event, error, bool)
	last uint64 // number of the last event that came
}

// hears checks whether the session is woken for notices, and which it takes.
func (b *besideFollow) hears(what string, woken bool, want ...string) {
	b.t.Helper()
	select {
	case <-b.v.Ready():
		if !woken {
			b.t.Errorf("%s: woken", what)
		}
	default:
		if woken {
			b.t.Errorf("%s: not woken", what)
		}
	}
	notices := must[[]rules.Notice](b.t)(b.v.Take())
	if len(notices) != len(want) {
		b.t.Fatalf("%s: %+v", what, notices)
	}
	for i, n := range notices {
		if n.Text != want[i] {
			b.t.Errorf("%s: %q", what, n.Text)
		}
	}
}

// follows checks the text of the next event.
func (b *besideFollow) follows(want string) {
	b.t.Helper()
	events, err, ok := b.pull()
	if err != nil || !ok || len(events) != 1 || events[0].Text != want {
		b.t.Fatalf("%d events, %v, %v", len(events), err, ok)
	}
	b.last = events[0].Seq
}

// A session that follows a thread is not woken for notices that only repeat what is followed.
// They are dropped once the event is shown, and come if it never is. All other notices come.
func TestNoticesBesideFollow(t *testing.T) {
	f := thread3331(t)
	yoda := f.As("Yoda")
	_ = must[forum.Thread](t)(f.Service.CreateThread(ctx, yoda, "other"))
	post(t, f, "Yoda", "3331", "yoda watches it")
	v := arrive(t, f, "Yoda")
	b := &besideFollow{t: t, v: v}
	b.hears("nothing", false)
	post(t, f, "Luke", "3331", "before it follows")
	pull, stop := iter.Pull2(v.Follow(ctx, []string{"3331"}, lastSeq(t, f), true))
	b.pull = pull
	defer stop()
	post(t, f, "Luke", "3331", "kept")
	b.follows("kept")
	v.Shown(b.last)
	b.hears("from before it followed", true, "before it follows")

	post(t, f, "Luke", "3331", "live")
	b.follows("live")
	v.Shown(b.last)
	b.hears("what is shown", false)
	post(t, f, "Luke", "other", "elsewhere")
	b.hears("another thread", true, "elsewhere")
	post(t, f, "Luke", "3331", "for @yoda")
	b.follows("for @yoda")
	v.Shown(b.last)
	b.hears("a mention", true, "for @yoda")

	_ = must[forum.Preferences](t)(f.Service.SetPreferences(ctx, yoda, forum.Preferences{Bell: "all"}))
	b.hears("settings", true, "")
	post(t, f, "Luke", "3331", "ding")
	b.follows("ding")
	v.Shown(b.last)
	b.hears("a bell", true, "ding")
	_ = must[forum.Preferences](t)(f.Service.SetPreferences(ctx, yoda, forum.Preferences{}))
	b.hears("settings again", true, "")

	post(t, f, "Luke", "3331", "shown")
	b.follows("shown")
	v.Shown(b.last)
	post(t, f, "Luke", "3331", "not shown")
	b.follows("not shown")
	post(t, f, "Luke", "3331", "not even taken")
	stop()
	b.hears("what was not shown", true, "not shown", "not even taken")
}

package rules_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/limit"
	"sshforum/forum/rules"
	"sshforum/storage"
)

// unlimited are the kinds of changes without a pace, and why they need none.
var unlimited = map[string]string{
	"clock.leap": "by the forum's clock", "clock.tick": "by the forum's clock", "clock.set": "by the operator",
	"backlog.settle": "at most once for so many entries by others", "file.sweep": "by the server, once an hour", "purge": "by the server, once an hour",
	"user.close": "once for an account", "user.erase": "once for an account", "visit.lost": "once for a start",
	"user.add": "Register has one for its source", "user.link": "once for an account or key that is made, which have one",
	"visit.begin": "Arrive has one", "visit.end": "once for a visit",
	"marks.set": "of a visit, every few seconds", "private.mark": "of a visit, every few seconds", "user.history": "of a visit",
	"file.begin": "Upload has one", "file.store": "once for an upload", "file.heal": "once for an upload of a damaged content", "file.reserve": "of an upload, every MiB", "file.complete": "once for an upload", "file.leave": "once for an upload", "file.trim": "gives back what file.reserve took",
}

// ofModerators are the kinds of changes by those who have no rate; everybody else is
// refused, which stores nothing.
var ofModerators = map[string]func(s *rules.Service, by rules.Actor) error{
	"ban.network": func(s *rules.Service, by rules.Actor) error {
		return second(s.Ban(ctx, by, "192.0.2.0/24", later(s), "why"))
	},
	"ban.network.lift": func(s *rules.Service, by rules.Actor) error { return second(s.Unban(ctx, by, "192.0.2.0/24", "why")) },
	"ban.user":         func(s *rules.Service, by rules.Actor) error { return second(s.Ban(ctx, by, "Han", later(s), "why")) },
	"ban.user.lift":    func(s *rules.Service, by rules.Actor) error { return second(s.Unban(ctx, by, "Han", "why")) },
	"message.hide":     func(s *rules.Service, by rules.Actor) error { return second(s.HideMessage(ctx, by, number(2), "why")) },
	"message.unhide":   func(s *rules.Service, by rules.Actor) error { return second(s.UnhideMessage(ctx, by, number(2))) },
	"report.resolve": func(s *rules.Service, by rules.Actor) error {
		return second(s.Resolve(ctx, by, forum.MessageID{Thread: 2}, "note"))
	},
	"thread.hide":   func(s *rules.Service, by rules.Actor) error { return second(s.HideThread(ctx, by, "3331", "why")) },
	"thread.unhide": func(s *rules.Service, by rules.Actor) error { return second(s.UnhideThread(ctx, by, "3331", "")) },
	"thread.lock":   func(s *rules.Service, by rules.Actor) error { return second(s.LockThread(ctx, by, "3331", "why")) },
	"thread.pin":    func(s *rules.Service, by rules.Actor) error { return second(s.PinThread(ctx, by, "3331", true)) },
	"thread.slow": func(s *rules.Service, by rules.Actor) error {
		return second(s.SlowThread(ctx, by, "3331", time.Minute))
	},
	"user.silence": func(s *rules.Service, by rules.Actor) error {
		return second(s.Silence(ctx, by, "Han", later(s), "why"))
	},
	"user.unsilence": func(s *rules.Service, by rules.Actor) error { return second(s.Unsilence(ctx, by, "Han")) },
}

func second[T any](_ T, err error) error { return err }

func later(s *rules.Service) time.Time { return s.Clock().Add(time.Hour) }

// tried is what somebody tries over and over, with the number of the try from 0. What the
// rules refuse is of no interest.
var tried = map[string]func(s *rules.Service, by rules.Actor, n int){
	"post":   func(s *rules.Service, by rules.Actor, n int) { _, _ = s.Post(ctx, by, "3331", fmt.Sprint(n)) },
	"edit":   func(s *rules.Service, by rules.Actor, n int) { _, _ = s.EditMessage(ctx, by, number(1), fmt.Sprint(n)) },
	"create": func(s *rules.Service, by rules.Actor, n int) { _, _ = s.CreateThread(ctx, by, fmt.Sprint("t", n)) },
	"say":    func(s *rules.Service, by rules.Actor, n int) { _, _ = s.Say(ctx, by, fmt.Sprint(n)) },
	"tell": func(s *rules.Service, by rules.Actor, n int) {
		_, _ = s.SendPrivateMessage(ctx, by, "Han", fmt.Sprint(n))
	},
	"report": func(s *rules.Service, by rules.Actor, n int) {
		_, _ = s.Report(ctx, by, fmt.Sprint("unread", n), nil, "spam")
	},
	"settings": func(s *rules.Service, by rules.Actor, _ int) { _, _ = s.SetPreferences(ctx, by, forum.Preferences{}) },
	"level":    func(s *rules.Service, by rules.Actor, _ int) { _, _ = s.SetLevel(ctx, by, "3331", forum.Watched) },
	"read":     func(s *rules.Service, by rules.Actor, n int) { _ = s.MarkConversation(ctx, by, by.User+1, uint64(n)) },
	"password": func(s *rules.Service, by rules.Actor, _ int) {
		_ = s.ChangePassword(ctx, by, forumtest.Password(by.Name), forumtest.Password(by.Name))
	},
	"register": func(s *rules.Service, by rules.Actor, n int) {
		_, _ = s.Register(ctx, rules.Newcomer{Name: fmt.Sprint("sock", n), Password: "a password", Source: by.Source})
	},
	"delete and restore": func(s *rules.Service, by rules.Actor, n int) {
		_, _ = s.DeleteMessage(ctx, by, number(1))
		_, _ = s.RestoreMessage(ctx, by, rules.Target{Title: "3331", ID: forum.MessageID{Thread: 2, Seq: 1}})
	},
	"remove and restore": func(s *rules.Service, by rules.Actor, _ int) {
		_, _ = s.RemoveThread(ctx, by, "3331")
		_, _ = s.RestoreThread(ctx, by, "3331", "")
	},
	"block": func(s *rules.Service, by rules.Actor, _ int) {
		_, _ = s.Block(ctx, by, "Obi-wan")
		_, _ = s.Unblock(ctx, by, "Obi-wan")
	},
	"keys": func(s *rules.Service, by rules.Actor, n int) {
		one, two := forum.Key{Blob: []byte{1, byte(n)}}, forum.Key{Blob: []byte{2, byte(n)}}
		_, _ = s.AddKey(ctx, by, one)
		_, _ = s.RemoveKey(ctx, by, one.Blob)
		_ = s.SetKeys(ctx, by, []forum.Key{two})
	},
	"invites": func(s *rules.Service, by rules.Actor, n int) {
		rules.Reconfigure(s, func(c *rules.Config) { c.Registration, c.Inviters = rules.RegistrationInvite, rules.MembersInvite })
		_, _ = s.Invite(ctx, by, time.Hour)
		_, _ = s.RevokeInvite(ctx, by, uint64(n+1))
	},
	"shell": func(s *rules.Service, by rules.Actor, n int) {
		v, err := s.Arrive(ctx, by, rules.Arrival{Stays: true, Reads: true})
		if err != nil {
			return
		}
		v.MarkEntries(2, uint64(n+1), uint64(n+1))
		_ = s.AddCommandHistory(ctx, by, []string{"LST"})
		_ = v.Leave(ctx)
	},
	"a session that reads": func(s *rules.Service, by rules.Actor, n int) {
		v, err := s.Arrive(ctx, by, rules.Arrival{Reads: true})
		if err != nil {
			return
		}
		v.MarkEntries(2, uint64(n+1), uint64(n+1))
		_ = v.Leave(ctx)
	},
	"catch up": func(s *rules.Service, by rules.Actor, n int) { _, _ = s.CatchUp(ctx, by, fmt.Sprint("unread", n)) },
	"upload": func(s *rules.Service, by rules.Actor, n int) {
		u, err := s.Upload(ctx, by, in3331, fmt.Sprint(n), rules.UploadOptions{})
		if err != nil {
			return
		}
		_, _ = u.WriteAt([]byte{byte(n)}, int64(n%2*forum.MaxInline))
		if n == 0 {
			_ = u.Leave(ctx, false)
			return
		}
		_, _ = u.Complete(ctx)
	},
	"files": func(s *rules.Service, by rules.Actor, n int) {
		_ = s.SetModified(ctx, by, in3331, "a file", time.Unix(int64(n), 0))
		_ = s.RenameFile(ctx, by, in3331, "a file", "another", false)
		_ = s.RemoveFile(ctx, by, in3331, "another")
	},
	"times of a file": func(s *rules.Service, by rules.Actor, n int) {
		_ = s.SetModified(ctx, by, in3331, "a file", time.Unix(int64(n), 0))
	},
}

// counter is a journal that counts what it stored, by kind.
type counter struct {
	*storage.DB
	stored map[string]int
}

func (c counter) Submit(ctx context.Context, change forum.Change) (any, error) {
	result, err := c.DB.Submit(ctx, change)
	if err == nil {
		c.stored[change.Kind()]++
	}
	return result, err
}

// TestEveryKindOfChangeHasAPace: nobody stores anything as often as they like.
func TestEveryKindOfChangeHasAPace(t *testing.T) {
	const burst, tries = 4, 8
	paced := func(c *rules.Config) {
		c.Rates = rules.Rates{For: make(map[limit.Activity]limit.Rate)}
		for a := limit.Posting; a <= limit.Registering; a++ {
			c.Rates.For[a] = limit.Rate{Burst: burst, Every: time.Hour}
		}
	}
	stage := func(t *testing.T, set func(*rules.Config)) (*rules.Service, rules.Actor, counter) {
		f := thread3331(t)
		f.As("Han")
		yoda := f.As("Yoda")
		upload(t, f, "Yoda", in3331, "a file", "content")
		for n := range tries {
			must[forum.Thread](t)(f.Service.CreateThread(ctx, f.As("Han"), fmt.Sprint("unread", n)))
			post(t, f, "Han", fmt.Sprint("unread", n), "news")
		}
		config, journal := rules.ConfigOf(f.Service), counter{f.Store, make(map[string]int)}
		config.Journal = journal
		set(&config)
		return rules.New(config), yoda, journal
	}
	known := map[string]bool{"stores.pair": true, "search.reindex": true, "user.role": true} // the operator's
	for kind := range unlimited {
		known[kind] = true
	}
	for kind, do := range ofModerators {
		known[kind] = true
		t.Run(kind, func(t *testing.T) {
			s, by, journal := stage(t, paced)
			if err := do(s, by); err == nil || len(journal.stored) > 0 {
				t.Errorf("a member is answered %v, and %v was stored", err, journal.stored)
			}
		})
	}
	for name, try := range tried {
		t.Run(name, func(t *testing.T) {
			s, by, journal := stage(t, paced)
			for n := range tries {
				try(s, by, n)
			}
			for kind, n := range journal.stored {
				known[kind] = true
				if n > burst && unlimited[kind] == "" {
					t.Errorf("%s was stored %d times, where %d are allowed at once", kind, n, burst)
				}
			}
		})
	}
	for kind, activity := range rules.ChangeKinds() {
		if !known[kind] {
			t.Errorf("%s is tried by nobody here; have somebody go beyond its pace", kind)
		}
		if (activity == limit.Unlimited) != (unlimited[kind] != "") {
			t.Errorf("%s has no pace, and this test no reason why it needs none; or the other way round", kind)
		}
	}
}

package rules_test

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// rapidPeople does what people do among themselves.
type rapidPeople struct {
	s      *rules.Service
	actor  func(*rapid.T) rules.Actor
	target func(*rapid.T) rules.Target
	visits *[]*rules.Visit
	codes  *[]string
}

func (a rapidPeople) invite(t *rapid.T) {
	made, err := a.s.Invite(ctx, a.actor(t), time.Duration(rapid.IntRange(1, 48).Draw(t, "hours"))*time.Hour)
	if err == nil {
		*a.codes = append(*a.codes, made.Secret)
	}
}

// join comes with a code that may be used up or expired.
func (a rapidPeople) join(t *rapid.T) {
	if len(*a.codes) == 0 {
		return
	}
	_, _ = a.s.Register(ctx, rules.Newcomer{
		Name: fmt.Sprint("new", len(*a.codes)), Password: "a password", Invite: rapid.SampledFrom(*a.codes).Draw(t, "code"),
		Source: "192.0.2.1", // where all are
	})
}

func (a rapidPeople) actions() map[string]func(*rapid.T) {
	names := rapid.SampledFrom([]string{"Yoda", "luke", "Leia", "nobody"})
	return map[string]func(*rapid.T){
		"tell":    func(t *rapid.T) { _, _ = a.s.SendPrivateMessage(ctx, a.actor(t), names.Draw(t, "to"), "psst") },
		"say":     func(t *rapid.T) { _, _ = a.s.Say(ctx, a.actor(t), "all") },
		"block":   func(t *rapid.T) { _, _ = a.s.Block(ctx, a.actor(t), names.Draw(t, "whom")) },
		"unblock": func(t *rapid.T) { _, _ = a.s.Unblock(ctx, a.actor(t), names.Draw(t, "whom")) },
		"read letters": func(t *rapid.T) {
			_ = a.s.MarkConversation(ctx, a.actor(t), forum.UserID(rapid.IntRange(1, 4).Draw(t, "peer")), rapid.Uint64Range(0, 60).Draw(t, "upto"))
		},
		"ban": func(t *rapid.T) {
			who := rapid.SampledFrom([]string{"Yoda", "luke", "192.0.2.9", "192.0.2.0/28", "2001:db8::/48"}).Draw(t, "who")
			now := a.s.Clock()
			until := rapid.SampledFrom([]time.Time{{}, now, now.Add(time.Hour), now.Add(1000 * time.Hour)}).Draw(t, "until")
			if rapid.Bool().Draw(t, "end") {
				_, _ = a.s.Unban(ctx, a.banner(t), who, "mercy")
			} else {
				_, _ = a.s.Ban(ctx, a.banner(t), who, until, "spam")
			}
		},
		"key": func(t *rapid.T) {
			k := forum.Key{Blob: []byte(rapid.SampledFrom([]string{"one", "two"}).Draw(t, "key"))}
			if rapid.Bool().Draw(t, "remove") {
				_, _ = a.s.RemoveKey(ctx, a.actor(t), k.Blob)
			} else {
				_, _ = a.s.AddKey(ctx, a.actor(t), k)
			}
		},
		"report": func(t *rapid.T) {
			entry := a.target(t)
			at := &entry
			if rapid.Bool().Draw(t, "thread") {
				at = nil
			}
			_, _ = a.s.Report(ctx, a.actor(t), entry.Title, at, "spam")
		},
		"resolve": func(t *rapid.T) {
			object := forum.MessageID{Thread: forum.ThreadID(rapid.IntRange(1, 4).Draw(t, "thread")), Seq: rapid.Uint64Range(0, 6).Draw(t, "seq")}
			_, _ = a.s.Resolve(ctx, a.banner(t), object, "seen to")
		},
		"enter": func(t *rapid.T) {
			if gone, err := a.s.TrackConnection(forum.User{ID: a.actor(t).User}, "192.0.2.1", nil); err == nil {
				gone()
			}
		},
		"close": func(t *rapid.T) {
			who := a.actor(t)
			if rapid.IntRange(0, 4).Draw(t, "seldom") > 0 {
				return
			}
			_, _ = a.s.CloseOwn(ctx, who, forumtest.Password(who.Name), rapid.Bool().Draw(t, "anonymise"))
		},
		"anonymise": func(t *rapid.T) {
			if rapid.IntRange(0, 9).Draw(t, "seldom") == 0 {
				_, _ = a.s.Anonymise(ctx, rules.Operator(), names.Draw(t, "whom"))
			}
		},
		"invite": a.invite,
		"join":   a.join,
		"uninvite": func(t *rapid.T) {
			_, _ = a.s.RevokeInvite(ctx, a.actor(t), rapid.Uint64Range(1, 3).Draw(t, "number"))
		},
		"arrive": a.arrive,
		"leave":  a.leave,
		"crash": func(t *rapid.T) {
			if err := a.s.EndLost(ctx); err != nil {
				t.Error(err)
			}
		},
	}
}

// banner is the operator, or anybody.
func (a rapidPeople) banner(t *rapid.T) rules.Actor {
	if rapid.Bool().Draw(t, "operator") {
		return rules.Operator()
	}
	return a.actor(t)
}

func (a rapidPeople) arrive(t *rapid.T) {
	v, err := a.s.Arrive(ctx, a.actor(t), rules.Arrival{Stays: rapid.Bool().Draw(t, "stays"), Reads: true})
	if err == nil {
		*a.visits = append(*a.visits, v)
	}
}

// leave ends a session that has shown what waited for it.
func (a rapidPeople) leave(t *rapid.T) {
	if len(*a.visits) == 0 {
		return
	}
	i := rapid.IntRange(0, len(*a.visits)-1).Draw(t, "visit")
	v := (*a.visits)[i]
	*a.visits = append((*a.visits)[:i], (*a.visits)[i+1:]...)
	events, _, _ := v.Waiting(ctx, 2)
	for _, e := range events {
		v.MarkShown(e)
	}
	_ = v.Leave(ctx)
}

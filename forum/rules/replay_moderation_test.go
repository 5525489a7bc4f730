package rules_test

import (
	"time"

	"pgregory.net/rapid"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// rapidModeration does what moderators do, and those who would like to be.
type rapidModeration struct {
	s      *rules.Service
	actor  func(*rapid.T) rules.Actor
	title  *rapid.Generator[string]
	people []string
}

func (a rapidModeration) actions() map[string]func(*rapid.T) {
	person := rapid.SampledFrom(a.people)
	return map[string]func(*rapid.T){
		"lock":   func(t *rapid.T) { _, _ = a.s.LockThread(ctx, a.actor(t), a.title.Draw(t, "title"), "over") },
		"unlock": func(t *rapid.T) { _, _ = a.s.UnlockThread(ctx, a.actor(t), a.title.Draw(t, "title")) },
		"pin": func(t *rapid.T) {
			_, _ = a.s.PinThread(ctx, a.actor(t), a.title.Draw(t, "title"), rapid.Bool().Draw(t, "pinned"))
		},
		"slow": func(t *rapid.T) {
			interval := rapid.SampledFrom([]time.Duration{0, time.Second, time.Hour}).Draw(t, "interval")
			_, _ = a.s.SlowThread(ctx, a.actor(t), a.title.Draw(t, "title"), interval)
		},
		"silence": func(t *rapid.T) {
			until := rapid.SampledFrom([]time.Time{{}, a.s.Clock().Add(time.Minute), a.s.Clock().Add(24 * time.Hour)}).Draw(t, "until")
			_, _ = a.s.Silence(ctx, a.actor(t), person.Draw(t, "person"), until, "loud")
		},
		"pair": func(t *rapid.T) {
			who := rapid.SampledFrom([]rules.Actor{rules.Operator(), a.actor(t)}).Draw(t, "who pairs")
			_ = a.s.Pair(ctx, who, forum.Pairing{1}, "older")
		},
		"unsilence": func(t *rapid.T) { _, _ = a.s.Unsilence(ctx, a.actor(t), person.Draw(t, "person")) },
	}
}

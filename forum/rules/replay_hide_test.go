package rules_test

import (
	"pgregory.net/rapid"

	"sshforum/forum/rules"
)

// rapidHiding hides, and shows again.
type rapidHiding struct {
	s      *rules.Service
	actor  func(*rapid.T) rules.Actor
	target func(*rapid.T) rules.Target
	title  *rapid.Generator[string]
}

func (a rapidHiding) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"hide thread":    func(t *rapid.T) { _, _ = a.s.HideThread(ctx, a.actor(t), a.title.Draw(t, "title"), "spam") },
		"unhide thread":  func(t *rapid.T) { _, _ = a.s.UnhideThread(ctx, a.actor(t), a.title.Draw(t, "title"), "") },
		"hide message":   func(t *rapid.T) { _, _ = a.s.HideMessage(ctx, a.actor(t), a.target(t), "spam") },
		"unhide message": func(t *rapid.T) { _, _ = a.s.UnhideMessage(ctx, a.actor(t), a.target(t)) },
	}
}

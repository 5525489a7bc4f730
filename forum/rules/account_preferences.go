package rules

import (
	"context"
	"slices"

	"sshforum/forum"
)

// Preferences returns the actor's preferences.
func (s *AccountService) Preferences(actor Actor) (p forum.Preferences, err error) {
	err = s.view(actor, func(r forum.Reader) error {
		p = r.Preferences(actor.User)
		return nil
	})
	return p, err
}

// SetPreferences stores p for all later sessions of the actor.
func (s *AccountService) SetPreferences(ctx context.Context, actor Actor, p forum.Preferences) (forum.Preferences, error) {
	return submit(ctx, s.core, actor, &setPreferences{Preferences: p})
}

// CommandHistory returns the command lines of the actor's earlier sessions, oldest first.
func (s *AccountService) CommandHistory(actor Actor) (lines []string, err error) {
	left := s.people.pendingOf(actor.User)
	err = s.view(actor, func(r forum.Reader) error {
		lines = append(r.CommandHistory(actor.User), left.lines...)
		return nil
	})
	return RecentLines(lines, s.cfg.HistoryLines), err
}

// maxHistory bounds the command lines of an account, in bytes, since every shell reads them.
const maxHistory = 256 << 10

// RecentLines removes the oldest lines of a history, in place, until it has at most most lines
// and at most maxHistory bytes.
func RecentLines(lines []string, most int) []string {
	from, size := len(lines), 0
	for from > 0 && len(lines)-from < most {
		if size += len(lines[from-1]); size > maxHistory {
			break
		}
		from--
	}
	return slices.Delete(lines, 0, from)
}

// AddCommandHistory stores the command lines of a session that ends. The caller must have
// removed lines that hold a secret.
func (s *AccountService) AddCommandHistory(ctx context.Context, actor Actor, lines []string) error {
	if len(lines) == 0 || s.cfg.HistoryLines == 0 {
		return nil
	}
	return s.people.storePending(ctx, actor.User, func(t *pending) { t.lines = append(t.lines, lines...) })
}

type setPreferences struct {
	origin

	Preferences forum.Preferences
}

func (c *setPreferences) apply(tx forum.Tx, u forum.User) (forum.Preferences, error) {
	tx.SetPreferences(u.ID, c.Preferences)
	tx.Publish(forum.Event{Kind: forum.UserSettings, Actor: u.ID, Name: u.Name, To: u.ID, ToName: u.Name})
	return c.Preferences, nil
}

type addCommandHistory struct {
	origin

	Lines []string
	Keep  int
}

func (c *addCommandHistory) apply(tx forum.Tx, u forum.User) (nothing, error) {
	lines := append(tx.CommandHistory(u.ID), c.Lines...)
	tx.SetCommandHistory(u.ID, RecentLines(lines, c.Keep))
	return nothing{}, nil
}

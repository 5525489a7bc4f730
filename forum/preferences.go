package forum

import (
	"context"
	"slices"
	"time"
)

// Preferences returns what the actor has set.
func (s *Service) Preferences(actor Actor) (p Preferences, err error) {
	err = s.view(actor, func(r Reader) error {
		p = r.Preferences(actor.User)
		return nil
	})
	return p, err
}

// SetPreferences keeps p for all later sessions of the actor.
func (s *Service) SetPreferences(ctx context.Context, actor Actor, p Preferences) (Preferences, error) {
	if err := s.paced(actor, Changing); err != nil {
		return p, err
	}
	return submit[Preferences](ctx, s.Journal, &setPreferences{By: actor.User, At: s.Clock(), Preferences: p})
}

// CommandHistory returns the command lines of the actor's earlier sessions, oldest first.
func (s *Service) CommandHistory(actor Actor) (lines []string, err error) {
	left := s.left(actor.User)
	err = s.view(actor, func(r Reader) error {
		lines = append(r.CommandHistory(actor.User), left.lines...)
		return nil
	})
	return RecentLines(lines, s.HistoryLines), err
}

// maxHistory bounds the command lines of an account, in bytes: every shell reads them.
const maxHistory = 256 << 10

// RecentLines takes the oldest lines out of a history, in place, until it has so many at
// most, and no more bytes than are kept.
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

// AddCommandHistory keeps the lines of a session that ends. The caller has left out
// whatever holds a secret.
func (s *Service) AddCommandHistory(ctx context.Context, actor Actor, lines []string) error {
	if len(lines) == 0 || s.HistoryLines == 0 {
		return nil
	}
	return s.leave(ctx, actor.User, func(t *traces) { t.lines = append(t.lines, lines...) })
}

type setPreferences struct {
	By          UserID
	At          time.Time
	Preferences Preferences
}

func (c *setPreferences) Kind() string    { return "user.preferences" }
func (c *setPreferences) When() time.Time { return c.At }

func (c *setPreferences) Apply(tx Tx) (any, Event, error) {
	u, err := account(tx, c.By)
	if err != nil {
		return nil, Event{}, err
	}
	tx.SetPreferences(u.ID, c.Preferences)
	return c.Preferences, Event{Kind: UserSettings, Actor: u.ID, Name: u.Name, To: u.ID, ToName: u.Name}, nil
}

type addCommandHistory struct {
	By    UserID
	At    time.Time
	Lines []string
	Keep  int
}

func (c *addCommandHistory) Kind() string    { return "user.history" }
func (c *addCommandHistory) When() time.Time { return c.At }

func (c *addCommandHistory) Apply(tx Tx) (any, Event, error) {
	u, err := account(tx, c.By)
	if err != nil {
		return nil, Event{}, err
	}
	lines := append(tx.CommandHistory(u.ID), c.Lines...)
	tx.SetCommandHistory(u.ID, RecentLines(lines, c.Keep))
	return nil, Event{}, nil
}

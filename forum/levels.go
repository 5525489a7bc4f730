package forum

import (
	"cmp"
	"context"
	"slices"
)

// ThreadInterest is a thread with the level somebody has it at.
type ThreadInterest struct {
	Thread Thread
	Level  Level
}

// SetLevel says how much the actor wants to hear of a thread. Errors: NotFound.
func (s *Service) SetLevel(ctx context.Context, actor Actor, title string, level Level) (ThreadInterest, error) {
	return submit(ctx, s, actor, &setLevel{Title: TitleKey(title), Level: level})
}

// Levels returns the threads that the actor watches or has muted, each kind by title.
func (s *Service) Levels(actor Actor) (all []ThreadInterest, err error) {
	err = s.view(actor, func(r Reader) error {
		for id, i := range r.Interests(actor.User) {
			t, ok := r.Thread(id)
			if ok && !t.Removed.Done() && i.Level >= Watched {
				all = append(all, ThreadInterest{t, i.Level})
			}
		}
		return nil
	})
	slices.SortFunc(all, func(a, b ThreadInterest) int {
		return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.Thread.Title, b.Thread.Title))
	})
	return all, err
}

// levelsOf returns the levels that somebody has threads at, without Unset.
func levelsOf(r Reader, id UserID) map[ThreadID]Level {
	levels := make(map[ThreadID]Level)
	for thread, i := range r.Interests(id) {
		if i.Level != Unset {
			levels[thread] = i.Level
		}
	}
	return levels
}

// joins reports whether by e the person begins to watch a thread.
func (c *circle) joins(e Event) bool {
	return c != nil && e.Actor == c.me.ID && c.levels[e.Thread] == Unset &&
		slices.Contains([]EventKind{ThreadCreated, MessagePosted, FileUploaded}, e.Kind)
}

type setLevel struct {
	origin

	Title string
	Level Level
}

func (c *setLevel) apply(tx Tx, u User) (ThreadInterest, error) {
	if u.ID == 0 {
		return ThreadInterest{}, Errorf(Denied, "The operator has no threads to watch or mute.")
	}
	t, err := openThread(tx, u, c.Title)
	if err != nil {
		return ThreadInterest{}, err
	}
	i := interest(tx, u, t)
	i.Level = c.Level
	tx.SetInterest(u.ID, t.ID, i)
	e := threadEvent(ThreadLevel, u, t)
	e.To = u.ID
	tx.Tell(e)
	return ThreadInterest{t, c.Level}, nil
}

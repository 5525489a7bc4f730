package rules

import (
	"cmp"
	"context"
	"slices"

	"sshforum/forum"
)

// ThreadInterest is a thread with a person's level for it.
type ThreadInterest struct {
	Thread forum.Thread
	Level  forum.Level
}

// SetLevel sets how much the actor wants to hear of a thread. Errors: NotFound.
func (s *ThreadService) SetLevel(ctx context.Context, actor Actor, title string, level forum.Level) (ThreadInterest, error) {
	return submit(ctx, s.core, actor, &setLevel{Title: forum.TitleKey(title), Level: level})
}

// Levels returns the threads that the actor watches, by title, then those that the actor has
// muted, by title.
func (s *ThreadService) Levels(actor Actor) (all []ThreadInterest, err error) {
	err = s.view(actor, func(r forum.Reader) error {
		for l := range r.Levels(actor.User) {
			if l.Level < forum.Watched {
				continue
			}
			if t, ok := r.Thread(l.Thread); ok && !t.Removed.Done() {
				all = append(all, ThreadInterest{t, l.Level})
			}
		}
		return nil
	})
	slices.SortFunc(all, func(a, b ThreadInterest) int {
		return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.Thread.Title, b.Thread.Title))
	})
	return all, err
}

// levelTable has a person's levels, in blocks, which take little memory for a person with many.
type levelTable map[forum.ThreadID]*[levelBlock]forum.Level

const levelBlock = 256

func levelsOf(r forum.Reader, id forum.UserID) levelTable {
	table := make(levelTable)
	for l := range r.Levels(id) {
		block := table[l.Thread/levelBlock]
		if block == nil {
			block = new([levelBlock]forum.Level)
			table[l.Thread/levelBlock] = block
		}
		block[l.Thread%levelBlock] = l.Level
	}
	return table
}

func (t levelTable) of(thread forum.ThreadID) forum.Level {
	if block := t[thread/levelBlock]; block != nil {
		return block[thread%levelBlock]
	}
	return forum.Unset
}

// beginsToWatch reports whether the person begins to watch a thread with e.
func (c *viewer) beginsToWatch(e *forum.Event) bool {
	return c != nil && e.Actor == c.me.ID && c.levels.of(e.Thread) == forum.Unset &&
		slices.Contains([]forum.EventKind{forum.ThreadCreated, forum.MessagePosted, forum.FileUploaded}, e.Kind)
}

type setLevel struct {
	origin

	Title string
	Level forum.Level
}

func (c *setLevel) apply(tx forum.Tx, u forum.User) (ThreadInterest, error) {
	if u.ID == 0 {
		return ThreadInterest{}, forum.Errorf(forum.Denied, "The operator has no threads to watch or mute.")
	}
	t, err := openThread(tx, u, c.Title)
	if err != nil {
		return ThreadInterest{}, err
	}
	i := interest(tx, u, t)
	i.Level = c.Level
	tx.SetInterest(u.ID, t.ID, i)
	tx.SetBacklog(u.ID, []forum.LeveledThread{leftover(t, i)})
	e := threadEvent(forum.ThreadLevel, u, t)
	e.To = u.ID
	tx.Publish(e)
	return ThreadInterest{t, c.Level}, nil
}

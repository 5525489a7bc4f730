package rules

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"sshforum/forum"
)

// Lobby is the title of the first thread of every forum. It belongs to nobody.
const Lobby = "lobby"

// CreateThread makes an empty thread. Errors: Invalid title; Denied; Conflict if it exists;
// Limited; those of Once.
func (s *ThreadService) CreateThread(ctx context.Context, actor Actor, title string, how ...SendOption) (forum.Thread, error) {
	title, err := forum.CleanTitle(title)
	if err != nil {
		return forum.Thread{}, err
	}
	sending, err := newSending(how)
	if err != nil {
		return forum.Thread{}, err
	}
	return submit(ctx, s.core, actor, &createThread{Title: title, Once: sending.key})
}

// Threads returns all threads: pinned ones first, then by activity, latest first.
func (s *ThreadService) Threads(ctx context.Context, actor Actor) ([]forum.Thread, error) {
	var threads []forum.Thread
	err := s.view(actor, func(r forum.Reader) error {
		for t := range r.Threads() {
			if len(threads) == cap(threads) {
				threads = slices.Grow(threads, 64+len(threads)) // append would copy long lists several times
			}
			threads = append(threads, t)
		}
		return nil
	})
	slices.SortFunc(threads, func(a, b forum.Thread) int {
		return cmp.Or(compareBool(b.Pinned, a.Pinned), b.Active.Compare(a.Active), cmp.Compare(b.ID, a.ID))
	})
	return threads, err
}

// Thread returns the thread with that title, or a hidden thread with that title that the actor
// may see. Errors: NotFound.
func (s *ThreadService) Thread(ctx context.Context, actor Actor, title string) (t forum.Thread, err error) {
	err = s.viewAs(actor, func(r forum.Reader, u forum.User) error {
		t, err = shownThread(r, u, forum.TitleKey(title))
		return err
	})
	return t, err
}

// RemoveThread removes a thread with all its entries and files. It can be restored within the
// restore window. Errors: NotFound; Denied.
func (s *ThreadService) RemoveThread(ctx context.Context, actor Actor, title string) (forum.Thread, error) {
	return submit(ctx, s.core, actor, &removeThread{Title: forum.TitleKey(title)})
}

// RemoveEmptyThread is RemoveThread for a thread without messages and files. Errors: Conflict
// if it has any; NotFound; Denied.
func (s *ThreadService) RemoveEmptyThread(ctx context.Context, actor Actor, title string) (forum.Thread, error) {
	return submit(ctx, s.core, actor, &removeThread{Title: forum.TitleKey(title), Empty: true})
}

// RestoreThread restores the last removed thread with that title that the actor may restore,
// under the title as, or under its own title if as is "". Errors: Invalid; NotFound; Denied;
// Conflict if the title is taken.
func (s *ThreadService) RestoreThread(ctx context.Context, actor Actor, title, as string) (forum.Thread, error) {
	if as != "" {
		var err error
		if as, err = forum.CleanTitle(as); err != nil {
			return forum.Thread{}, err
		}
	}
	return submit(ctx, s.core, actor, &restoreThread{
		Title: forum.TitleKey(title), As: as, Window: s.cfg.RestoreWindow,
	})
}

// view reads the store for an actor who may read the forum.
func (s *core) view(actor Actor, fn func(forum.Reader) error) error {
	return s.viewAs(actor, func(r forum.Reader, _ forum.User) error { return fn(r) })
}

// viewAs is view for a function that needs the actor's account.
func (s *core) viewAs(actor Actor, fn func(forum.Reader, forum.User) error) error {
	return s.cfg.Store.View(func(r forum.Reader) error {
		u, err := visitor(r, actor.User)
		if err != nil {
			return err
		}
		if !u.May(forum.ReadForum, u.ID) {
			return forum.Errorf(forum.Denied, "You may not read this forum.")
		}
		return fn(r, u)
	})
}

type createThread struct {
	origin

	Title string
	Once  string `json:",omitempty"` // key of the request, see Once; "" if none
}

func (c *createThread) apply(tx forum.Tx, u forum.User) (forum.Thread, error) {
	request := newOnceRequest(u, c.Once, "thread.create", c.Title)
	switch before, found, err := request.receipt(tx); {
	case err != nil:
		return forum.Thread{}, err
	case found:
		return c.earlierResult(tx, before), nil
	}
	if !u.May(forum.CreateThreads, u.ID) {
		return forum.Thread{}, forum.Errorf(forum.Denied, "You may not create threads.")
	}
	if err := maySpeak(u, tx.Time()); err != nil {
		return forum.Thread{}, err
	}
	if _, ok := tx.ThreadByTitle(c.Title); ok {
		return forum.Thread{}, threadExists(c.Title)
	}
	t := forum.Thread{ID: tx.NewThreadID(), Title: c.Title, Creator: u.ID, Created: tx.Time(), Active: tx.Time()}
	tx.PutThread(t)
	request.putReceipt(tx, forum.MessageID{Thread: t.ID})
	if u.ID != 0 {
		tx.SetInterest(u.ID, t.ID, forum.Interest{Level: forum.Watched})
	}
	tx.Publish(threadEvent(forum.ThreadCreated, u, t))
	return t, nil
}

// earlierResult returns the thread that an earlier request with the same key made, in its present
// state.
func (c *createThread) earlierResult(r forum.Reader, before forum.Receipt) forum.Thread {
	if t, ok := r.Thread(before.Made.Thread); ok {
		return t
	}
	return forum.Thread{ID: before.Made.Thread, Title: c.Title, Creator: c.By, Created: before.At, Active: before.At}
}

type removeThread struct {
	origin

	Title string
	Empty bool // only remove it if it has neither messages nor files
}

func (c *removeThread) apply(tx forum.Tx, u forum.User) (forum.Thread, error) {
	t, err := openThread(tx, u, c.Title)
	if err != nil {
		return forum.Thread{}, err
	}
	if !u.May(forum.RemoveThreads, t.Creator) && t.Creator == 0 {
		return forum.Thread{}, forum.Errorf(forum.Denied, "Thread %s belongs to nobody, and only an admin can remove it", t.Title)
	}
	if !u.May(forum.RemoveThreads, t.Creator) {
		return forum.Thread{}, forum.Errorf(forum.Denied, "The thread was created by another user and cannot be removed")
	}
	if err := mayChange(u, t); err != nil {
		return forum.Thread{}, err
	}
	if c.Empty && !empty(tx, t) {
		return forum.Thread{}, forum.Hinted(forum.HintRemoveAll, "", forum.Errorf(forum.Conflict, "Thread %s is not empty.", t.Title))
	}
	t.Removed = forum.Removal{By: u.ID, At: tx.Time()}
	tx.PutThread(t)
	recordOver(tx, u, t.Creator, forum.AuditEntry{Act: forum.AuditThreadRemove, Object: auditThread(t.ID), Name: t.Title})
	tx.Publish(threadEvent(forum.ThreadRemoved, u, t))
	return t, nil
}

func empty(r forum.Reader, t forum.Thread) bool {
	for range r.Files(forum.Folder{Thread: t.ID}) {
		return false
	}
	return t.Messages == 0
}

type restoreThread struct {
	origin

	Title  string
	As     string
	Window time.Duration // a thread removed longer ago cannot be restored
}

func (c *restoreThread) apply(tx forum.Tx, u forum.User) (forum.Thread, error) {
	t, err := c.find(tx, u)
	if err == nil {
		err = cmp.Or(mayUndo(tx, u, t.Removed), maySpeak(u, tx.Time()))
	}
	if err != nil {
		return forum.Thread{}, err
	}
	title := cmp.Or(c.As, t.Title)
	if _, taken := tx.ThreadByTitle(title); taken {
		return forum.Thread{}, forum.Hinted(forum.HintAnotherTitle, "restore the removed one", threadExists(title))
	}
	t.Title, t.Removed = title, forum.Removal{}
	tx.PutThread(t)
	recordOver(tx, u, t.Creator, forum.AuditEntry{Act: forum.AuditThreadRestore, Object: auditThread(t.ID), Name: t.Title})
	tx.Publish(threadEvent(forum.ThreadRestored, u, t))
	return t, nil
}

// find returns the thread to restore. Authors may undo only a removal of their own, never a
// moderator's.
func (c *restoreThread) find(tx forum.Tx, u forum.User) (forum.Thread, error) {
	err := forum.Errorf(forum.NotFound, "No thread %s was removed that could be restored.", forum.Printable(c.Title))
	since := longAgo(tx, tx.Time(), c.Window)
	for t := range tx.RemovedThreads(c.Title) {
		switch {
		case t.Removed.Hidden && !u.Sees(t.Creator, t.Removed):
		case t.Removed.Hidden:
			err = errThreadHidden(t)
		case t.Removed.At.Before(since):
			return forum.Thread{}, err
		case u.May(forum.RestoreRemoved, t.Creator) && u.May(forum.RestoreRemoved, t.Removed.By):
			return t, nil
		default:
			err = forum.Errorf(forum.Denied, "Thread %s was removed by another user and cannot be restored", t.Title)
		}
	}
	return forum.Thread{}, err
}

func threadExists(title string) error {
	return forum.Errorf(forum.Conflict, "Thread %s exists", title)
}

func threadEvent(kind forum.EventKind, u forum.User, t forum.Thread) forum.Event {
	return forum.Event{Kind: kind, Actor: u.ID, Name: u.Name, Thread: t.ID, Title: t.Title}
}

// Titles returns up to limit titles that begin with prefix. Titles of hidden threads that the
// actor may see come last.
func (s *ThreadService) Titles(actor Actor, prefix string, limit int) (titles []string, err error) {
	err = s.viewAs(actor, func(r forum.Reader, u forum.User) error {
		for t := range allShown(r, u) {
			if len(titles) == limit {
				break
			}
			if strings.HasPrefix(t.Title, prefix) {
				titles = append(titles, t.Title)
			}
		}
		return nil
	})
	return titles, err
}

package rules

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"sshforum/forum"
)

// hiddenThread returns the last hidden thread of that title which u may see.
func hiddenThread(r forum.Reader, u forum.User, title string) (forum.Thread, bool) {
	for t := range r.RemovedThreads(title) {
		if u.Sees(t.Creator, t.Removed) {
			return t, true
		}
	}
	return forum.Thread{}, false
}

// hiddenThreads yields the hidden threads that u may see.
func hiddenThreads(r forum.Reader, u forum.User) iter.Seq[forum.Thread] {
	return func(yield func(forum.Thread) bool) {
		for id := range r.RemovedThreadIDs() {
			if t, ok := r.Thread(id); ok && u.Sees(t.Creator, t.Removed) && !yield(t) {
				return
			}
		}
	}
}

// allShown yields the threads that u may see, hidden ones last.
func allShown(r forum.Reader, u forum.User) iter.Seq[forum.Thread] {
	return func(yield func(forum.Thread) bool) {
		for _, some := range []iter.Seq[forum.Thread]{r.Threads(), hiddenThreads(r, u)} {
			for t := range some {
				if !yield(t) {
					return
				}
			}
		}
	}
}

// shownThread is liveThread for one who reads: where no thread has the title, it returns
// a hidden one that u may see.
func shownThread(r forum.Reader, u forum.User, title string) (forum.Thread, error) {
	t, err := liveThread(r, title)
	if err != nil {
		if hidden, ok := hiddenThread(r, u, title); ok {
			return hidden, nil
		}
	}
	return t, err
}

// openThread is liveThread for one who means to change something there. Who may see that
// the thread is hidden is told so. Errors: NotFound; Conflict.
func openThread(r forum.Reader, u forum.User, title string) (forum.Thread, error) {
	t, err := liveThread(r, title)
	if err != nil {
		if hidden, ok := hiddenThread(r, u, title); ok {
			err = errThreadHidden(hidden)
		}
	}
	return t, err
}

func errThreadHidden(t forum.Thread) error {
	return forum.Errorf(forum.Conflict, "A moderator has hidden Thread %s; only moderators can show it again.", t.Title)
}

// shownEntries yields the entries of a thread with Seq above after that u may see, hidden
// ones too.
func shownEntries(r forum.Reader, u forum.User, thread forum.ThreadID, after uint64) iter.Seq[forum.Message] {
	return func(yield func(forum.Message) bool) {
		next, stop := iter.Pull(hiddenEntries(r, u, thread, after))
		defer stop()
		hidden, more := next()
		for m := range r.Entries(thread, after) {
			for ; more && hidden.ID.Seq < m.ID.Seq; hidden, more = next() {
				if !yield(hidden) {
					return
				}
			}
			if !yield(m) {
				return
			}
		}
		for ; more && yield(hidden); hidden, more = next() {
		}
	}
}

func hiddenEntries(r forum.Reader, u forum.User, thread forum.ThreadID, after uint64) iter.Seq[forum.Message] {
	return func(yield func(forum.Message) bool) {
		for m := range r.Hidden(thread, after) {
			if u.Sees(m.Author, m.Removed) && !yield(m) {
				return
			}
		}
	}
}

// HiddenThreads returns the hidden threads that the actor may see, the last hidden first.
func (s *PeopleService) HiddenThreads(ctx context.Context, actor Actor) (threads []forum.Thread, err error) {
	err = s.viewAs(actor, func(r forum.Reader, u forum.User) error {
		threads = slices.Collect(hiddenThreads(r, u))
		return nil
	})
	slices.SortFunc(threads, func(a, b forum.Thread) int {
		return cmp.Or(b.Removed.At.Compare(a.Removed.At), cmp.Compare(b.ID, a.ID))
	})
	return threads, err
}

// redacted returns an event that was kept, as it may be shown now: with the names that its
// people have now, and without a text that was taken away. An event in a hidden thread
// keeps nothing but its number.
func redacted(r forum.Reader, e forum.Event) forum.Event {
	if t, ok := r.Thread(e.Thread); ok && t.Removed.Hidden && e.Kind != forum.ThreadHidden {
		return forum.Event{Seq: e.Seq}
	}
	e.Name, e.ToName = nameNow(r, e.Actor, e.Name), nameNow(r, e.To, e.ToName)
	e.Text = redactedText(r, e)
	return e
}

// nameNow returns the present name of an account. An event may have the one from before the
// account was anonymised.
func nameNow(r forum.Reader, id forum.UserID, then string) string {
	if u, ok := r.User(id); ok {
		return u.Name
	}
	return then
}

// nothingLeft reports whether present has left nothing of e worth a notice.
func nothingLeft(e forum.Event) bool {
	switch e.Kind {
	case "":
		return true
	case forum.MessagePosted, forum.MessageEdited, forum.MessageRestored:
		return e.Text == ""
	}
	return false
}

func hides(e forum.Event) bool { return e.Kind == forum.ThreadHidden || e.Kind == forum.MessageHidden }

package rules

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"sshforum/forum"
)

// hiddenThread returns the hidden thread with that title which was hidden last and which u may
// see.
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

// allShown yields all threads that u may see, hidden ones last.
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

// shownThread is liveThread for reading: if no thread has the title, it returns a hidden thread
// with that title that u may see.
func shownThread(r forum.Reader, u forum.User, title string) (forum.Thread, error) {
	t, err := liveThread(r, title)
	if err != nil {
		if hidden, ok := hiddenThread(r, u, title); ok {
			return hidden, nil
		}
	}
	return t, err
}

// openThread is liveThread for changing the thread. If the thread is hidden and u may see it,
// the error says so. Errors: NotFound; Conflict if it is hidden.
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

// shownEntries yields the entries of a thread with a Seq above after that u may see, including
// hidden ones, in the order of Seq.
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

// redacted returns a kept event as it may be shown now: with the present names of its people,
// and without its text if that was deleted or hidden. Of an event in a hidden thread only the
// number is left.
func redacted(r forum.Reader, e forum.Event) forum.Event {
	if t, ok := r.Thread(e.Thread); ok && t.Removed.Hidden && e.Kind != forum.ThreadHidden {
		return forum.Event{Seq: e.Seq}
	}
	e.Name, e.ToName = nameNow(r, e.Actor, e.Name), nameNow(r, e.To, e.ToName)
	e.Text = redactedText(r, e)
	return e
}

// nameNow returns the present name of an account, or then if there is no such account. An event
// may have the name from before the account was anonymised.
func nameNow(r forum.Reader, id forum.UserID, then string) string {
	if u, ok := r.User(id); ok {
		return u.Name
	}
	return then
}

// nothingLeft reports whether redacted has left too little of e for a notice.
func nothingLeft(e forum.Event) bool {
	switch e.Kind {
	case "":
		return true
	case forum.MessagePosted, forum.MessageEdited, forum.MessageRestored:
		return e.Text == ""
	}
	return false
}

func hides(e *forum.Event) bool { return e.Kind == forum.ThreadHidden || e.Kind == forum.MessageHidden }

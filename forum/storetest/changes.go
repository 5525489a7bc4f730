package storetest

import (
	"time"

	"sshforum/forum"
)

// Change is a change made of a function, at any time that is not before the last one. Its
// zero At is a fixed time.
type Change struct {
	Name string
	At   time.Time
	Do   func(tx forum.Tx) (any, error)
}

func (c Change) Kind() string { return "test." + c.Name }

func (c Change) When() time.Time {
	if c.At.IsZero() {
		return noon
	}
	return c.At
}

func (c Change) Apply(tx forum.Tx) (any, error) {
	if c.When().After(tx.Time()) {
		tx.SetTime(c.When())
	}
	return c.Do(tx)
}

// Later returns c with its time moved.
func (c Change) Later(d time.Duration) Change {
	c.At = c.When().Add(d)
	return c
}

// Write is a change that does what fn does, without a result and an event.
func Write(fn func(tx forum.Tx)) Change {
	return Change{Name: "write", Do: func(tx forum.Tx) (any, error) {
		fn(tx)
		return nil, nil
	}}
}

// AddUser makes an account; the result is a forum.User.
func AddUser(name string) Change {
	return Change{Name: "add_user", Do: func(tx forum.Tx) (any, error) {
		if _, taken := tx.UserByName(forum.NameKey(name)); taken {
			return nil, forum.Errorf(forum.Conflict, "taken")
		}
		u := forum.User{ID: tx.NewUserID(), Name: name, Created: tx.Time()}
		tx.PutUser(u)
		tx.Publish(forum.Event{Kind: forum.UserRegistered, Actor: u.ID, Name: name})
		return u, nil
	}}
}

// AddThread makes a thread; the result is a forum.Thread.
func AddThread(title string) Change {
	return Change{Name: "add_thread", Do: func(tx forum.Tx) (any, error) {
		if _, taken := tx.ThreadByTitle(title); taken {
			return nil, forum.Errorf(forum.Conflict, "taken")
		}
		t := forum.Thread{ID: tx.NewThreadID(), Title: title, Created: tx.Time(), Active: tx.Time()}
		tx.PutThread(t)
		tx.Publish(threadEvent(forum.ThreadCreated, t))
		return t, nil
	}}
}

// RemoveThread takes a thread away.
func RemoveThread(id forum.ThreadID) Change {
	return Change{Name: "remove_thread", Do: func(tx forum.Tx) (any, error) {
		t, err := thread(tx, id)
		if err != nil {
			return nil, err
		}
		t.Removed = forum.Removal{By: 1, At: tx.Time()}
		tx.PutThread(t)
		tx.Publish(threadEvent(forum.ThreadRemoved, t))
		return t, nil
	}}
}

// RestoreThread brings a thread back under the title as.
func RestoreThread(id forum.ThreadID, as string) Change {
	return Change{Name: "restore_thread", Do: func(tx forum.Tx) (any, error) {
		t, ok := tx.Thread(id)
		if _, taken := tx.ThreadByTitle(as); !ok || !t.Removed.Done() || taken {
			return nil, forum.Errorf(forum.Conflict, "not removed, or taken")
		}
		t.Title, t.Removed = as, forum.Removal{}
		tx.PutThread(t)
		tx.Publish(threadEvent(forum.ThreadRestored, t))
		return t, nil
	}}
}

// Post adds a message to a thread; the result is a forum.Message.
func Post(id forum.ThreadID, author forum.UserID, text string) Change {
	return Change{Name: "post", Do: func(tx forum.Tx) (any, error) {
		t, err := thread(tx, id)
		if err != nil {
			return nil, err
		}
		t.Last++
		t.Messages++
		t.Active = tx.Time()
		m := forum.Message{ID: forum.MessageID{Thread: id, Seq: t.Last}, Author: author, Text: text, Posted: tx.Time()}
		tx.PutThread(t)
		tx.AddMessage(m)
		tx.Publish(messageEvent(forum.MessagePosted, t, m, t.Messages))
		return m, nil
	}}
}

// Edit gives a message another text.
func Edit(id forum.MessageID, text string) Change {
	return Change{Name: "edit", Do: func(tx forum.Tx) (any, error) {
		t, m, err := message(tx, id)
		if err != nil {
			return nil, err
		}
		tx.AddEdit(id, forum.Edit{Text: m.Text, Until: tx.Time()})
		m.Text, m.Edited, m.Edits = text, tx.Time(), m.Edits+1
		tx.PutMessage(m)
		n, _ := tx.Number(id)
		tx.Publish(messageEvent(forum.MessageEdited, t, m, n))
		return m, nil
	}}
}

// Delete takes a message away.
func Delete(id forum.MessageID) Change {
	return Change{Name: "delete", Do: func(tx forum.Tx) (any, error) {
		t, m, err := message(tx, id)
		if err != nil {
			return nil, err
		}
		n, _ := tx.Number(id)
		t.Messages--
		t.Shifts++
		m.Removed = forum.Removal{By: 1, At: tx.Time()}
		tx.PutThread(t)
		tx.PutMessage(m)
		tx.Publish(messageEvent(forum.MessageDeleted, t, m, n))
		return m, nil
	}}
}

// Hide deletes a message for good, so that it can be read as hidden.
func Hide(id forum.MessageID) Change {
	return Change{Name: "hide", Do: func(tx forum.Tx) (any, error) {
		t, m, err := message(tx, id)
		if err != nil {
			return nil, err
		}
		t.Messages--
		t.Shifts++
		m.Removed = forum.Removal{By: 1, At: tx.Time(), Hidden: true, Reason: "spam"}
		tx.PutThread(t)
		tx.PutMessage(m)
		return m, nil
	}}
}

// HideThread takes a thread away for good.
func HideThread(id forum.ThreadID) Change {
	return Change{Name: "hide_thread", Do: func(tx forum.Tx) (any, error) {
		t, err := thread(tx, id)
		if err != nil {
			return nil, err
		}
		t.Removed = forum.Removal{By: 1, At: tx.Time(), Hidden: true, Reason: "spam"}
		tx.PutThread(t)
		return t, nil
	}}
}

// Restore brings a message back.
func Restore(id forum.MessageID) Change {
	return Change{Name: "restore", Do: func(tx forum.Tx) (any, error) {
		t, err := thread(tx, id.Thread)
		if err != nil {
			return nil, err
		}
		m, ok := tx.Message(id)
		if !ok || !m.Removed.Done() {
			return nil, forum.Errorf(forum.Conflict, "not deleted")
		}
		t.Messages++
		t.Shifts++
		m.Removed = forum.Removal{}
		tx.PutThread(t)
		tx.PutMessage(m)
		n, _ := tx.Number(id)
		tx.Publish(messageEvent(forum.MessageRestored, t, m, n))
		return m, nil
	}}
}

// PurgeMessage drops what is kept of a deleted message.
func PurgeMessage(id forum.MessageID) Change {
	return Change{Name: "purge_message", Do: func(tx forum.Tx) (any, error) {
		if m, ok := tx.Message(id); !ok || !m.Removed.Done() {
			return nil, forum.Errorf(forum.Conflict, "not deleted")
		}
		tx.PurgeMessage(id)
		return nil, nil
	}}
}

// PurgeThread drops up to limit rows of a removed thread; the result is whether it is
// gone.
func PurgeThread(id forum.ThreadID, limit int) Change {
	return Change{Name: "purge_thread", Do: func(tx forum.Tx) (any, error) {
		if t, ok := tx.Thread(id); !ok || !t.Removed.Done() {
			return nil, forum.Errorf(forum.Conflict, "not removed")
		}
		return tx.PurgeThread(id, limit), nil
	}}
}

// thread returns a thread that is not removed.
func thread(r forum.Reader, id forum.ThreadID) (forum.Thread, error) {
	t, ok := r.Thread(id)
	if !ok || t.Removed.Done() {
		return t, forum.Errorf(forum.NotFound, "no thread %d", id)
	}
	return t, nil
}

// message returns a message that is not deleted, with its thread.
func message(r forum.Reader, id forum.MessageID) (forum.Thread, forum.Message, error) {
	t, err := thread(r, id.Thread)
	if err != nil {
		return t, forum.Message{}, err
	}
	m, ok := r.Message(id)
	if !ok || m.Removed.Done() {
		return t, m, forum.Errorf(forum.NotFound, "no message %s", id)
	}
	return t, m, nil
}

func threadEvent(kind forum.EventKind, t forum.Thread) forum.Event {
	return forum.Event{Kind: kind, Actor: t.Creator, Name: "yoda", Thread: t.ID, Title: t.Title}
}

func messageEvent(kind forum.EventKind, t forum.Thread, m forum.Message, n uint64) forum.Event {
	e := threadEvent(kind, t)
	e.Actor, e.Message, e.Number, e.Text = m.Author, m.ID, n, m.Text
	return e
}

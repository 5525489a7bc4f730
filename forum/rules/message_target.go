package rules

import (
	"strconv"
	"strings"

	"sshforum/forum"
)

// Target names a message as its caller knows it.
type Target struct {
	Title  string
	Number uint64          // position in the thread, used if ID is zero
	ID     forum.MessageID // id of the message, whatever its number is now

	// Read and Shifts say when Number was valid, if Read is set: Number counts only while the
	// thread has this id and its numbers have not shifted since.
	Read   forum.ThreadID
	Shifts uint64
	Stale  bool // the session has forgotten which message it showed under Number: refuse
}

// text returns t as text, "" for nil.
func (t *Target) text() string {
	switch {
	case t == nil:
		return ""
	case !t.ID.IsZero():
		return t.ID.String()
	}
	return strconv.FormatUint(t.Number, 10)
}

// ParseTarget reads an id, as "12.7" or "id:12.7", or a message number as seen last showed it.
// seen is nil for doors that do not remember numbers. Errors: Invalid.
func ParseTarget(title, word string, seen *Seen) (Target, error) {
	text, named := strings.CutPrefix(word, "id:")
	if id, err := forum.ParseMessageID(text); err == nil {
		return Target{Title: title, ID: id}, nil
	}
	if named {
		return Target{}, forum.Errorf(forum.Invalid, "%s is not a message id; ids look like id:12.7", forum.Printable(word))
	}
	n, err := strconv.ParseUint(word, 10, 64)
	if err != nil || n == 0 {
		return Target{}, forum.Errorf(forum.Invalid, "Invalid message number")
	}
	if seen == nil {
		return Target{Title: title, Number: n}, nil
	}
	return seen.Target(title, n), nil
}

// resolve returns the thread and the message that t means to u, deleted or not. Errors:
// NotFound; Conflict if the thread has changed since the caller read it.
func (t Target) resolve(r forum.Reader, u forum.User) (forum.Thread, forum.Message, error) {
	thread, err := openThread(r, u, t.Title)
	if err != nil {
		return thread, forum.Message{}, err
	}
	return t.resolveIn(r, thread)
}

// resolveIn is resolve for a thread that is known.
func (t Target) resolveIn(r forum.Reader, thread forum.Thread) (forum.Thread, forum.Message, error) {
	m, err := t.entry(r, thread)
	if err == nil && m.Upload != "" {
		err = forum.Errorf(forum.NotFound, "%s is the line of the file %s and no message; with sftp its owner and moderators can remove the file.", m.ID, m.Upload)
	}
	return thread, m, err
}

// entry returns the entry of thread that t means: a message, or the line of an upload.
func (t Target) entry(r forum.Reader, thread forum.Thread) (forum.Message, error) {
	id := t.ID
	if id.IsZero() {
		if t.Stale || t.Read != 0 && (t.Read != thread.ID || t.Shifts != thread.Shifts) {
			return forum.Message{}, changed(thread)
		}
		var ok bool
		if id, ok = r.MessageAt(thread.ID, t.Number); !ok {
			return forum.Message{}, forum.Errorf(forum.NotFound, "Invalid message number")
		}
	}
	if id.Thread != thread.ID {
		if t.Number == 0 {
			return forum.Message{}, forum.Errorf(forum.NotFound, "Message id:%s is not in Thread %s", id, thread.Title)
		}
		return forum.Message{}, changed(thread)
	}
	m, ok := r.Message(id)
	if !ok {
		return m, forum.Errorf(forum.NotFound, "Invalid message number")
	}
	return m, nil
}

// resolveLive is resolve for a message that u wants to act on. Errors: Conflict if it is
// deleted or hidden; those of resolve.
func (t Target) resolveLive(r forum.Reader, u forum.User) (forum.Thread, forum.Message, error) {
	thread, m, err := t.resolve(r, u)
	switch {
	case err != nil || !m.Removed.Done():
	case u.Sees(m.Author, m.Removed):
		err = errMessageHidden
	default:
		err = deletedAlready(thread)
	}
	return thread, m, err
}

// resolveShown is resolve for a message that u wants to read. Errors: Conflict if u cannot see
// it; those of resolve.
func (t Target) resolveShown(r forum.Reader, u forum.User) (forum.Thread, forum.Message, error) {
	thread, err := shownThread(r, u, t.Title)
	if err != nil {
		return thread, forum.Message{}, err
	}
	thread, m, err := t.resolveIn(r, thread)
	if err == nil && !u.Sees(m.Author, m.Removed) {
		err = deletedAlready(thread)
	}
	return thread, m, err
}

var errMessageHidden = forum.Errorf(forum.Conflict, "A moderator has hidden the message; only moderators can show it again.")

func deletedAlready(t forum.Thread) error {
	return forum.Errorf(forum.Conflict, "The message was deleted already; read Thread %s again.", t.Title)
}

func changed(t forum.Thread) error {
	return forum.Errorf(forum.Conflict, "Thread %s changed since you read it; read it again.", t.Title)
}

func liveThread(r forum.Reader, title string) (forum.Thread, error) {
	t, ok := r.ThreadByTitle(title)
	if !ok {
		return t, noThread(title)
	}
	return t, nil
}

func noThread(title string) error {
	return forum.Errorf(forum.NotFound, "Thread %s does not exist", forum.Printable(title))
}

package render

import (
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"sshforum/forum"
	"sshforum/forum/command"
)

var threadRows = []row{
	// CRT
	one("sshforum.thread-created.v1", (*Text).threadCreated, func(r command.ThreadCreated) threadJSON { return newThreadJSON(r.Thread) }),
	// LST
	one("sshforum.threads.v1", (*Text).threadList, newThreadListJSON),
	// RMV
	one("sshforum.thread-removed.v1", (*Text).threadRemoved, func(r command.ThreadRemoved) removedThreadJSON {
		return removedThreadJSON{newThreadJSON(r.Thread), utc{r.Until}}
	}),
	// RESTORE of a thread
	one("sshforum.thread-restored.v1", (*Text).threadRestored, func(r command.ThreadRestored) threadJSON { return newThreadJSON(r.Thread) }),
	// HIDE of a thread
	one("sshforum.thread-hidden.v1", (*Text).threadHidden, func(r command.ThreadHidden) threadJSON { return newThreadJSON(r.Thread) }),
	// UNHIDE of a thread
	one("sshforum.thread-unhidden.v1", (*Text).threadUnhidden, func(r command.ThreadUnhidden) threadJSON { return newThreadJSON(r.Thread) }),
	// LOCK, UNLOCK, PIN, UNPIN, SLOW
	one("sshforum.thread-moderated.v1", (*Text).threadModerated, func(r command.ThreadModerated) moderatedThreadJSON {
		return moderatedThreadJSON{newThreadJSON(r.Thread), r.Act}
	}),
}

// threadJSON is a thread without its messages.
type threadJSON struct {
	// Title of the thread.
	Thread string `json:"thread"`
	// Permanent id of the thread.
	ThreadID forum.ThreadID `json:"thread_id"`
	// When it was made.
	Created utc `json:"created"`
	// When it was last active.
	Active utc `json:"active"`
	// Number of its messages.
	MessageCount uint64 `json:"message_count"`
	// Whether a moderator has pinned it.
	Pinned bool `json:"pinned,omitempty"`
	// Whether a moderator has locked it.
	Locked bool `json:"locked,omitempty"`
	// Why it is locked.
	LockReason string `json:"lock_reason,omitempty"`
	// Least time between two messages of one person, in seconds.
	SlowSeconds int64 `json:"slow_seconds,omitempty"`
	// Reason and time, if it is hidden.
	Hidden *hiddenJSON `json:"hidden,omitempty"`
}

// hiddenJSON is the hiding of a thread or a message by a moderator.
type hiddenJSON struct {
	// When it was hidden.
	At utc `json:"at"`
	// Reason.
	Reason string `json:"reason"`
}

// threadListJSON is the list of threads.
type threadListJSON struct {
	// The threads, followed by the hidden ones that the reader may see.
	Threads []threadJSON `json:"threads"`
}

// removedThreadJSON is a thread that was removed.
type removedThreadJSON struct {
	threadJSON
	// Until when it can be restored.
	Until utc `json:"restorable_until"`
}

// moderatedThreadJSON is a thread after an act of a moderator.
type moderatedThreadJSON struct {
	threadJSON
	// Kind of the act, as in the audit log.
	Act forum.AuditAct `json:"act"`
}

func newThreadJSON(t forum.Thread) threadJSON {
	return threadJSON{
		Thread: t.Title, ThreadID: t.ID, Created: utc{t.Created}, Active: utc{t.Active}, MessageCount: t.Messages,
		Pinned: t.Pinned, Locked: t.Locked, LockReason: t.LockReason, SlowSeconds: int64(t.Slow / time.Second),
		Hidden: newHiddenJSON(t.Removed),
	}
}

func newHiddenJSON(r forum.Removal) *hiddenJSON {
	if !r.Hidden {
		return nil
	}
	return &hiddenJSON{utc{r.At}, r.Reason}
}

func newThreadListJSON(r command.ThreadList) threadListJSON {
	return threadListJSON{list(slices.Concat(r.Threads, r.Hidden), newThreadJSON)}
}

func (t *Text) threadCreated(r command.ThreadCreated) error {
	return t.printf("Thread %s created\n", forum.Printable(r.Thread.Title))
}

func (t *Text) threadRemoved(r command.ThreadRemoved) error {
	if err := t.printf("The thread has been removed\n"); err != nil {
		return err
	}
	return t.Hint("RESTORE %s brings it back until %s.", forum.Printable(r.Thread.Title), t.Look.day(r.Until))
}

func (t *Text) threadRestored(r command.ThreadRestored) error {
	return t.printf("Thread %s restored\n", forum.Printable(r.Thread.Title))
}

func (t *Text) threadList(r command.ThreadList) error {
	switch {
	case r.TitlesOnly:
		return t.titles(r)
	case len(r.Threads)+len(r.Hidden) == 0:
		return t.printf("No threads to list\n")
	}
	if err := t.printf("The list of active threads:\n"); err != nil {
		return err
	}
	width := 0
	for thread := range listed(r) {
		if width = max(width, ansi.StringWidth(thread.Title)); width >= maxTitleWidth {
			width = maxTitleWidth
			break
		}
	}
	for thread := range listed(r) {
		if err := t.threadLine(thread, width); err != nil {
			return err
		}
	}
	if t.Look.Plain {
		return t.printf("End of the list, %s.\n", Count(len(r.Threads)+len(r.Hidden), "thread"))
	}
	return nil
}

// maxTitleWidth is the number of columns to which titles of a list are padded at most.
const maxTitleWidth = 40

// listed yields the threads of a list in their order, without copies: there can be many.
func listed(r command.ThreadList) iter.Seq[*forum.Thread] {
	return func(yield func(*forum.Thread) bool) {
		for _, threads := range [][]forum.Thread{r.Threads, r.Hidden} {
			for i := range threads {
				if !yield(&threads[i]) {
					return
				}
			}
		}
	}
}

func (t *Text) titles(r command.ThreadList) error {
	for _, thread := range r.Threads {
		if err := t.printf("%s\n", forum.Printable(thread.Title)); err != nil {
			return err
		}
	}
	return nil
}

// threadLine writes the line of a thread, with its title padded to width columns.
func (t *Text) threadLine(thread *forum.Thread, width int) error {
	title := forum.Printable(thread.Title)
	messages := Count(int(thread.Messages), "message")
	active := t.Look.ago(thread.Active) + marks(thread)
	if thread.Removed.Hidden {
		active += ", " + hiddenWords(thread.Removed)
	}
	if t.Look.Plain {
		return t.printf("%s: %s, active %s.\n", title, messages, active)
	}
	pad := strings.Repeat(" ", max(0, width-ansi.StringWidth(title)))
	return t.printf("%s%s  %12s  %s\n", t.Look.strong(title), pad, messages, active)
}

// marks returns the states that moderators have set on a thread.
func marks(thread *forum.Thread) string {
	var marks string
	if thread.Pinned {
		marks += ", pinned"
	}
	if thread.Locked {
		marks += ", locked"
	}
	if thread.Slow > 0 {
		marks += ", slow"
	}
	return marks
}

func (t *Text) threadHidden(r command.ThreadHidden) error {
	if err := t.printf("Thread %s is hidden from all but its author and moderators\n", forum.Printable(r.Thread.Title)); err != nil {
		return err
	}
	return t.Hint("UNHIDE %s shows it again.", forum.Printable(r.Thread.Title))
}

func (t *Text) threadUnhidden(r command.ThreadUnhidden) error {
	return t.printf("Thread %s is no longer hidden\n", forum.Printable(r.Thread.Title))
}

func (t *Text) threadModerated(r command.ThreadModerated) error {
	title := forum.Printable(r.Thread.Title)
	switch {
	case r.Act != forum.AuditThreadSlow:
		return t.printf(moderationWords[r.Act], title)
	case r.Thread.Slow == 0:
		return t.printf("Thread %s is not slow any more.\n", title)
	}
	return t.printf("Thread %s takes one message in %s from each person.\n", title, forum.DurationText(r.Thread.Slow))
}

// moderationWords has the answer to each act of a moderator, with its object.
var moderationWords = map[forum.AuditAct]string{
	forum.AuditThreadLock:    "Thread %s is locked; UNLOCK ends it.\n",
	forum.AuditThreadUnlock:  "Thread %s is open again.\n",
	forum.AuditThreadPin:     "Thread %s is pinned; LST shows it first.\n",
	forum.AuditThreadUnpin:   "Thread %s is not pinned any more.\n",
	forum.AuditUserSilence:   "%s is silenced%s; UNSILENCE ends it.\n",
	forum.AuditUserUnsilence: "%s can write again.\n",
}

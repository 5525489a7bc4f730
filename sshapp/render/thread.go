package render

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"sshforum/forum"
	"sshforum/forum/command"
)

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
	all := slices.Concat(r.Threads, r.Hidden)
	width := 0
	for _, thread := range all {
		width = max(width, ansi.StringWidth(thread.Title))
	}
	for _, thread := range all {
		if err := t.threadLine(thread, width); err != nil {
			return err
		}
	}
	if t.Look.Plain {
		return t.printf("End of the list, %s.\n", Count(len(all), "thread"))
	}
	return nil
}

func (t *Text) titles(r command.ThreadList) error {
	for _, thread := range r.Threads {
		if err := t.printf("%s\n", forum.Printable(thread.Title)); err != nil {
			return err
		}
	}
	return nil
}

func (t *Text) threadLine(thread forum.Thread, width int) error {
	title := forum.Printable(thread.Title)
	messages := Count(int(thread.Messages), "message")
	active := t.Look.ago(thread.Active) + marks(thread)
	if thread.Removed.Hidden {
		active += ", " + hiddenWords(thread.Removed)
	}
	if t.Look.Plain {
		return t.printf("%s: %s, active %s.\n", title, messages, active)
	}
	pad := strings.Repeat(" ", max(0, min(width, 40)-ansi.StringWidth(title)))
	return t.printf("%s%s  %12s  %s\n", t.Look.strong(title), pad, messages, active)
}

// marks says what a moderator has made of a thread.
func marks(thread forum.Thread) string {
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
	return t.printf("Thread %s is hidden no longer\n", forum.Printable(r.Thread.Title))
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

// moderationWords answer what moderators did, with what it was done to.
var moderationWords = map[forum.AuditAct]string{
	forum.AuditThreadLock:    "Thread %s is locked; UNLOCK ends it.\n",
	forum.AuditThreadUnlock:  "Thread %s is open again.\n",
	forum.AuditThreadPin:     "Thread %s is pinned; LST shows it first.\n",
	forum.AuditThreadUnpin:   "Thread %s is not pinned any more.\n",
	forum.AuditUserSilence:   "%s is silenced%s; UNSILENCE ends it.\n",
	forum.AuditUserUnsilence: "%s can write again.\n",
}

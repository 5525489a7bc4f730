package render

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

func (t *Text) levelSet(r command.LevelSet) error {
	return t.printf(levelWords[r.Level]+"\n", forum.Printable(r.Thread.Title))
}

var levelWords = map[forum.Level]string{
	forum.Normal:  "Thread %s is neither watched nor muted.",
	forum.Watched: "You watch Thread %s.",
	forum.Muted:   "Thread %s is muted; you are told of mentions alone.",
}

func (t *Text) levelList(r command.LevelList) error {
	if len(r.Threads) == 0 {
		return t.printf("You watch no thread, and none is muted.\n")
	}
	for _, of := range r.Threads {
		line := fmt.Sprintf("%-5s  %s", of.Level, forum.Printable(of.Thread.Title))
		if t.Look.Plain {
			line = fmt.Sprintf("%s: %s", forum.Printable(of.Thread.Title), of.Level)
		}
		if err := t.printf("%s\n", line); err != nil {
			return err
		}
	}
	return nil
}

func (t *Text) news(r command.News) error {
	lines := t.unreadThreads(r.Threads)
	if r.Mentions > 0 {
		lines = append(lines, Count(r.Mentions, "unread mention")+" of you; NEXT shows the first")
	}
	for _, of := range r.Private {
		peer, shows := forum.Printable(of.Peer), "shows them"
		if of.Letters == 1 {
			shows = "shows it"
		}
		lines = append(lines, fmt.Sprintf("%s from %s; INBOX %[2]s %s", Count(int(of.Letters), "private message"), peer, shows))
	}
	if len(lines) == 0 {
		lines = []string{"Nothing new."}
	}
	if r.Muted > 0 {
		lines = append(lines, Count(r.Muted, "muted thread")+" not counted")
	}
	return t.printf("%s\n", strings.Join(lines, "\n"))
}

func (t *Text) unreadThreads(threads []rules.Unread) (lines []string) {
	width := 0
	for _, of := range threads {
		width = max(width, ansi.StringWidth(forum.Printable(of.Thread.Title)))
	}
	for _, of := range threads {
		lines = append(lines, t.unreadThread(of, width))
	}
	return lines
}

func (t *Text) unreadThread(of rules.Unread, width int) string {
	title, between := forum.Printable(of.Thread.Title), "  "
	if t.Look.Plain {
		between = ", "
	}
	watched := ""
	if of.Level == forum.Watched {
		watched = between + "watched"
	}
	if t.Look.Plain {
		return fmt.Sprintf("%s: %d unread%s", title, of.Messages, watched)
	}
	pad := strings.Repeat(" ", max(0, min(width, 40)-ansi.StringWidth(title)))
	return fmt.Sprintf("%s%s  %6d unread%s", t.Look.strong(title), pad, of.Messages, watched)
}

func (t *Text) caughtUp(r command.CaughtUp) error {
	if r.Messages == 0 {
		return t.printf("Nothing was unread.\n")
	}
	return t.printf("%s in %s marked as read.\n", Count(int(r.Messages), "message"), Count(r.Threads, "thread"))
}

func (t *Text) mentionList(r command.MentionList) error {
	if len(r.Messages) == 0 {
		return t.printf("Nobody has mentioned you.\n")
	}
	for _, p := range r.Messages {
		if err := t.printf("%s", t.postedLine(p)); err != nil {
			return err
		}
	}
	return nil
}

// mentionShown shows the message that NEXT is about.
func (t *Text) mentionShown(r command.MentionShown) error {
	if err := t.printf("%s", t.postedLine(r.Posted)); err != nil {
		return err
	}
	t.saw(r.Thread.ID, r.Message.ID.Seq, r.Message.ID.Seq)
	return nil
}

func (t *Text) messagesSince(r command.MessagesSince) error {
	shown := 0
	for p, err := range r.Messages {
		if err != nil {
			return err
		}
		line := t.postedLine(p)
		if r.Old {
			line = t.oldLine(p)
		}
		if err := t.printf("%s", line); err != nil {
			return err
		}
		t.saw(p.Thread.ID, p.Message.ID.Seq, p.Message.ID.Seq)
		shown++
	}
	if shown == 0 {
		return t.printf("No message was posted since then.\n")
	}
	return nil
}

// oldLine writes a message as the old chat did.
func (t *Text) oldLine(p rules.Posted) string {
	return fmt.Sprintf("#%d, %s: \"%s\", posted at %s.\n", p.Number, forum.Printable(cmp.Or(p.Author, "?")),
		indented(p.Message.Text), p.Message.Posted.In(t.Look.Zone).Format("2 Jan 2006 15:04:05"))
}

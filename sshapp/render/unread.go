package render

import (
	"cmp"
	"fmt"
	"iter"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

var unreadRows = []row{
	// WATCH, UNWATCH, MUTE with a thread
	one("sshforum.level-set.v1", (*Text).levelSet, func(r command.LevelSet) levelJSON { return newLevelJSON(r.ThreadInterest) }),
	// WATCH without a thread
	one("sshforum.levels.v1", (*Text).levelList, func(r command.LevelList) levelListJSON {
		return levelListJSON{list(r.Threads, newLevelJSON)}
	}),
	// NEW; NEXT if nothing is unread
	one("sshforum.news.v1", (*Text).news, newNewsJSON),
	// CATCHUP
	one("sshforum.caught-up.v1", (*Text).caughtUp, func(r command.CaughtUp) caughtUpJSON {
		return caughtUpJSON{r.Threads, r.Messages}
	}),
	// MENTIONS
	one("sshforum.mentions.v1", (*Text).mentionList, func(r command.MentionList) mentionListJSON {
		return mentionListJSON{list(r.Messages, newMessageJSON)}
	}),
	// NEXT if somebody mentioned the person
	one("sshforum.mention.v1", (*Text).mentionShown, func(r command.MentionShown) messageJSON { return newMessageJSON(r.Posted) }),
	// RDM, a line for each message
	each("sshforum.message-since.v1", (*Text).messagesSince,
		func(r command.MessagesSince) iter.Seq2[rules.Posted, error] { return r.Messages },
		func(_ command.MessagesSince, p rules.Posted) messageJSON { return newMessageJSON(p) }),
}

// levelJSON is a thread with its level.
type levelJSON struct {
	// Title of the thread.
	Thread string `json:"thread"`
	// `watch`, `mute` or `normal`.
	Level forum.Level `json:"level"`
}

// levelListJSON is the list of threads that a person watches or has muted.
type levelListJSON struct {
	// The threads with their levels.
	Threads []levelJSON `json:"threads"`
}

// newsJSON is a summary of what is unread.
type newsJSON struct {
	// Threads with unread messages, watched ones first. There are at most 500 watched ones and 500 others.
	Threads []unreadThreadJSON `json:"threads"`
	// More threads have unread messages.
	More bool `json:"more,omitempty"`
	// Number of muted threads with unread messages, which are not in the list.
	Muted int `json:"muted"`
	// Number of unread messages that mention the person.
	Mentions int `json:"mentions"`
	// People whose private messages are unread.
	Private []unreadPrivateJSON `json:"private"`
}

// unreadThreadJSON is a thread with unread messages.
type unreadThreadJSON struct {
	levelJSON
	// Number of unread messages.
	Unread uint64 `json:"unread"`
}

// unreadPrivateJSON is a conversation with unread private messages.
type unreadPrivateJSON struct {
	// Name of the other person.
	Person string `json:"person"`
	// Number of unread messages from that person.
	Unread uint64 `json:"unread"`
}

// caughtUpJSON is the number of messages that were marked as read.
type caughtUpJSON struct {
	// Number of threads with such messages.
	ThreadCount int `json:"thread_count"`
	// Number of messages.
	MessageCount uint64 `json:"message_count"`
}

// mentionListJSON is the list of messages that mention a person.
type mentionListJSON struct {
	// The messages.
	Messages []messageJSON `json:"messages"`
}

func newLevelJSON(i rules.ThreadInterest) levelJSON { return levelJSON{i.Thread.Title, i.Level} }

func newNewsJSON(r command.News) newsJSON {
	return newsJSON{
		Threads: list(r.Threads, func(u rules.UnreadThread) unreadThreadJSON {
			return unreadThreadJSON{levelJSON{u.Thread.Title, u.Level}, u.Messages}
		}),
		More: r.More, Muted: r.Muted, Mentions: r.Mentions,
		Private: list(r.Private, func(u rules.UnreadConversation) unreadPrivateJSON { return unreadPrivateJSON{u.Peer, u.Messages} }),
	}
}

func (t *Text) levelSet(r command.LevelSet) error {
	return t.printf(levelWords[r.Level]+"\n", forum.Printable(r.Thread.Title))
}

var levelWords = map[forum.Level]string{
	forum.Normal:  "Thread %s is neither watched nor muted.",
	forum.Watched: "You watch Thread %s.",
	forum.Muted:   "Thread %s is muted; you are told only of mentions.",
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
	if r.More {
		lines = append(lines, "more threads are unread; CATCHUP marks all as read")
	}
	if r.Mentions > 0 {
		lines = append(lines, Count(r.Mentions, "unread mention")+" of you; NEXT shows the first")
	}
	for _, of := range r.Private {
		peer, shows := forum.Printable(of.Peer), "shows them"
		if of.Messages == 1 {
			shows = "shows it"
		}
		lines = append(lines, fmt.Sprintf("%s from %s; INBOX %[2]s %s", Count(int(of.Messages), "private message"), peer, shows))
	}
	if len(lines) == 0 {
		lines = []string{"Nothing new."}
	}
	if r.Muted > 0 {
		lines = append(lines, Count(r.Muted, "muted thread")+" not counted")
	}
	return t.printf("%s\n", strings.Join(lines, "\n"))
}

func (t *Text) unreadThreads(threads []rules.UnreadThread) (lines []string) {
	width := 0
	for _, of := range threads {
		width = max(width, ansi.StringWidth(forum.Printable(of.Thread.Title)))
	}
	for _, of := range threads {
		lines = append(lines, t.unreadThread(of, width))
	}
	return lines
}

func (t *Text) unreadThread(of rules.UnreadThread, width int) string {
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

// mentionShown shows the message that NEXT leads to.
func (t *Text) mentionShown(r command.MentionShown) error {
	if err := t.printf("%s", t.postedLine(r.Posted)); err != nil {
		return err
	}
	t.markRead(r.Thread.ID, r.Message.ID.Seq, r.Message.ID.Seq)
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
		t.markRead(p.Thread.ID, p.Message.ID.Seq, p.Message.ID.Seq)
		shown++
	}
	if shown == 0 {
		return t.printf("No message was posted since then.\n")
	}
	return nil
}

// oldLine returns a message in the form of the old chat.
func (t *Text) oldLine(p rules.Posted) string {
	return fmt.Sprintf("#%d, %s: \"%s\", posted at %s.\n", p.Number, forum.Printable(cmp.Or(p.Author, "?")),
		indented(p.Message.Text), p.Message.Posted.In(t.Look.Zone).Format("2 Jan 2006 15:04:05"))
}

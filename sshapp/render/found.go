package render

import (
	"cmp"
	"fmt"
	"strings"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
	"sshforum/forum/search"
)

var foundRows = []row{
	// FIND
	one("sshforum.found.v1", (*Text).messagesFound, newFoundJSON),
}

// foundJSON is a page of search results.
type foundJSON struct {
	// Number of messages found, or a lower bound of it.
	Found uint64 `json:"found"`
	// Whether all messages were searched; if not, there may be more than were found.
	Complete bool `json:"complete"`
	// Whether the search took too long; then the page may lack messages, too.
	EndedEarly bool `json:"ended_early,omitempty"`
	// Number of the page, from 1.
	Page int `json:"page"`
	// The messages of the page.
	Messages []hitJSON `json:"messages"`
}

// hitJSON is a message that matches a search.
type hitJSON struct {
	messageJSON
	// The part of the text, or of the name of the file, that matches.
	Excerpt string `json:"excerpt"`
}

func newFoundJSON(r command.MessagesFound) foundJSON {
	return foundJSON{
		Found: r.Total, Complete: !r.More, EndedEarly: r.Early, Page: r.Page.Number,
		Messages: list(r.Hits, func(h rules.Hit) hitJSON { return hitJSON{newMessageJSON(h.Posted), h.Excerpt.Text} }),
	}
}

func (t *Text) messagesFound(r command.MessagesFound) error {
	if len(r.Hits) == 0 && r.Total == 0 && !r.Early {
		return t.printf("Nothing found\n")
	}
	for _, h := range r.Hits {
		if err := t.printf("%s\n", t.hit(h)); err != nil {
			return err
		}
	}
	found := Count(int(r.Total), "message")
	if r.More {
		found = "at least " + found
	}
	switch {
	case r.Early:
		return t.Hint("The search took too long and ended early, %s found; add a word, in: or after:, or ask for fewer with --last.", found)
	case len(r.Hits) == 0:
		return t.printf("There is no page %d; %s found\n", r.Page.Number, found)
	case r.Total > uint64(r.Page.Number)*uint64(r.Page.Size):
		return t.Hint("%s found; add --page %d for those before.", found, r.Page.Number+1)
	case t.Look.Plain:
		return t.printf("End of the search, %s found.\n", found)
	}
	return nil
}

// hit returns a found message as one line, and notes its number as shown.
func (t *Text) hit(h rules.Hit) string {
	t.noteShown(h.Posted)
	title, author := forum.Printable(h.Thread.Title), t.Look.strong(forum.Printable(cmp.Or(h.Author, "?")))
	text, when := t.excerpt(h.Excerpt), t.Look.ago(h.Message.Posted)
	switch {
	case h.Message.Upload != "" && t.Look.Plain:
		return fmt.Sprintf("Thread %s, uploaded by %s, %s: %s", title, author, when, text)
	case h.Message.Upload != "":
		return fmt.Sprintf("%s %s uploaded %s, %s", t.Look.faint(title), author, text, when)
	case t.Look.Plain:
		return fmt.Sprintf("Thread %s, message %d by %s, %s: %s", title, h.Number, author, when, text)
	}
	return fmt.Sprintf("%s %d %s, %s: %s", t.Look.faint(title), h.Number, author, when, text)
}

// excerpt returns a part of a text with its matches in strong style.
func (t *Text) excerpt(e search.Excerpt) string {
	var b strings.Builder
	from := 0
	for _, hit := range e.Hits {
		b.WriteString(forum.Printable(e.Text[from:hit.Start]))
		b.WriteString(t.Look.strong(forum.Printable(e.Text[hit.Start:hit.End])))
		from = hit.End
	}
	b.WriteString(forum.Printable(e.Text[from:]))
	return b.String()
}

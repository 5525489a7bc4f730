package rules

import (
	"context"
	"strings"
	"unicode/utf8"

	"sshforum/forum"
)

// Quote is the part of a message that a reply to it shows.
type Quote struct {
	ID      forum.MessageID
	Number  uint64 // 0 if the message is no longer there; then all fields except ID are empty
	Author  string
	Excerpt string // one line; "" if the reader has blocked its author
}

// excerptRunes is the length of a quote in characters.
const excerptRunes = 60

// Reply posts an answer to a message of the same thread, and mentions its author. Errors:
// Invalid; NotFound; Denied; Conflict if the message is deleted, or the thread has changed
// since target was read; those of Post.
func (s *MessageService) Reply(ctx context.Context, actor Actor, target Target, text string, how ...SendOption) (Posted, error) {
	target = target.clean()
	return s.post(ctx, actor, &postMessage{Title: target.Title, Text: text, Reply: &target}, how)
}

// quote returns the quote of message id, or nil if id is zero.
func quote(r forum.Reader, id forum.MessageID) *Quote {
	if id.IsZero() {
		return nil
	}
	q := &Quote{ID: id}
	n, ok := r.Number(id)
	m, found := r.Message(id)
	if ok && found {
		q.Number, q.Author, q.Excerpt = n, author(r, m), excerpt(m.Text)
	}
	return q
}

// excerpt returns the beginning of a text in one line.
func excerpt(text string) string {
	line := strings.Join(strings.Fields(text[:min(len(text), 16*excerptRunes)]), " ")
	if utf8.RuneCountInString(line) <= excerptRunes && len(text) <= 16*excerptRunes {
		return line
	}
	runes := []rune(strings.ToValidUTF8(line, ""))
	return strings.TrimSpace(string(runes[:min(len(runes), excerptRunes)])) + "…"
}

// presenter turns messages into entries for one reader, within one transaction.
type presenter struct {
	r       forum.Reader
	blocked map[forum.UserID]bool
	names   map[forum.UserID]string
}

func newPresenter(r forum.Reader, reader forum.UserID, unfold bool) *presenter {
	p := &presenter{r: r, blocked: make(map[forum.UserID]bool), names: make(map[forum.UserID]string)}
	if !unfold {
		for id := range r.Blocks(reader) {
			p.blocked[id] = true
		}
	}
	return p
}

func (p *presenter) entry(m forum.Message, number uint64) Entry {
	e := p.unquoted(m, number)
	if e.Folded {
		return e
	}
	if e.Quote = quote(p.r, m.Reply); e.Quote != nil && e.Quote.Number > 0 {
		if original, _ := p.r.Message(m.Reply); p.blocked[original.Author] {
			e.Quote.Excerpt = ""
		}
	}
	return e
}

// unquoted is entry without the quote. It reads no other message.
func (p *presenter) unquoted(m forum.Message, number uint64) Entry {
	e := Entry{Number: number, Message: m, Author: p.author(m)}
	if !m.Removed.Hidden && p.blocked[m.Author] {
		e.Folded, e.Message.Text, e.Message.Upload = true, "", ""
	}
	return e
}

func (p *presenter) author(m forum.Message) string {
	name, ok := p.names[m.Author]
	if !ok || m.Guest != "" {
		name = author(p.r, m)
		p.names[m.Author] = name
	}
	return name
}

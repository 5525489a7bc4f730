package rules

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sshforum/forum"
	"sshforum/forum/limit"
)

// A SendOption says how something is posted or sent.
type SendOption func(*sending)

type sending struct {
	keyed, again, casual bool
	key                  string
}

// Once lets it happen once under key, however often it is tried within 24 hours: another
// try is answered what the first one made, as it stands now. The same key for anything
// else is a Conflict, one that is not 1 to 64 printable characters of ASCII is Invalid,
// and more than 1,000 keys in 24 hours are Limited.
func Once(key string) SendOption {
	return func(s *sending) { s.keyed, s.key = true, key }
}

// Again posts what the person has posted to the same thread a moment ago.
func Again() SendOption {
	return func(s *sending) { s.again = true }
}

// Casual lets a short text come again. It is for doors that cannot ask for Again.
func Casual() SendOption {
	return func(s *sending) { s.casual = true }
}

// newSending reads the options. Errors: Invalid key.
func newSending(options []SendOption) (s sending, err error) {
	for _, set := range options {
		set(&s)
	}
	unprintable := func(r rune) bool { return r < ' ' || r > '~' }
	if s.keyed && (s.key == "" || len(s.key) > maxReceiptKey || strings.ContainsFunc(s.key, unprintable)) {
		return s, forum.Errorf(forum.Invalid, "A key has 1 to %d printable characters of ASCII; choose another.", maxReceiptKey)
	}
	return s, nil
}

// maxCasual is how many characters a text has at most that may come again where a door
// cannot ask: a chat has many an "ok".
const maxCasual = 40

// mayRepeat reports whether c may be what was posted before.
func (how sending) mayRepeat(c *postMessage) bool {
	return how.again || c.Once != "" || how.casual && utf8.RuneCountInString(c.Text) <= maxCasual
}

// duplicate refuses what was posted so long ago. Errors: Conflict.
func (how sending) duplicate(ago time.Duration) error {
	when := "just now"
	switch minutes := int(ago / time.Minute); {
	case minutes == 1:
		when = "a minute ago"
	case minutes > 1:
		when = fmt.Sprintf("%d minutes ago", minutes)
	}
	return forum.Hinted(forum.HintAgain, "", forum.Errorf(forum.Conflict, "You posted this %s.", when))
}

// key stands for what is posted, among the posts of late.
func (c *postMessage) key() limit.PostKey {
	return limit.NewPostKey(c.By, c.Guest, c.Title, c.Reply.words(), withoutEnds(c.Text))
}

// withoutEnds returns a text without the blanks at the ends of its lines, which nobody sees.
func withoutEnds(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRightFunc(line, unicode.IsSpace)
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

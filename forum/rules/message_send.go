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

// A SendOption changes how a message is posted or sent.
type SendOption func(*sending)

type sending struct {
	keyed, again, casual bool
	key                  string
}

// Once makes the request happen once for key, however often it is tried within 24 hours. A
// further try returns the result of the first one in its present state. The same key for a
// different request is a Conflict, a key other than 1 to 64 printable ASCII characters is
// Invalid, and more than 1,000 keys in 24 hours are Limited.
func Once(key string) SendOption {
	return func(s *sending) { s.keyed, s.key = true, key }
}

// Again allows a post that repeats a recent one of the same person in the same thread.
func Again() SendOption {
	return func(s *sending) { s.again = true }
}

// Casual allows a short text to be repeated. It is for doors that cannot ask for Again.
func Casual() SendOption {
	return func(s *sending) { s.casual = true }
}

// newSending applies the options. Errors: Invalid key.
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

// maxCasual is the longest text in characters that Casual allows to be repeated: in a chat
// people often say "ok".
const maxCasual = 40

// mayRepeat reports whether c may repeat an earlier post.
func (how sending) mayRepeat(c *postMessage) bool {
	return how.again || c.Once != "" || how.casual && utf8.RuneCountInString(c.Text) <= maxCasual
}

// duplicateError returns the error for a text that was posted ago before. Its kind is Conflict.
func (how sending) duplicateError(ago time.Duration) error {
	when := "just now"
	switch minutes := int(ago / time.Minute); {
	case minutes == 1:
		when = "a minute ago"
	case minutes > 1:
		when = fmt.Sprintf("%d minutes ago", minutes)
	}
	return forum.Hinted(forum.HintAgain, "", forum.Errorf(forum.Conflict, "You posted this %s.", when))
}

// key identifies the post among the recent ones.
func (c *postMessage) key() limit.PostKey {
	return limit.NewPostKey(c.By, c.Guest, c.Title, c.Reply.text(), withoutEnds(c.Text))
}

// withoutEnds returns a text without the invisible blanks at the ends of its lines.
func withoutEnds(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRightFunc(line, unicode.IsSpace)
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

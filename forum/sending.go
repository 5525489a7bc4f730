package forum

import "strings"

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
		return s, Errorf(Invalid, "A key has 1 to %d printable characters of ASCII; choose another.", maxReceiptKey)
	}
	return s, nil
}

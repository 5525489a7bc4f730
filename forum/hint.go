package forum

import (
	"errors"
	"strings"
	"unicode"
)

// Hint is a code for what would help against an error. The forum's sentences name no
// command; each door has words of its own for a hint, or none.
type Hint string

const (
	HintAgain        Hint = "again"         // post it none the less
	HintAnotherKey   Hint = "another_key"   // or a password, before the last key goes
	HintAnotherTitle Hint = "another_title" // About says for what: to restore, to unhide
	HintAskTalk      Hint = "ask_talk"      // About is with whom, if that is known
	HintEndTalk      Hint = "end_talk"
	HintInvites      Hint = "invites"
	HintLogin        Hint = "login"
	HintRefuseTalk   Hint = "refuse_talk"
	HintRemoveAll    Hint = "remove_all" // the thread with all that is in it
	HintReports      Hint = "reports"
	HintSendFile     Hint = "send_file"  // instead of a text
	HintShorten      Hint = "shorten"    // or send a file
	HintTell         Hint = "tell"       // a private message instead of a talk
	HintLeaveWord    Hint = "leave_word" // a private message for whoever is not here
	HintUnban        Hint = "unban"      // the network About
	HintUnblock      Hint = "unblock"    // the person About
)

// Hinted returns err, which is made by Errorf, with a hint and what that is about.
func Hinted(h Hint, about string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		e.Hint, e.About = h, about
	}
	return err
}

// Advise is Explain with what would help, as words have it: the end of the sentence, or one
// of its own if it begins with a word of one capital letter, as no command does. In them
// ABOUT stands for what the hint is about.
func Advise(err error, words map[Hint]string) string {
	text := Explain(err)
	var e *Error
	if !errors.As(err, &e) || words[e.Hint] == "" {
		return text
	}
	help := strings.ReplaceAll(words[e.Hint], "ABOUT", e.About)
	if len(help) > 1 && unicode.IsUpper(rune(help[0])) && unicode.IsLower(rune(help[1])) {
		return text + " " + help
	}
	return strings.TrimSuffix(text, ".") + "; " + help
}

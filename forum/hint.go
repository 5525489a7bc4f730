package forum

import (
	"errors"
	"strings"
	"unicode"
)

// Hint is a code for a remedy for an error. The forum's sentences name no command; each door
// has its own words for a hint, or none.
type Hint string

const (
	HintAgain        Hint = "again"         // post it all the same
	HintAnotherKey   Hint = "another_key"   // add another key, or a password, before removing the last key
	HintAnotherTitle Hint = "another_title" // About says for which act: to restore, to unhide
	HintAskTalk      Hint = "ask_talk"      // About is the person, if known
	HintEndTalk      Hint = "end_talk"
	HintInvites      Hint = "invites"
	HintLogin        Hint = "login"
	HintRefuseTalk   Hint = "refuse_talk"
	HintRemoveAll    Hint = "remove_all" // remove the thread with all that is in it
	HintReports      Hint = "reports"
	HintSendFile     Hint = "send_file"  // instead of a text
	HintShorten      Hint = "shorten"    // or send a file instead
	HintTell         Hint = "tell"       // send a private message instead of a talk
	HintLeaveWord    Hint = "leave_word" // send a private message to somebody who is not here
	HintUnban        Hint = "unban"      // unban the network About
	HintUnblock      Hint = "unblock"    // unblock the person About
)

// Hinted returns err, which must come from Errorf, with a hint and its object.
func Hinted(h Hint, about string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		e.Hint, e.About = h, about
	}
	return err
}

// HintOf returns the hint of err and what that is about, or "" if err has none.
func HintOf(err error) (h Hint, about string) {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Hint, e.About
	}
	return "", ""
}

// Advise is Explain with the words for the hint. They become the end of the sentence, or a
// sentence of their own if they begin with a word that has one capital letter, as no command
// does. ABOUT in them is replaced by the object of the hint.
func Advise(err error, words map[Hint]string) string {
	text := Explain(err)
	h, about := HintOf(err)
	if words[h] == "" {
		return text
	}
	help := strings.ReplaceAll(words[h], "ABOUT", about)
	if len(help) > 1 && unicode.IsUpper(rune(help[0])) && unicode.IsLower(rune(help[1])) {
		return text + " " + help
	}
	return strings.TrimSuffix(text, ".") + "; " + help
}

package rules

import (
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sshforum/forum"
)

// maxMentions is the highest number of people that one message can mention. maxNamesTried
// limits the look-ups for one message.
const (
	maxMentions   = 20
	maxNamesTried = 1000
)

// findMentions returns the people whom text mentions as @name, sorted by id.
func (s *MessageService) findMentions(text string) (ids []forum.UserID, err error) {
	if !strings.Contains(text, "@") {
		return nil, nil
	}
	err = s.cfg.Store.View(func(r forum.Reader) error {
		ids = mentionsIn(r, text)
		return nil
	})
	return ids, err
}

// mentionsIn returns the people whose names follow an @ in the prose of text, sorted by id. If
// several names begin at one @, the longest that an account has counts.
func mentionsIn(r forum.Reader, text string) (ids []forum.UserID) {
	tried := 0
	for word := range mentionCandidates(prose(text)) {
		for name := range namesIn(word) {
			if tried++; tried > maxNamesTried || len(ids) == maxMentions {
				return ids
			}
			u, ok := r.UserByName(forum.NameKey(name))
			if !ok || !u.Closed.IsZero() {
				continue
			}
			if at, found := slices.BinarySearch(ids, u.ID); !found {
				ids = slices.Insert(ids, at, u.ID)
			}
			break
		}
	}
	return ids
}

// mentionCandidates yields the text behind each @ that begins a mention. An @ in a word, such
// as an e-mail address, or in a link begins none.
func mentionCandidates(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for at, r := range text {
			if r != '@' {
				continue
			}
			before, _ := utf8.DecodeLastRuneInString(text[:at])
			word := namePrefix(text[at+1:])
			if word != "" && (at == 0 || !continuesWord(before)) && !yield(word) {
				return
			}
		}
	}
}

// continuesWord reports whether an @ behind r is part of a word or a link.
func continuesWord(r rune) bool {
	return forum.IsNameRune(r) && !unspaced(r) || strings.ContainsRune("._%+-/@", r)
}

// namePrefix returns the longest prefix of s that has only characters allowed in names.
func namePrefix(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool { return !forum.IsNameRune(r) && !strings.ContainsRune(forum.NameSymbols, r) })
	if end < 0 {
		return s
	}
	return s[:end]
}

// namesIn yields the names that word can begin with, the longest first. A name can end at the
// end of word, at any of the full stops and similar symbols at its end, before a hyphen, or at
// any letter of a script that is written without spaces.
func namesIn(word string) iter.Seq[string] {
	return func(yield func(string) bool) {
		ends := nameEnds(word)
		for _, end := range slices.Backward(ends) {
			if !yield(word[:end]) {
				return
			}
		}
	}
}

func nameEnds(word string) (ends []int) {
	bare := len(strings.TrimRight(word, forum.NameSymbols))
	previous, runes := rune(0), 0
	for i, r := range word {
		if runes > 0 && (i >= bare || r == '-' || !unicode.IsMark(r) && (unspaced(r) || unspaced(previous))) {
			ends = append(ends, i)
		}
		if runes++; runes > forum.MaxNameRunes {
			return ends
		}
		previous = r
	}
	return append(ends, len(word))
}

// unspaced reports whether r belongs to a script that puts no space between a name and the next
// word or particle.
func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// resolveMentions returns the people whom a message by u mentions, sorted by id: those it names
// and the author of the message it answers, except u and people whom u has blocked or who have
// blocked u.
func resolveMentions(r forum.Reader, u forum.User, original forum.Message, named []forum.UserID) (ids []forum.UserID) {
	if original.Author != 0 && original.Author != forum.Guests {
		named = append(slices.Clone(named), original.Author)
	}
	slices.Sort(named)
	for _, id := range slices.Compact(named) {
		if id != u.ID && !r.Blocked(u.ID, id) && !r.Blocked(id, u.ID) {
			ids = append(ids, id)
		}
	}
	return ids
}

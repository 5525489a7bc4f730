package search

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Limits of a query.
const (
	maxQueryTerms = 32 // of terms, and also of phrases, each of which is looked for in texts
	maxQueryBytes = 1 << 10
)

// Query is a parsed search. A text matches if it has all words and phrases; the caller applies
// the filters.
type Query struct {
	Author        string // name, "" for any
	Thread        string // title, "" for any
	After, Before string // points in time as typed, "" for none
	File          bool   // only the lines of uploaded files

	phrases []phrase
}

// phrase is a sequence of units; a single word is a phrase of one unit.
type phrase []unit

// Parse reads the words of a query. A phrase is a word such as e-mail, whose parts are
// separated by other characters, or a word with blanks in it, which was quoted. The error is
// half a sentence that names the mistake.
func Parse(words []string) (Query, error) {
	var q Query
	size := 0
	for _, word := range words {
		size += len(word) + 1
	}
	if size > maxQueryBytes+1 {
		return q, fmt.Errorf("a search has at most %d bytes; use fewer words", maxQueryBytes)
	}
	for _, word := range words {
		if err := q.add(word); err != nil {
			return q, err
		}
	}
	switch {
	case len(q.phrases) == 0 && !q.filtered() && len(words) > 0:
		return q, errors.New("there is no letter and no digit to look for")
	case len(q.phrases) == 0 && !q.filtered():
		return q, errors.New("say what to look for, such as: FIND light saber author:yoda")
	case len(q.phrases) > maxQueryTerms, len(q.Terms()) > maxQueryTerms:
		return q, fmt.Errorf("a search has at most %d words; use fewer", maxQueryTerms)
	}
	return q, nil
}

func (q *Query) filtered() bool {
	return q.File || q.Author != "" || q.Thread != "" || q.After != "" || q.Before != ""
}

func (q *Query) add(word string) error {
	name, value, ok := strings.Cut(word, ":")
	if ok {
		for _, f := range filters {
			if strings.EqualFold(f.name, name) {
				return f.set(q, value)
			}
		}
	}
	if p := parsePhrase(word); len(p) > 0 && !slices.ContainsFunc(q.phrases, p.same) {
		q.phrases = append(q.phrases, p)
	}
	return nil
}

// same reports whether p and other match the same texts.
func (p phrase) same(other phrase) bool {
	return slices.EqualFunc(p, other, func(u, v unit) bool { return u.term == v.term && u.joined == v.joined })
}

// filters are the names that may stand before a colon. Any other word with a colon is a phrase.
var filters = []struct {
	name string
	set  func(q *Query, value string) error
}{
	{"author", func(q *Query, value string) error { return setOnce(&q.Author, "author", value) }},
	{"in", func(q *Query, value string) error { return setOnce(&q.Thread, "in", value) }},
	{"after", func(q *Query, value string) error { return setOnce(&q.After, "after", value) }},
	{"before", func(q *Query, value string) error { return setOnce(&q.Before, "before", value) }},
	{"has", setHas},
}

func setOnce(field *string, name, value string) error {
	switch {
	case value == "":
		return fmt.Errorf("%s: needs a value right behind the colon", name)
	case *field != "":
		return fmt.Errorf("%s: is given twice", name)
	}
	*field = value
	return nil
}

func setHas(q *Query, value string) error {
	if !strings.EqualFold(value, "file") {
		return errors.New("has: knows only has:file")
	}
	q.File = true
	return nil
}

func parsePhrase(text string) phrase {
	p := make(phrase, 0, len(text)/6+1)
	units(fold(text), func(u unit) { p = append(p, u) })
	return p
}

// Terms returns the terms that every matching text has, sorted and without repetition.
func (q Query) Terms() []Term {
	var terms []Term
	for _, p := range q.phrases {
		for i, u := range p {
			switch {
			case u.joined:
				terms = append(terms, u.pair(p[i-1]))
			case i+1 == len(p) || !p[i+1].joined: // otherwise the pair implies it
				terms = append(terms, u.term)
			}
		}
	}
	return Sorted(terms)
}

// Exact reports whether every text that has all terms matches, so that no text must be read.
func (q Query) Exact() bool {
	return !slices.ContainsFunc(q.phrases, func(p phrase) bool {
		return len(p) > 2 || len(p) == 2 && !p[1].joined
	})
}

// Found reports whether text has all words and phrases.
func (q Query) Found(text string) bool {
	all := parsePhrase(text)
	for _, p := range q.phrases {
		if p.in(all, 0) < 0 {
			return false
		}
	}
	return true
}

// in returns the first index, from first on, at which all has p, or -1.
func (p phrase) in(all []unit, first int) int {
	for i := first; i+len(p) <= len(all); i++ {
		if slices.EqualFunc(p, all[i:i+len(p)], sameUnit) {
			return i
		}
	}
	return -1
}

// sameUnit reports whether v in a text matches u in a query. Adjacent characters of a query
// match only adjacent characters of a text, as in the index.
func sameUnit(u, v unit) bool { return u.term == v.term && (v.joined || !u.joined) }

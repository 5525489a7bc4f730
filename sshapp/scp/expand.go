package scp

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"sshforum/forum"
)

const (
	// maxPattern limits a pattern, in bytes; names have up to 255.
	maxPattern = 1024
	// maxCompared limits the work for all patterns of a request: the bytes of each pattern,
	// times its own bytes, since it may be parsed again at each bracket, and times those of the
	// names it is compared with. The limit takes at most a second.
	maxCompared = 1 << 26
	readingCost = 16 // of a byte; comparing a byte costs 1
	// maxMatched limits the paths that a request can match.
	maxMatched = 1 << 16
)

// Expand returns the paths of words, as a shell expands them (POSIX, Shell Command Language
// 2.13.3): a word whose last element is a pattern becomes the names that match it, in order, or
// the word itself if there are none. Other elements are taken literally. names returns the
// names in a directory, or none if dir is not a directory. Errors: Limited if the words need
// too much work or match too many paths; the cause of ctx.
func Expand(ctx context.Context, words []Word, names func(ctx context.Context, dir string) []string) ([]string, error) {
	e := &expander{
		names: func(dir string) []string { return names(ctx, dir) },
		known: make(map[string][]string),
	}
	for _, w := range words {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err := e.add(w); err != nil {
			return nil, err
		}
	}
	return e.paths, nil
}

type expander struct {
	names    func(dir string) []string
	known    map[string][]string // by directory
	compared int
	paths    []string
}

func (e *expander) add(w Word) error {
	if !w.isPattern() {
		e.paths = append(e.paths, w.Text)
		return nil
	}
	dir := w.Text[:strings.LastIndexByte(w.Text, '/')+1]
	last, before := w.last(), len(e.paths)
	if e.compared += readingCost * len(last) * len(last); len(last) > maxPattern || e.compared > maxCompared {
		return errPatterns
	}
	p := compile(last)
	for _, name := range e.in(dir) {
		if e.compared += len(last) * (len(name) + 1); e.compared > maxCompared || len(e.paths) == maxMatched {
			return errPatterns
		}
		if p.match(name) {
			e.paths = append(e.paths, dir+name)
		}
	}
	if len(e.paths) == before {
		e.paths = append(e.paths, w.Text)
	}
	return nil
}

var errPatterns = forum.Errorf(forum.Limited, "Too much is to be compared with patterns; scp -r copies all of a thread.")

// in returns the sorted names in a directory.
func (e *expander) in(dir string) []string {
	names, ok := e.known[dir]
	if !ok {
		names = slices.Sorted(slices.Values(e.names(dir)))
		e.known[dir] = names
	}
	return names
}

// isPattern reports whether the last element of w is a pattern. It may be malformed.
func (w Word) isPattern() bool {
	last := w.pattern[strings.LastIndexByte(w.pattern, '/')+1:]
	for i := 0; i < len(last); i++ {
		switch last[i] {
		case '\\':
			i++
		case '*', '?', '[':
			return true
		}
	}
	return false
}

// last returns the last element of w as a pattern, in the Unicode normal form of names (NFC).
func (w Word) last() string {
	return norm.NFC.String(w.pattern[strings.LastIndexByte(w.pattern, '/')+1:])
}

package scp

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"sshforum/forum"
)

const (
	// maxPattern is how long a pattern can be, in bytes; names have up to 255.
	maxPattern = 1024
	// maxCompared bounds the work of the patterns of a request: the bytes of each, times
	// those of itself, since it may be read anew at each bracket, and of the names it is
	// compared with. That is at most a second.
	maxCompared = 1 << 26
	readingCost = 16 // of a byte, where comparing one is 1
	// maxMatched is how many paths a request can stand for.
	maxMatched = 1 << 16
)

// Expand returns the paths that words stand for, as a shell does (POSIX, Shell Command
// Language 2.13.3): a word whose last element is a pattern stands for the names that match
// it, in order, and for itself when there is none. Other elements are taken as they are.
// names returns those in a directory, where what is none has none. Errors: Limited; the
// cause of ctx.
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

// in returns the names in a directory, in order.
func (e *expander) in(dir string) []string {
	names, ok := e.known[dir]
	if !ok {
		names = slices.Sorted(slices.Values(e.names(dir)))
		e.known[dir] = names
	}
	return names
}

// isPattern reports whether the last element of w is a pattern, if it is well formed.
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

// last returns the last element of w as a pattern, composed as names are.
func (w Word) last() string {
	return norm.NFC.String(w.pattern[strings.LastIndexByte(w.pattern, '/')+1:])
}

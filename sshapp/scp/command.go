package scp

import (
	"path"
	"slices"
	"strings"

	"sshforum/forum"
)

// Request is the task that an scp client gives to the remote side.
type Request struct {
	Sink        bool // -t: the client sends and Receive serves it; otherwise -f: Send serves it
	Recursive   bool // -r: directories too
	Times       bool // -p: keep times and modes
	TargetIsDir bool // -d: the only path must be a directory
	Paths       []string

	words []Word // the words of Paths; nil if none is a pattern
}

const usage = "To copy a file, run scp on your own machine: scp FILE HOST:PATH or scp HOST:PATH FILE, and scp -3 between two hosts."

// ParseCommand reads the command line with which an scp client starts the remote side: scp, by
// any path, with -t or -f and any of -r, -p, -d, -v and -q (the last two change nothing), then
// the paths as their user wrote them. The line is split as a POSIX shell does (POSIX, Shell
// Command Language 2.2) by blanks, quotes and backslashes; a tilde at the beginning of a path
// is the root, and Send expands patterns. Other shell syntax is not supported. It returns false
// if the command is not scp. Errors: Usage, to be sent by Refuse.
func ParseCommand(raw string) (Request, bool, error) {
	program, rest, err := nextWord(raw)
	if err != nil || path.Base(program.Text) != "scp" {
		return Request{}, false, nil
	}
	words, err := SplitWords(rest)
	if err != nil {
		return Request{}, true, err
	}
	r, err := parseArguments(words)
	return r, true, err
}

func parseArguments(words []Word) (Request, error) {
	var r Request
	source := false
	for len(words) > 0 && len(words[0].Text) > 1 && words[0].Text[0] == '-' {
		option := words[0].Text
		words = words[1:]
		if option == "--" {
			break
		}
		for _, letter := range option[1:] {
			switch letter {
			case 't':
				r.Sink = true
			case 'f':
				source = true
			case 'r':
				r.Recursive = true
			case 'p':
				r.Times = true
			case 'd':
				r.TargetIsDir = true
			case 'v', 'q':
			default:
				return Request{}, forum.Errorf(forum.Usage, "The option -%s of scp is not known here; leave it out.", forum.Printable(string(letter)))
			}
		}
	}
	for _, w := range words {
		r.Paths = append(r.Paths, w.Text)
	}
	if slices.ContainsFunc(words, Word.isPattern) {
		r.words = words
	}
	switch {
	case r.Sink == source:
		return Request{}, forum.Errorf(forum.Usage, usage)
	case len(words) == 0:
		return Request{}, forum.Errorf(forum.Usage, "A path is missing; %s", strings.ToLower(usage[:1])+usage[1:])
	case r.Sink && len(words) > 1:
		return Request{}, forum.Errorf(forum.Usage, "Files go to one path at a time; put quotes inside the quotes around a path with spaces, as in 'HOST:\"a b\"'.")
	}
	return r, nil
}

package scp

import (
	"path"
	"strings"

	"sshforum/forum"
)

// Request is what an scp client asks the remote side to do.
type Request struct {
	Sink        bool // -t: the client sends and Receive serves it; otherwise -f and Send
	Recursive   bool // -r: directories too
	Times       bool // -p: times and modes are to be kept
	TargetIsDir bool // -d: the one path must be a directory
	Paths       []string
}

const usage = "To copy a file, run scp on your own machine: scp FILE HOST:PATH or scp HOST:PATH FILE, and scp -3 between two hosts."

// ParseCommand reads the command line with which an scp client starts the remote side:
// scp, by any path, with -t or -f and any of -r, -p, -d, -v and -q (the last two change
// nothing), then the paths as their user wrote them. The line is split as a POSIX shell
// does (POSIX, Shell Command Language 2.2) by blanks, quotes and backslashes; nothing in it
// is expanded, and what else is special to a shell is not here. It reports false when the command is another one than scp. Errors are of kind
// Usage, and for Refuse to tell.
func ParseCommand(raw string) (Request, bool, error) {
	program, rest, err := nextWord(raw)
	if err != nil || path.Base(program) != "scp" {
		return Request{}, false, nil
	}
	words, err := SplitWords(rest)
	if err != nil {
		return Request{}, true, err
	}
	r, err := parseArguments(words)
	return r, true, err
}

func parseArguments(words []string) (Request, error) {
	var r Request
	source := false
	for len(words) > 0 && len(words[0]) > 1 && words[0][0] == '-' {
		option := words[0]
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
	r.Paths = words
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

const blanks = " \t\n"

// SplitWords splits a line of shell words. A line with NUL, which no shell could pass on,
// or with a quote that is not closed is an error.
func SplitWords(line string) ([]string, error) {
	if strings.ContainsRune(line, 0) {
		return nil, forum.Errorf(forum.Usage, "A path cannot contain the character NUL; use another name.")
	}
	var words []string
	for line = strings.TrimLeft(line, blanks); line != ""; line = strings.TrimLeft(line, blanks) {
		word, rest, err := nextWord(line)
		if err != nil {
			return nil, err
		}
		words = append(words, word)
		line = rest
	}
	return words, nil
}

// nextWord takes the first word off line.
func nextWord(line string) (word, rest string, err error) {
	line = strings.TrimLeft(line, blanks)
	var b strings.Builder
	var quote byte // the one that is open, or 0
	i := 0
	for ; i < len(line); i++ {
		switch c := line[i]; {
		case quote == 0 && strings.IndexByte(blanks, c) >= 0:
			return b.String(), line[i:], nil
		case c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case c == '\\' && quote != '\'':
			i++
			if i == len(line) {
				return "", "", unfinished("backslash")
			}
			if quote == '"' && strings.IndexByte("$`\"\\", line[i]) < 0 {
				b.WriteByte(c)
			}
			b.WriteByte(line[i])
		default:
			b.WriteByte(c)
		}
	}
	if quote != 0 {
		return "", "", unfinished("quote " + string(quote))
	}
	return b.String(), "", nil
}

func unfinished(what string) error {
	return forum.Errorf(forum.Usage, "The path ends inside a %s; the remote side needs quotes of its own, as in 'HOST:\"a b\"'.", what)
}

package scp

import (
	"strings"

	"sshforum/forum"
)

// Word is a word of a line, as a shell reads it.
type Word struct {
	Text string // without its quotes

	pattern string // Text, with a backslash before each quoted character that is special in a pattern
}

const (
	blanks  = " \t\n"
	special = `~*?[]!^-:\` // if not quoted
)

// SplitWords splits a line into shell words. It returns an error if the line has a NUL, which
// no shell could pass on, or an unclosed quote.
func SplitWords(line string) ([]Word, error) {
	if strings.ContainsRune(line, 0) {
		return nil, forum.Errorf(forum.Usage, "A path cannot contain the character NUL; use another name.")
	}
	var words []Word
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

// nextWord cuts the first word off line.
func nextWord(line string) (word Word, rest string, err error) {
	line = strings.TrimLeft(line, blanks)
	var text, pattern strings.Builder
	add := func(c byte, quoted bool) {
		text.WriteByte(c)
		if quoted && strings.IndexByte(special, c) >= 0 {
			pattern.WriteByte('\\')
		}
		pattern.WriteByte(c)
	}
	var quote byte // the quote that is open, or 0
	i := 0
	for ; i < len(line); i++ {
		switch c := line[i]; {
		case quote == 0 && strings.IndexByte(blanks, c) >= 0:
			return atHome(Word{text.String(), pattern.String()}), line[i:], nil
		case c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case c == '\\' && quote != '\'':
			i++
			if i == len(line) {
				return Word{}, "", unfinished("backslash")
			}
			if quote == '"' && strings.IndexByte("$`\"\\", line[i]) < 0 {
				add(c, true)
			}
			add(line[i], true)
		default:
			add(c, quote != 0)
		}
	}
	if quote != 0 {
		return Word{}, "", unfinished("quote " + string(quote))
	}
	return atHome(Word{text.String(), pattern.String()}), "", nil
}

// atHome returns w with a leading tilde replaced by the root, which is everybody's home
// directory.
func atHome(w Word) Word {
	if w.pattern == "~" || strings.HasPrefix(w.pattern, "~/") {
		rest := strings.TrimPrefix(w.Text[1:], "/")
		return Word{"/" + rest, "/" + strings.TrimPrefix(w.pattern[1:], "/")}
	}
	return w
}

func unfinished(what string) error {
	return forum.Errorf(forum.Usage, "The path ends inside a %s; the remote side needs quotes of its own, as in 'HOST:\"a b\"'.", what)
}

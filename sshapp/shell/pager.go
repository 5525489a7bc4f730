package shell

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"sshforum/sshapp/exit"
	"sshforum/sshapp/lineedit"
)

// pager shows text one screen at a time. It writes each line once and never redraws one, so
// that it reads well in a screen reader and in scrollback.
type pager struct {
	ctx    context.Context
	editor *terminal
	plain  bool
	rows   int    // shown since the last question
	rest   []byte // begin of a line whose end has not been written
	free   bool   // show the rest without asking

	search  string   // skip lines until one contains this; "" for no search
	skipped []string // skipped lines, shown if no line contains search
	size    int      // of skipped, in bytes
}

const (
	pagerHelp      = "-- more: Enter line, Space page, / search, G end, q quit -- "
	pagerHelpShort = "-- more -- "
)

// maxSkipped limits the skipped lines that a search keeps, in bytes.
const maxSkipped = 1 << 20

// Write shows whole lines. Errors: exit.ErrQuit if the reader has left.
func (p *pager) Write(b []byte) (int, error) {
	p.rest = append(p.rest, b...)
	for {
		line, rest, whole := bytes.Cut(p.rest, []byte("\n"))
		if !whole {
			return len(b), nil
		}
		p.rest = rest
		if err := p.show(string(line)); err != nil {
			return 0, err
		}
	}
}

// Flush shows the text that has no line end, and the lines that an unsuccessful search has
// skipped.
func (p *pager) Flush() error {
	for p.search != "" {
		sought, lines := p.search, p.skipped
		p.search, p.skipped, p.size = "", nil, 0
		if _, err := fmt.Fprintf(p.editor, "Nothing below has %q.\n", sought); err != nil {
			return err
		}
		p.rows = p.full()
		for _, line := range lines {
			if err := p.show(line); err != nil {
				return err
			}
		}
	}
	if len(p.rest) == 0 {
		return nil
	}
	_, err := p.editor.Write(p.rest)
	p.rest = nil
	return err
}

func (p *pager) show(line string) error {
	if p.search != "" {
		if !strings.Contains(strings.ToLower(line), p.search) {
			p.skip(line)
			return nil
		}
		p.search, p.skipped, p.size = "", nil, 0
	}
	width, height := p.editor.Size()
	needs := 1 + max(0, ansi.StringWidth(line)-1)/width
	if !p.free && p.rows > 0 && p.rows+needs >= height {
		if err := p.ask(height); err != nil {
			return err
		}
		if p.search != "" {
			return p.show(line)
		}
	}
	p.rows += needs
	_, err := io.WriteString(p.editor, line+"\n")
	return err
}

// Skips reports whether a search has skipped the last line.
func (p *pager) Skips() bool { return p.search != "" }

// skip keeps a line that does not match the search, and drops the oldest skipped lines beyond
// maxSkipped.
func (p *pager) skip(line string) {
	p.skipped = append(p.skipped, line)
	for p.size += len(line); p.size > maxSkipped; p.skipped = p.skipped[1:] {
		p.size -= len(p.skipped[0])
	}
}

// full returns a number of rows after which the next line asks first.
func (p *pager) full() int {
	_, height := p.editor.Size()
	return height
}

// question returns the question. It fits in one row, which wipe clears.
func (p *pager) question() string {
	if width, _ := p.editor.Size(); width <= len(pagerHelp) {
		return pagerHelpShort
	}
	return pagerHelp
}

// ask waits for a key and calls its function.
func (p *pager) ask(height int) error {
	for {
		if _, err := io.WriteString(p.editor, p.question()); err != nil {
			return err
		}
		key, err := p.editor.ReadKey(p.ctx)
		if err != nil {
			return exit.ErrQuit
		}
		if _, err := io.WriteString(p.editor, p.wipe()); err != nil {
			return err
		}
		if act, ok := pagerKeys[key]; ok {
			return act(p, height)
		}
	}
}

// wipe returns the text that clears the question, or leaves it on the screen in plain mode.
func (p *pager) wipe() string {
	if p.plain {
		return "\n"
	}
	return "\r\x1b[K"
}

// pagerKeys has the function of each key. Other keys ask again.
var pagerKeys = map[lineedit.Key]func(p *pager, height int) error{
	{Code: lineedit.KeyEnter}:          (*pager).line,
	{Code: lineedit.KeyDown}:           (*pager).line,
	{Code: 'j'}:                        (*pager).line,
	{Code: ' '}:                        (*pager).page,
	{Code: lineedit.KeyPageDown}:       (*pager).page,
	{Code: 'f'}:                        (*pager).page,
	{Code: 'G'}:                        (*pager).toEnd,
	{Code: lineedit.KeyEnd}:            (*pager).toEnd,
	{Code: '/'}:                        (*pager).find,
	{Code: 'q'}:                        (*pager).quit,
	{Code: 'Q'}:                        (*pager).quit,
	{Code: 'c', Mod: lineedit.ModCtrl}: (*pager).quit,
	{Code: 'd', Mod: lineedit.ModCtrl}: (*pager).quit,
}

func (p *pager) line(height int) error {
	p.rows = max(0, height-2)
	return nil
}

func (p *pager) page(int) error {
	p.rows = 0
	return nil
}

func (p *pager) toEnd(int) error {
	p.free = true
	return nil
}

func (p *pager) quit(int) error { return exit.ErrQuit }

// find asks for a search text and skips lines until one contains it.
func (p *pager) find(int) error {
	words, err := p.editor.ReadLine(p.ctx, "/")
	if err != nil {
		return exit.ErrQuit
	}
	p.search, p.rows = strings.ToLower(strings.TrimSpace(words)), 0
	return nil
}

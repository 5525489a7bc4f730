package lineedit

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// maxUnwritten limits the output, in bytes, that the present input may cause before it is
// written, so that a slow terminal slows the input down.
const maxUnwritten = 16 << 10

// reading is a read of one line.
type reading struct {
	ctx     context.Context // ends with the read
	display display
	prompt  []string
	plain   bool
	secret  bool

	ready  <-chan struct{} // calls attend when sent to; may be nil
	attend func()          // does it

	buf      buffer
	search   *search // nil unless searching
	recalled int     // number of the line in the history, counted from the newest; 0 if it is not from there
	draft    string  // the line before recall

	pending []byte // text not inserted yet
	pasted  bool   // pending is pasted text
	merge   bool   // one undo takes back both the next insertion and the last
	spaced  bool   // the last character typed was a space
	warned  bool   // the last insertion was refused
	full    bool   // the block being pasted did not fit

	last, now command // kinds of the last command, and of the present one

	more bool // some of the keys are not handled yet
	done bool
	err  error
	tail string // shown after the line at its end
}

// command is the kind of a key's command, for commands that act differently if repeated.
type command uint8

const (
	other command = iota
	killing
	completing
)

// ReadLine shows the prompt, which is one line and may contain colours, and returns the line
// entered without its end. A pasted block is part of one line, with newlines in it. Errors:
// ErrInterrupt after Ctrl-C; io.EOF after Ctrl-D in an empty line; the error of In at its end,
// where an unfinished line is dropped; the error of a write to Out; and the cause if ctx ends.
// In this last case nothing is written: the next Write or read first leaves the row of the
// line.
func (e *Editor) ReadLine(ctx context.Context, prompt string) (string, error) {
	return e.read(ctx, prompt, &reading{})
}

// ReadSecret is ReadLine for a password: the input is neither shown nor remembered.
func (e *Editor) ReadSecret(ctx context.Context, prompt string) (string, error) {
	return e.read(ctx, prompt, &reading{secret: true})
}

// ReadCommand is ReadLine, but calls attend, which may write, whenever ready is sent to before
// the line is entered.
func (e *Editor) ReadCommand(ctx context.Context, prompt string, ready <-chan struct{}, attend func()) (string, error) {
	return e.read(ctx, prompt, &reading{ready: ready, attend: attend})
}

func (e *Editor) read(ctx context.Context, prompt string, r *reading) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r.ctx, r.plain, r.display = ctx, e.plain.Load(), &screen{}
	if r.plain {
		r.display = &plain{}
	}
	r.setPrompt(prompt)
	e.in.setReading(true)
	defer e.in.setReading(false)
	for {
		if err := e.step(r); err != nil {
			return "", err
		}
		if r.done {
			return r.buf.String(), nil
		}
		if err := rest(ctx, e.effort.pause()); err != nil {
			return "", err
		}
		if r.more {
			continue
		}
		if err := e.wait(ctx, r.ready, r.attend); err != nil {
			return "", err
		}
	}
}

// step handles the present input and then paints.
func (e *Editor) step(r *reading) error {
	if err := e.acquire(r.ctx); err != nil {
		return err
	}
	defer e.unlock()
	if e.current != r {
		e.begin(r)
	}
	b, err := e.in.take()
	e.in.giveBack(e.edit(r, b))
	if err != nil {
		r.end(err)
	}
	if r.done {
		e.finish(r)
	} else {
		done := e.effort.work()
		e.paint(r)
		done()
	}
	if err := e.flush(); err != nil {
		r.end(err)
	}
	return r.err
}

func (r *reading) setPrompt(prompt string) {
	if r.plain {
		prompt = ansi.Strip(prompt)
	}
	r.prompt = promptCells(prompt)
}

// begin shows r on the screen, in a row of its own.
func (e *Editor) begin(r *reading) {
	if e.current != nil {
		e.finish(e.current)
	}
	e.freshRow()
	if e.marksPastes(r) {
		e.out.WriteString(pasteOn)
	}
	e.current = r
}

func (e *Editor) marksPastes(r *reading) bool { return !r.plain || e.cfg.MarkPastes }

// finish leaves r on the screen, and moves to a new row.
func (e *Editor) finish(r *reading) {
	width, _ := e.Size()
	r.display.leave(&e.out, r.view(), width, r.tail)
	if e.marksPastes(r) {
		e.out.WriteString(pasteOff)
	}
	e.current = nil
}

// end ends the reading, with its line if err is nil. Only the first call has an effect.
func (r *reading) end(err error) {
	if !r.done {
		r.done, r.err = true, err
	}
}

func (r *reading) view() view {
	switch {
	case r.secret:
		return view{prompt: r.prompt}
	case r.search != nil:
		return newView(r.search.prompt(), r.buf.text, r.buf.pos)
	default:
		return newView(r.prompt, r.buf.text, r.buf.pos)
	}
}

// edit handles input, and returns the bytes that follow the end of the line or are not handled
// yet.
func (e *Editor) edit(r *reading, b []byte) (rest []byte) {
	r.more = false
	for i, c := range b {
		for _, k := range e.keys.feed(c) {
			e.key(r, k)
		}
		if e.out.Len() > maxUnwritten {
			if err := e.flush(); err != nil {
				r.end(err)
			}
		}
		if r.done {
			return b[i+1:]
		}
		if e.effort.much() {
			r.more, rest = true, b[i+1:]
			break
		}
	}
	e.insertPending(r)
	return rest
}

// key handles one key. It collects text, which insertPending inserts at once.
func (e *Editor) key(r *reading, k Key) {
	if k.isText() {
		e.text(r, k)
		return
	}
	e.insertPending(r)
	r.merge, r.spaced = false, false
	switch {
	case k.Code == keyPasteEnd:
		r.full = false
	case k.Code == keyEscape:
		if r.search != nil {
			r.endSearch(true)
		}
	default:
		done := e.effort.work()
		if r.search == nil || !e.searchKey(r, k) {
			e.command(r, k)
		}
		done()
	}
}

func (e *Editor) command(r *reading, k Key) {
	run := bindings[k]
	if run == nil {
		return
	}
	r.last, r.now = r.now, other
	run(e, r)
	if r.plain {
		r.buf.move(len(r.buf.text))
	}
}

// text collects a character. One undo takes back a word, or a pasted block.
func (e *Editor) text(r *reading, k Key) {
	r.pasted = k.Mod == modPaste
	space := !r.pasted && unicode.IsSpace(k.Code)
	if r.spaced && !space {
		e.insertPending(r)
		r.merge = false
	}
	r.spaced = space
	r.pending = utf8.AppendRune(r.pending, k.Code)
}

func (e *Editor) insertPending(r *reading) {
	if len(r.pending) == 0 {
		return
	}
	defer e.effort.work()()
	s := string(r.pending)
	r.pending = r.pending[:0]
	r.now = other
	if r.secret || r.search != nil {
		s = clean(s, "")
	}
	switch {
	case r.search != nil:
		e.bell = !r.searchText(&e.history, s) || e.bell
	case !r.full:
		e.insert(r, s)
	}
}

func (e *Editor) insert(r *reading, s string) {
	size := r.buf.size
	fits := r.buf.insert(s, e.cfg.MaxLine, r.pasted, r.merge)
	r.merge = r.merge || r.buf.size > size
	if fits {
		r.warned = false
		return
	}
	r.full = r.pasted
	e.refuse(r)
}

// refuse rings the bell, and shows TooLong unless the last insertion was refused too.
func (e *Editor) refuse(r *reading) {
	e.bell = true
	if !r.warned && e.cfg.TooLong != "" {
		e.above(r, e.cfg.TooLong)
	}
	r.warned = true
}

// clean returns s with only the characters that a line may contain, and the given controls.
func clean(s, controls string) string {
	return strings.Map(func(r rune) rune {
		if allowed(r) || strings.ContainsRune(controls, r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(s, ""))
}

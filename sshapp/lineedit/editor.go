// Package lineedit reads lines from a terminal at the far end of a connection: it decodes the
// terminal's input, edits a line with the keys of Emacs, and paints it. It knows grapheme
// clusters, widths and escape sequences. It knows nothing of SSH, of the forum or of commands,
// and it does not trust the terminal's input: no input makes it fail, or use more memory than
// the limits here. It asks the terminal nothing, so it depends on no answer.
package lineedit

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"

	"github.com/charmbracelet/x/ansi"
)

// ErrInterrupt is the error of a read that Ctrl-C ended, and the cause of a context that Ctrl-C
// cancelled.
var ErrInterrupt = errors.New("interrupted")

const (
	defaultWidth, defaultHeight = 80, 24
	minWidth, maxSize           = 4, 4096
	defaultMaxLine              = 64 << 10
	defaultHistoryMax           = 500
	maxIdleBuffer               = 4 << 10 // bytes of output kept between writes
	pasteOn, pasteOff           = "\x1b[?2004h", "\x1b[?2004l"
)

// Config is the configuration of an Editor. Only In and Out are required.
type Config struct {
	In  io.Reader // raw bytes from the terminal
	Out io.Writer // raw bytes to the terminal

	// Width and Height are the terminal's size in columns and rows; 0 means 80 and 24.
	Width, Height int

	// Plain is for a dumb terminal or a screen reader: no escape sequence is written, each
	// piece of text is written once, and a line is edited only at its end.
	Plain bool

	// MarkPastes asks the terminal to mark pastes in plain mode too, with the two escape
	// sequences that are invisible on a terminal. An unmarked paste runs line by line.
	MarkPastes bool

	// Complete returns the candidates for the text before the cursor, which is a byte offset in
	// line. It must be quick and must not call the Editor.
	Complete func(line string, cursor int) Completion

	// MaxLine is the longest line in bytes; 0 means 64 KiB. Input that does not fit is refused
	// with a bell and, once, the sentence TooLong.
	MaxLine int
	TooLong string

	// History has the lines entered earlier, oldest first. HistoryMax is how many lines are
	// kept; 0 means 500.
	History    []string
	HistoryMax int
}

// Editor reads lines and keys from one terminal and writes to it.
//
// ReadLine, ReadSecret and ReadKey are for one goroutine at a time; the other methods are for
// any. Those that write to Out (Write, ReadLine, ReadSecret) do so under a lock and so block
// for as long as a write to Out blocks; the owner of Out ends that by closing it. All other
// methods never wait for Out, and a read that waits for the lock or for input still returns
// when its context ends.
type Editor struct {
	cfg     Config
	in      *input
	keys    *decoder // used only by the read in progress
	effort  effort   // used only by the read in progress
	history history
	size    atomic.Uint64 // width<<32 | height
	plain   atomic.Bool
	resized chan struct{}

	lock    chan struct{} // full while held; guards the fields below, and Out
	out     bytes.Buffer  // output of the next write to Out
	bell    bool
	midRow  bool     // the cursor is not at the start of a row
	current *reading // the line on the screen
	killed  string   // text that Ctrl-Y inserts
}

// New returns an editor and starts a goroutine that reads from In, until In returns an error,
// or returns bytes after Close.
func New(cfg Config) *Editor {
	if cfg.MaxLine <= 0 {
		cfg.MaxLine = defaultMaxLine
	}
	if cfg.HistoryMax <= 0 {
		cfg.HistoryMax = defaultHistoryMax
	}
	e := &Editor{
		cfg:     cfg,
		in:      newInput(),
		keys:    newDecoder(),
		effort:  newEffort(),
		history: history{max: cfg.HistoryMax},
		resized: make(chan struct{}, 1),
		lock:    make(chan struct{}, 1),
	}
	for _, line := range cfg.History {
		e.history.add(line)
	}
	e.SetSize(cfg.Width, cfg.Height)
	e.SetPlain(cfg.Plain)
	go e.in.run(cfg.In)
	return e
}

// Close ends the editor's input: a read in progress returns io.EOF, and the goroutine that
// reads In ends when its Read returns. It does not close In or Out.
func (e *Editor) Close() { e.in.close() }

// SetSize sets the terminal's size in columns and rows. A line being edited is painted again.
func (e *Editor) SetSize(width, height int) {
	if width <= 0 {
		width = defaultWidth
	}
	if height <= 0 {
		height = defaultHeight
	}
	width, height = max(minWidth, min(width, maxSize)), min(height, maxSize)
	e.size.Store(uint64(width)<<32 | uint64(height))
	signal(e.resized)
}

// Size returns the terminal's size in columns and rows.
func (e *Editor) Size() (width, height int) {
	size := e.size.Load()
	return int(size >> 32), int(size & (1<<32 - 1))
}

// SetPlain sets whether later lines are edited in plain mode.
func (e *Editor) SetPlain(plain bool) { e.plain.Store(plain) }

// AddHistory adds a line to the history, unless it is empty, begins with a space, or equals the
// newest line.
func (e *Editor) AddHistory(line string) { e.history.add(line) }

// History returns the lines of the history, oldest first.
func (e *Editor) History() []string { return e.history.all() }

// Interrupts returns a context that a later Ctrl-C cancels with the cause ErrInterrupt, except
// during a read, for which Ctrl-C is a key. Input typed before the Ctrl-C is dropped; other
// input is kept for the next read. After 16 KiB of kept input nothing more is read until the
// next read, so a Ctrl-C is not noticed. There must be only one such context at a time. The
// caller must call stop.
func (e *Editor) Interrupts(ctx context.Context) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	e.in.interrupts(cancel)
	return ctx, func() {
		e.in.interrupts(nil)
		cancel(nil)
	}
}

// Interrupt acts as a typed Ctrl-C.
func (e *Editor) Interrupt() { e.in.typeInterrupt() }

// Write shows text, with every newline as CR LF. While a line is being edited the text appears
// above it, as whole rows, and the line is kept. Escape sequences in the text reach the
// terminal unchanged.
func (e *Editor) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	e.lock <- struct{}{}
	defer e.unlock()
	if err := e.show(string(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// show writes text, above the line being edited if there is one.
func (e *Editor) show(text string) error {
	if r := e.current; r != nil && r.ctx.Err() != nil {
		e.finish(r)
	}
	if r := e.current; r != nil {
		e.above(r, text)
		e.paint(r)
	} else {
		e.print(text)
	}
	return e.flush()
}

// acquire takes the lock unless ctx ends first.
func (e *Editor) acquire(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	default:
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case e.lock <- struct{}{}:
		return nil
	}
}

func (e *Editor) unlock() { <-e.lock }

// print adds text to the output.
func (e *Editor) print(s string) {
	tail := s
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		tail, e.midRow = s[i+1:], false
	}
	e.midRow = e.midRow || ansi.StringWidth(tail) > 0
	writeRows(&e.out, s)
}

// writeRows writes s with every newline as CR LF.
func writeRows(out *bytes.Buffer, s string) {
	for row := range strings.Lines(s) {
		text, ended := strings.CutSuffix(row, "\n")
		if ended {
			text = strings.TrimSuffix(text, "\r")
		}
		out.WriteString(text)
		if ended {
			out.WriteString("\r\n")
		}
	}
}

// freshRow goes to the start of a new row, unless the cursor is at the start of one.
func (e *Editor) freshRow() {
	if e.midRow {
		e.out.WriteString("\r\n")
		e.midRow = false
	}
}

// above shows text in place of the line being edited.
func (e *Editor) above(r *reading, s string) {
	width, _ := e.Size()
	r.display.lift(&e.out, width)
	e.print(s)
	e.freshRow()
}

func (e *Editor) paint(r *reading) {
	width, height := e.Size()
	r.display.paint(&e.out, r.view(), width, height)
}

// flush writes the buffered output to Out, in one piece.
func (e *Editor) flush() error {
	if e.bell {
		e.out.WriteByte('\a')
		e.bell = false
	}
	if e.out.Len() == 0 {
		return nil
	}
	_, err := e.cfg.Out.Write(e.out.Bytes())
	e.out.Reset()
	if e.out.Cap() > maxIdleBuffer {
		e.out = bytes.Buffer{}
	}
	return err
}

// wait returns when there may be input, when the size has changed, or after attend was called
// because of ready. It returns the cause if ctx ends, and io.EOF if the editor is closed.
func (e *Editor) wait(ctx context.Context, ready <-chan struct{}, attend func()) error {
	select {
	case <-ready:
		attend()
		return nil
	case <-e.in.ready:
		return nil
	case <-e.resized:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-e.in.closed:
		return io.EOF
	}
}

// ReadKey returns the next typed key, for a pager. It returns io.EOF at the end of the input,
// and the cause if ctx ends. It shows nothing.
func (e *Editor) ReadKey(ctx context.Context) (Key, error) {
	e.in.setReading(true)
	defer e.in.setReading(false)
	for {
		b, err := e.in.take()
		for i, c := range b {
			for _, k := range e.keys.feed(c) {
				if k.Mod&modPaste == 0 && k.Code < keyEscape {
					e.in.giveBack(b[i+1:])
					return k, nil
				}
			}
		}
		if err == nil {
			err = e.wait(ctx, nil, nil)
		}
		if err != nil {
			return Key{}, err
		}
	}
}

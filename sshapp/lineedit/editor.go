// Package lineedit reads lines from a terminal at the far end of a connection:
// it decodes what the terminal sends, edits a line with the keys of Emacs, and
// paints it. It knows grapheme clusters, widths and escape sequences. It knows
// nothing of SSH, of the forum or of commands, and it trusts nothing the
// terminal sends: no input can make it fail, or hold more memory than the limits
// here say, and it asks the terminal nothing, so it depends on no answer.
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

// ErrInterrupt is returned by a read that Ctrl-C ended, and is the cause of a
// context that Ctrl-C cancelled.
var ErrInterrupt = errors.New("interrupted")

const (
	defaultWidth, defaultHeight = 80, 24
	minWidth, maxSize           = 4, 4096
	defaultMaxLine              = 64 << 10
	defaultHistoryMax           = 500
	maxIdleBuffer               = 4 << 10 // bytes of output kept between writes
	pasteOn, pasteOff           = "\x1b[?2004h", "\x1b[?2004l"
)

// Config says what an Editor works with. Only In and Out are required.
type Config struct {
	In  io.Reader // raw bytes from the terminal
	Out io.Writer // raw bytes to the terminal

	// Width and Height are the terminal's size in columns and rows; 0 is taken
	// for 80 and 24.
	Width, Height int

	// Plain is for a dumb terminal or a screen reader: no escape sequence is
	// written, each piece of text is written once, and a line is edited at its
	// end only.
	Plain bool

	// MarkPastes asks the terminal to mark pastes in plain mode too, with the two
	// escape sequences that a terminal shows nothing of. A paste that is not
	// marked runs line by line.
	MarkPastes bool

	// Complete returns what can stand before the cursor, a byte offset in line.
	// It must be quick and must not call the Editor.
	Complete func(line string, cursor int) Completion

	// MaxLine is the longest line in bytes; 0 means 64 KiB. What does not fit is
	// refused with a bell and, once, the sentence TooLong.
	MaxLine int
	TooLong string

	// History is the lines entered earlier, oldest first; HistoryMax is how many
	// are kept; 0 means 500.
	History    []string
	HistoryMax int
}

// Editor reads lines and keys from one terminal and writes to it.
//
// ReadLine, ReadSecret and ReadKey are for one goroutine at a time; the other
// methods are for any. Those that write to Out (Write, ReadLine, ReadSecret) do
// so under a lock and so block for as long as a write to Out blocks; whoever owns
// Out ends that by closing it. All other methods never wait for Out, and a read
// that waits for the lock or for input still returns when its context ends.
type Editor struct {
	cfg     Config
	in      *input
	keys    *decoder // belongs to the read in progress
	effort  effort   // too
	history history
	size    atomic.Uint64 // width<<32 | height
	plain   atomic.Bool
	resized chan struct{}

	lock    chan struct{} // full while held; guards what follows, and Out
	out     bytes.Buffer  // what goes to Out in the next write
	bell    bool
	midRow  bool     // the cursor is not at the start of a row
	current *reading // the line on the screen
	killed  string   // what Ctrl-Y brings back
}

// New returns an editor and begins to read from In. It reads until In returns an
// error, or has something after Close.
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

// Close ends the reading: a read in progress returns io.EOF, and the goroutine
// that reads In ends when its Read returns. It does not close In or Out.
func (e *Editor) Close() { e.in.close() }

// SetSize tells the editor the terminal's size in columns and rows; a line being
// edited is painted anew.
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

// SetPlain says whether the lines read from now on are edited in plain mode.
func (e *Editor) SetPlain(plain bool) { e.plain.Store(plain) }

// AddHistory remembers a line, unless it is empty, begins with a space, or is the
// newest already.
func (e *Editor) AddHistory(line string) { e.history.add(line) }

// History returns the lines remembered, oldest first.
func (e *Editor) History() []string { return e.history.all() }

// Interrupts returns a context that a Ctrl-C typed from now on cancels with the
// cause ErrInterrupt, except during a read, for which it is a key. Whatever was
// typed before the Ctrl-C is dropped; other input is kept for the next read. After
// 16 KiB of that nothing more is read, and so no Ctrl-C is seen, until the next
// read. Only one such context at a time is served. The caller must call stop.
func (e *Editor) Interrupts(ctx context.Context) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	e.in.interrupts(cancel)
	return ctx, func() {
		e.in.interrupts(nil)
		cancel(nil)
	}
}

// Interrupt is a Ctrl-C that is typed.
func (e *Editor) Interrupt() { e.in.typeInterrupt() }

// Write shows text, with every newline as CR LF. While a line is being edited the
// text appears above it, as whole rows, and the line is kept. The text is not
// made safe: escape sequences in it reach the terminal.
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
	e.out.WriteString(crlf(s))
}

func crlf(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
}

// freshRow goes to the start of a row.
func (e *Editor) freshRow() {
	if e.midRow {
		e.out.WriteString("\r\n")
		e.midRow = false
	}
}

// above shows text where the line being edited was.
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

// flush writes the output to Out, in one piece.
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

// wait returns when there may be input, the size has changed, or ready was sent to and
// attended to.
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

// ReadKey returns the next key that is typed, for a pager. It returns io.EOF at
// the end of the input, and the cause when ctx ends. It shows nothing.
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

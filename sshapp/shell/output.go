package shell

import (
	"io"
	"time"
)

const (
	outputPiece = 32 << 10               // bytes that are gathered; a packet of SSH has as many
	outputWait  = 100 * time.Millisecond // that what is gathered waits for more
)

// output gathers what a command without a terminal writes. A line written by itself costs a
// packet and a system call, several times what it costs to make.
type output struct {
	to      io.Writer
	piece   []byte
	flushed time.Time
	err     error // of the first write that failed
}

func newOutput(to io.Writer) *output { return &output{to: to, flushed: time.Now()} }

// Write gathers p, and writes all that was gathered if that is a whole piece, or is old.
func (o *output) Write(p []byte) (int, error) {
	if len(o.piece) == 0 && len(p) >= outputPiece {
		return o.to.Write(p)
	}
	o.piece = append(o.piece, p...)
	if len(o.piece) >= outputPiece || time.Since(o.flushed) >= outputWait {
		return len(p), o.Flush()
	}
	return len(p), o.err
}

// Flush writes what was gathered.
func (o *output) Flush() error {
	if len(o.piece) > 0 && o.err == nil {
		_, o.err = o.to.Write(o.piece)
	}
	if o.piece = o.piece[:0]; cap(o.piece) > maxPiece && time.Since(o.flushed) >= outputWait {
		o.piece = nil // a command that has little to show keeps little
	}
	o.flushed = time.Now()
	return o.err
}

// errorsAfter is an output for errors that come after what was written before.
type errorsAfter struct {
	out *output
	to  io.Writer
}

func (e errorsAfter) Write(p []byte) (int, error) {
	_ = e.out.Flush() // the command notices by itself
	return e.to.Write(p)
}

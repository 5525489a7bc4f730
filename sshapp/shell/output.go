package shell

import (
	"io"
	"time"
)

const (
	outputPiece = 32 << 10               // limit of the gathered output, in bytes: one SSH packet
	outputWait  = 100 * time.Millisecond // age at which gathered output no longer waits for more
)

// output gathers the output of a command without a terminal. A line that is written by itself
// takes a packet and a system call, which cost several times as much as the line. Unlike a
// bufio.Writer, it holds no whole piece for a command that writes little, such as FOLLOW.
type output struct {
	to      io.Writer
	piece   []byte
	flushed time.Time
	err     error // the error of the first write that failed
}

func newOutput(to io.Writer) *output { return &output{to: to, flushed: time.Now()} }

// Write gathers p. It writes the gathered output if that is a whole piece or old.
func (o *output) Write(p []byte) (n int, err error) {
	if len(o.piece) == 0 && len(p) >= outputPiece && o.err == nil {
		n, o.err = o.to.Write(p)
		return n, o.err
	}
	o.piece = append(o.piece, p...)
	if len(o.piece) >= outputPiece || time.Since(o.flushed) >= outputWait {
		return len(p), o.Flush()
	}
	return len(p), o.err
}

// Flush writes the gathered output.
func (o *output) Flush() error {
	if len(o.piece) > 0 && o.err == nil {
		_, o.err = o.to.Write(o.piece)
	}
	if o.piece = o.piece[:0]; cap(o.piece) > maxPiece && time.Since(o.flushed) >= outputWait {
		o.piece = nil
	}
	o.flushed = time.Now()
	return o.err
}

// errorsAfter writes errors, after the output gathered before them.
type errorsAfter struct {
	out *output
	to  io.Writer
}

func (e errorsAfter) Write(p []byte) (int, error) {
	_ = e.out.Flush() // the command gets this error from its next write
	return e.to.Write(p)
}

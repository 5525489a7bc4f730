package lineedit

import (
	"bytes"
	"context"
	"io"
	"sync"
)

const (
	maxTypeAhead = 16 << 10 // bytes; beyond it nothing more is read for now
	readSize     = 1 << 10
	ctrlC        = 3
)

// input keeps what the terminal has sent until it is wanted.
type input struct {
	mu      sync.Mutex
	queue   []byte
	err     error                   // why there will be no more
	reading bool                    // Ctrl-C is a key for the read in progress
	cancel  context.CancelCauseFunc // what Ctrl-C cancels otherwise; may be nil

	ready  chan struct{} // there may be something in queue or err
	space  chan struct{} // queue may have become shorter
	closed chan struct{}
}

func newInput() *input {
	return &input{
		ready:  make(chan struct{}, 1),
		space:  make(chan struct{}, 1),
		closed: make(chan struct{}),
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// run reads until there is an error, or until a Read returns after close.
func (in *input) run(r io.Reader) {
	buf := make([]byte, readSize)
	for in.waitForSpace() {
		n, err := r.Read(buf)
		in.put(buf[:n], err)
		if err != nil {
			return
		}
	}
}

func (in *input) waitForSpace() bool {
	for in.full() {
		select {
		case <-in.space:
		case <-in.closed:
			return false
		}
	}
	select {
	case <-in.closed:
		return false
	default:
		return true
	}
}

func (in *input) full() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.queue) >= maxTypeAhead
}

func (in *input) put(b []byte, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.queue = append(in.queue, b...)
	in.err = err
	in.interrupt()
	signal(in.ready)
}

// typeInterrupt takes in a Ctrl-C. Of several that nobody has acted on, one is kept.
func (in *input) typeInterrupt() {
	in.mu.Lock()
	defer in.mu.Unlock()
	if !bytes.HasSuffix(in.queue, []byte{ctrlC}) {
		in.queue = append(in.queue, ctrlC)
	}
	in.interrupt()
	signal(in.ready)
}

// interrupt acts on a Ctrl-C in the queue if a command is to be interrupted. As
// in a terminal's driver, what was typed before it is dropped.
func (in *input) interrupt() {
	if in.reading || in.cancel == nil {
		return
	}
	if i := bytes.LastIndexByte(in.queue, ctrlC); i >= 0 {
		in.queue = in.queue[i+1:]
		in.cancel(ErrInterrupt)
		signal(in.space)
	}
}

// take returns all there is. The error comes after the last byte.
func (in *input) take() ([]byte, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	b := in.queue
	in.queue = nil
	signal(in.space)
	if in.err != nil {
		signal(in.ready)
	}
	if len(b) > 0 {
		return b, nil
	}
	return nil, in.err
}

// waiting reports whether something was typed that has not been taken.
func (in *input) waiting() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.queue) > 0
}

// giveBack returns what was taken and not used.
func (in *input) giveBack(b []byte) {
	if len(b) == 0 {
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.queue = append(b, in.queue...)
}

func (in *input) setReading(on bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.reading = on
	in.interrupt()
}

func (in *input) interrupts(cancel context.CancelCauseFunc) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.cancel = cancel
	in.interrupt()
}

func (in *input) close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	select {
	case <-in.closed:
	default:
		close(in.closed)
	}
}

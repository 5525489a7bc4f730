package lineedit

import (
	"bytes"
	"context"
	"io"
	"sync"
)

const (
	maxTypeAhead = 16 << 10 // bytes; beyond it nothing is read for the time
	readSize     = 1 << 10
	ctrlC        = 3
)

// input queues the terminal's bytes until a read takes them.
type input struct {
	mu      sync.Mutex
	queue   []byte
	err     error                   // why no more input comes
	reading bool                    // Ctrl-C is a key for the read in progress
	cancel  context.CancelCauseFunc // called for a Ctrl-C outside of reads; may be nil

	ready  chan struct{} // queue or err may be set
	space  chan struct{} // queue may be shorter
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

// run reads until an error, or until a Read returns after close.
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

// typeInterrupt queues a Ctrl-C, unless the queue ends with one.
func (in *input) typeInterrupt() {
	in.mu.Lock()
	defer in.mu.Unlock()
	if !bytes.HasSuffix(in.queue, []byte{ctrlC}) {
		in.queue = append(in.queue, ctrlC)
	}
	in.interrupt()
	signal(in.ready)
}

// interrupt handles a Ctrl-C in the queue if a command is to be interrupted. Input before it is
// dropped, as in a terminal's driver.
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

// take returns the whole queue. It returns the error only after the last byte.
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

// waiting reports whether the queue has bytes.
func (in *input) waiting() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.queue) > 0
}

// giveBack puts unused bytes back at the front of the queue.
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

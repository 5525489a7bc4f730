package legacy

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// input is what a client sends. A goroutine of its own receives it, so that each arrival
// is known at its time, and a client that went away is noticed at once.
type input struct {
	c        *Conn
	chunks   chan []byte // each what one read received
	rest     []byte      // of the chunk being read
	begun    bool        // what is read belongs to a request that has begun
	deadline time.Time
	err      error         // why no more comes, once over
	over     chan struct{} // closed when no more comes
	unheard  chan struct{} // closed when nobody listens any more
	discard  func()
}

const (
	chunkBytes = 4096 // at most, of one chunk
	maxWaiting = 16   // chunks that wait to be read; more wait with the client, and count as sent when there is room
)

func newInput(c *Conn) input {
	in := input{c: c, chunks: make(chan []byte, maxWaiting), over: make(chan struct{}), unheard: make(chan struct{})}
	in.discard = sync.OnceFunc(func() { close(in.unheard) })
	return in
}

// pump receives until the client has nothing more to say.
func (in *input) pump(conn net.Conn) {
	defer close(in.over)
	buffer := make([]byte, chunkBytes)
	for {
		n, err := conn.Read(buffer)
		acknowledge(conn)
		if n > 0 {
			in.c.asked()
			select {
			case in.chunks <- bytes.Clone(buffer[:n]):
			case <-in.unheard:
			}
		}
		if err != nil {
			in.err = err
			if err == io.EOF {
				in.c.log.Debug("client left")
			}
			in.c.server.here.release(in.c)
			return
		}
	}
}

// Read implements io.Reader. It never joins what arrived apart, so for a dialect without
// delimiters one Read into a buffer as large as the original server's is one request.
// Errors: io.EOF when the client has left; os.ErrDeadlineExceeded; else the cause of the
// ctx of Serve. It and ReadOn are for the goroutine of Serve.
func (in *input) Read(p []byte) (int, error) {
	if len(in.rest) == 0 {
		if err := in.receive(); err != nil {
			return 0, err
		}
	}
	n := copy(p, in.rest)
	in.rest = in.rest[n:]
	return n, nil
}

// ReadOn lets Read go on for the rest of what has begun, such as a file, though the server
// stops. It ends with done.
func (in *input) ReadOn() (done func()) {
	in.begun = true
	return func() { in.begun = false }
}

// receive takes the next chunk.
func (in *input) receive() error {
	ctx := in.c.asking
	if in.begun {
		ctx = in.c.ctx
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	select {
	case in.rest = <-in.chunks:
		return nil
	default:
	}
	var late <-chan time.Time
	if !in.deadline.IsZero() {
		timer := time.NewTimer(time.Until(in.deadline))
		defer timer.Stop()
		late = timer.C
	}
	select {
	case in.rest = <-in.chunks:
		return nil
	case <-in.over:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-late:
		return os.ErrDeadlineExceeded
	}
	select { // what came before the end
	case in.rest = <-in.chunks:
		return nil
	default:
		return in.err
	}
}

// SetReadDeadline makes a Read fail that waits beyond t; the zero time is no deadline.
// What has arrived is read all the same.
func (in *input) SetReadDeadline(t time.Time) { in.deadline = t }

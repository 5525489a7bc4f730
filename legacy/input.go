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

// input is the receiving side of a connection. A goroutine of its own receives, so that the
// time of each arrival is known, and a client that has gone is noticed at once.
type input struct {
	c         *Conn
	chunks    chan []byte // the bytes of one read each
	rest      []byte      // rest of the chunk being read
	readingOn bool        // reads belong to a request that has begun, see ReadOn
	deadline  time.Time
	err       error         // why receiving ended; set before over is closed
	over      chan struct{} // closed when receiving has ended
	discarded chan struct{} // closed when there are no more readers
	discard   func()
}

const (
	chunkBytes = 4096 // maximum size of a chunk
	maxWaiting = 16   // maximum number of unread chunks; further bytes stay in the socket, and count as arrived when there is room
)

func newInput(c *Conn) input {
	in := input{c: c, chunks: make(chan []byte, maxWaiting), over: make(chan struct{}), discarded: make(chan struct{})}
	in.discard = sync.OnceFunc(func() { close(in.discarded) })
	return in
}

// pump receives until the client closes its end or an error occurs.
func (in *input) pump(conn net.Conn) {
	defer close(in.over)
	buffer := make([]byte, chunkBytes)
	for {
		n, err := conn.Read(buffer)
		acknowledge(conn)
		if n > 0 {
			in.c.noteArrival()
			select {
			case in.chunks <- bytes.Clone(buffer[:n]):
			case <-in.discarded:
			}
		}
		if err != nil {
			in.err = err
			if err == io.EOF {
				in.c.log.Debug("client left")
			}
			in.c.server.loggedIn.release(in.c)
			return
		}
	}
}

// Read implements io.Reader. It never joins separate arrivals. So for a dialect without
// delimiters, one Read into a buffer as large as the original server's is one request. Errors:
// io.EOF if the client has left; os.ErrDeadlineExceeded; otherwise the cause of Serve's ctx.
// Only the goroutine of Serve may call Read and ReadOn.
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

// ReadOn lets Read continue while the server stops, for the rest of a request that has begun,
// such as a file. done ends that.
func (in *input) ReadOn() (done func()) {
	in.readingOn = true
	return func() { in.readingOn = false }
}

// receive takes the next chunk.
func (in *input) receive() error {
	ctx := in.c.requestCtx
	if in.readingOn {
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
	select { // a chunk that arrived before the end
	case in.rest = <-in.chunks:
		return nil
	default:
		return in.err
	}
}

// SetReadDeadline makes a Read fail that waits beyond t; the zero time is no deadline. Bytes
// that have arrived are still read.
func (in *input) SetReadDeadline(t time.Time) { in.deadline = t }

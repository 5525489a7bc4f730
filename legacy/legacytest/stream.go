package legacytest

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// Pipe returns the two ends of a connection in memory that joins writes whenever it can: bytes
// written within lag are read together, as far as the reader's buffer has room. As with TCP,
// closing an end with unread input resets the connection, and the last output of that end is
// lost. It uses only channels and timers, for testing/synctest.
func Pipe(lag time.Duration) (client, server net.Conn) {
	a, b := newStream(lag), newStream(lag)
	return &end{in: a, out: b}, &end{in: b, out: a}
}

// stream is one direction of a pipe.
type stream struct {
	lag time.Duration

	mu      sync.Mutex
	bytes   []byte
	ready   time.Time     // when bytes can be read
	ended   error         // error of reads after the last byte
	changed chan struct{} // closed at the next change
}

// window is how many bytes may wait for the reader.
const window = 64 << 10

func newStream(lag time.Duration) *stream {
	return &stream{lag: lag, changed: make(chan struct{})}
}

func (s *stream) change() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *stream) write(p []byte, d *deadline) (n int, err error) {
	for {
		s.mu.Lock()
		if s.ended != nil {
			s.mu.Unlock()
			return n, io.ErrClosedPipe
		}
		if room := min(window-len(s.bytes), len(p)-n); room > 0 {
			if len(s.bytes) == 0 {
				s.ready = time.Now().Add(s.lag)
			}
			s.bytes = append(s.bytes, p[n:n+room]...)
			n += room
			s.change()
		}
		changed := s.changed
		s.mu.Unlock()
		if n == len(p) {
			return n, nil
		}
		if err := d.wait(changed, time.Time{}); err != nil {
			return n, err
		}
	}
}

func (s *stream) read(p []byte, d *deadline) (int, error) {
	for {
		s.mu.Lock()
		if left := time.Until(s.ready); len(s.bytes) > 0 && left <= 0 {
			n := copy(p, s.bytes)
			s.bytes = s.bytes[n:]
			s.change()
			s.mu.Unlock()
			return n, nil
		}
		if ended := s.ended; len(s.bytes) == 0 && ended != nil {
			s.mu.Unlock()
			return 0, ended
		}
		changed, ready := s.changed, time.Time{}
		if len(s.bytes) > 0 {
			ready = s.ready
		}
		s.mu.Unlock()
		if err := d.wait(changed, ready); err != nil {
			return 0, err
		}
	}
}

// end makes reads return err after the last byte.
func (s *stream) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended == nil {
		s.ended = err
		s.change()
	}
}

// close ends the reading of a stream, and reports whether all bytes were read.
func (s *stream) close() (whole bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	whole = len(s.bytes) == 0
	s.bytes = nil
	if s.ended == nil {
		s.ended = net.ErrClosed
		s.change()
	}
	return whole
}

// reset drops the unread bytes and resets the connection.
func (s *stream) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bytes, s.ended = nil, syscall.ECONNRESET
	s.change()
}

// deadline is the time at which waits end.
type deadline struct {
	mu sync.Mutex
	at time.Time
}

func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = t
}

// wait returns at a change, or at ready if that is not zero. Errors: os.ErrDeadlineExceeded at
// the deadline that was set when the wait began.
func (d *deadline) wait(changed <-chan struct{}, ready time.Time) error {
	d.mu.Lock()
	at := d.at
	d.mu.Unlock()
	until, late := ready, error(nil)
	if !at.IsZero() && (ready.IsZero() || at.Before(ready)) {
		until, late = at, os.ErrDeadlineExceeded
	}
	if until.IsZero() {
		<-changed
		return nil
	}
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-changed:
		return nil
	case <-timer.C:
		return late
	}
}

// end is one end of a pipe.
type end struct {
	in, out     *stream
	read, wrote deadline
}

func (e *end) Read(p []byte) (int, error)  { return e.in.read(p, &e.read) }
func (e *end) Write(p []byte) (int, error) { return e.out.write(p, &e.wrote) }

// CloseWrite ends the writing of this end, which can still read.
func (e *end) CloseWrite() error {
	e.out.end(io.EOF)
	return nil
}

func (e *end) Close() error {
	if e.in.close() {
		e.out.end(io.EOF)
	} else {
		e.out.reset()
	}
	return nil
}

func (e *end) LocalAddr() net.Addr  { return local }
func (e *end) RemoteAddr() net.Addr { return addr }

// The addresses of a pipe are on different machines.
var (
	addr  = &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 50000}
	local = &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 12344}
)

func (e *end) SetDeadline(t time.Time) error {
	e.read.set(t)
	e.wrote.set(t)
	return nil
}

func (e *end) SetReadDeadline(t time.Time) error {
	e.read.set(t)
	return nil
}

func (e *end) SetWriteDeadline(t time.Time) error {
	e.wrote.set(t)
	return nil
}

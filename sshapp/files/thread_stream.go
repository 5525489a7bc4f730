package files

import (
	"io"
	"iter"
	"sync"
)

const (
	// threadWindow is how much is kept of what was rendered last, in bytes. A client asks
	// for several pieces at once, of which the server has maxRequests, in any order.
	threadWindow = maxRequests*256<<10 + 512<<10

	// threadSlack is how much more than that is kept until it is thrown away.
	threadSlack = 512 << 10
)

// threadStream reads a threadFile from its beginning on, as it is rendered. Whoever goes
// back further than to what is kept has it rendered anew.
type threadStream struct {
	file *threadFile
	done func()

	mu   sync.Mutex
	next func() ([]byte, error, bool)
	stop func()
	kept []byte // what was rendered last
	end  int64  // where that ends
	err  error  // why nothing follows: io.EOF at the end of the file
}

// open returns what reads the file; Close calls done.
func (t *threadFile) open(done func()) *threadStream {
	s := &threadStream{file: t, done: done}
	s.begin()
	return s
}

func (s *threadStream) begin() {
	s.next, s.stop = iter.Pull2(s.file.pieces)
	s.kept, s.end, s.err = s.kept[:0], 0, nil
}

// ReadAt implements io.ReaderAt. Errors: NotFound when the thread was removed meanwhile;
// Limited when it has to be rendered anew too often.
func (s *threadStream) ReadAt(p []byte, at int64) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at < s.from() {
		if err := s.file.service.MayWork(s.file.actor); err != nil {
			return 0, err
		}
		s.stop()
		s.begin()
	}
	for s.end < at+int64(len(p)) && s.err == nil {
		s.render()
	}
	if at >= s.end {
		return 0, s.err
	}
	n := copy(p, s.kept[at-s.from():])
	if n < len(p) {
		return n, s.err
	}
	return n, nil
}

// from returns where what is kept begins.
func (s *threadStream) from() int64 { return s.end - int64(len(s.kept)) }

// render renders one more piece.
func (s *threadStream) render() {
	piece, err, more := s.next()
	switch {
	case !more:
		s.err = io.EOF
	case err != nil:
		s.err = err
	}
	if over := len(s.kept) + len(piece) - threadWindow; over > threadSlack {
		s.kept = append(s.kept[:0], s.kept[min(over, len(s.kept)):]...)
	}
	s.kept = append(s.kept, piece...)
	s.end += int64(len(piece))
}

// Close ends the reading.
func (s *threadStream) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
	s.kept = nil
	s.done()
	return nil
}

package files

import (
	"io"
	"iter"
	"sync"
)

const (
	// threadWindow is how much of the text rendered last is kept, in bytes. A client asks for
	// several pieces at once, in any order, of which the server processes maxRequests.
	threadWindow = maxRequests*256<<10 + 512<<10

	// threadSlack is by how many bytes the kept text may exceed threadWindow before it is cut.
	threadSlack = 512 << 10
)

// threadStream reads a threadFile from its beginning, as it is rendered. A read before the kept
// text makes it be rendered again from the beginning.
type threadStream struct {
	file *threadFile
	done func()

	mu   sync.Mutex
	next func() ([]byte, error, bool)
	stop func()
	kept []byte // the text rendered last
	end  int64  // offset of its end in the file
	err  error  // why nothing follows; io.EOF at the end of the file
}

// open returns a reader of the file; its Close calls done.
func (t *threadFile) open(done func()) *threadStream {
	s := &threadStream{file: t, done: done}
	s.begin()
	return s
}

func (s *threadStream) begin() {
	s.next, s.stop = iter.Pull2(s.file.pieces)
	s.kept, s.end, s.err = s.kept[:0], 0, nil
}

// ReadAt implements io.ReaderAt. Errors: NotFound if the thread was removed since; Limited if
// the file must be rendered again too often.
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

// from returns the offset of the kept text in the file.
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

package sftpext

import "sync"

// A class decides which requests the server may have at the same time.
type class uint8

const (
	reads   class = iota // of one file, by a handle
	writes               // to one file, by a handle
	looks                // changes nothing
	changes              // may change any file, or open one
)

// request is a request that the server has not answered.
type request struct {
	class    class
	file     string  // the file that is read or written; "" if unknown
	from, to uint64  // the bytes of the file that are written
	opens    *opened // the file or directory of the handle that the answer will have, if any
	closes   string  // the handle that the request closes
}

func (r request) transfers() bool { return r.class == reads || r.class == writes }

// beside reports whether the server may have next while it has r. Package pkg/sftp 1.13.12
// handles reads and writes on several goroutines, and all other requests in turn on one more.
// But the requests for one file must take effect as if each ended before the next began
// (draft-ietf-secsh-filexfer-02, section 6.1). While the server opens a handle, a client that
// guesses the handle could also read or write by it, without a lock between the two.
func (r request) beside(next request) bool {
	switch {
	case !r.transfers() && !next.transfers():
		return true
	case r.class == changes || next.class == changes:
		return false
	case r.class != writes && next.class != writes:
		return true
	case r.file == "" || next.file == "":
		return false
	case r.file != next.file:
		return true
	}
	return r.class == writes && next.class == writes && (r.to <= next.from || next.to <= r.from)
}

// queue has the requests that the server has not answered, in their order, which is also the
// order of the answers.
type queue struct {
	news chan struct{} // sent to when a request is answered

	mu      sync.Mutex
	pending []request
}

// join adds a request and returns true, if the request may be beside those of the queue and the
// queue then has at most most.
func (q *queue) join(next request, most int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.pending) >= most {
		return false
	}
	for _, r := range q.pending {
		if !r.beside(next) {
			return false
		}
	}
	q.pending = append(q.pending, next)
	return true
}

func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.pending)
}

// first returns the request that the next answer belongs to.
func (q *queue) first() request {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.pending) == 0 {
		return request{}
	}
	return q.pending[0]
}

// answered removes the first request.
func (q *queue) answered() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.pending) > 0 {
		q.pending = append(q.pending[:0], q.pending[1:]...)
	}
	select {
	case q.news <- struct{}{}:
	default:
	}
}

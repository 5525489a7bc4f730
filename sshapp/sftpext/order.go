package sftpext

import "sync"

// A class says beside which others the server may have a request.
type class uint8

const (
	reads   class = iota // of one file, by a handle
	writes               // to one file, by a handle
	looks                // changes nothing
	changes              // may change any file, or open one
)

// request is one that the server has not answered.
type request struct {
	class    class
	file     string  // that is read or written; "" if that is not known
	from, to uint64  // what of the file is written
	opens    *opened // what its handle will be of, if that is what the answer has
	closes   string  // the handle that it closes
}

func (r request) transfers() bool { return r.class == reads || r.class == writes }

// beside reports whether the server may have next while it has r. Package pkg/sftp 1.13.12
// does reads and writes on several goroutines and all else on one more, in turn, though
// what happens to one file must be as if each request ended before the next began
// (draft-ietf-secsh-filexfer-02, section 6.1). While it opens a handle, a client that
// guesses it could also read or write by it, without a lock between the two.
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

// queue has the requests that the server has not answered, in their order, which is that
// of its answers.
type queue struct {
	news chan struct{} // told when one is answered

	mu    sync.Mutex
	under []request
}

// join adds a request, if it may be beside those that are there and the server then has
// no more than most, and reports so.
func (q *queue) join(next request, most int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.under) >= most {
		return false
	}
	for _, r := range q.under {
		if !r.beside(next) {
			return false
		}
	}
	q.under = append(q.under, next)
	return true
}

func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.under)
}

// first returns the request that the next answer is for.
func (q *queue) first() request {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.under) == 0 {
		return request{}
	}
	return q.under[0]
}

// answered removes the first.
func (q *queue) answered() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.under) > 0 {
		q.under = append(q.under[:0], q.under[1:]...)
	}
	select {
	case q.news <- struct{}{}:
	default:
	}
}

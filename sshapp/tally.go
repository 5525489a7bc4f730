package sshapp

import "sync"

// A tally counts running sessions and tunnels. Once it is closed, nothing more may begin.
type tally struct {
	mu     sync.Mutex
	count  int
	closed bool
	gone   chan struct{}
}

func newTally() tally { return tally{gone: make(chan struct{})} }

// begin counts one more, or returns false if the tally is closed.
func (t *tally) begin() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	t.count++
	return true
}

// end counts one less.
func (t *tally) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count--
	t.closeIfEmpty()
}

// close makes begin return false. The returned channel is closed when all have ended.
func (t *tally) close() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	t.closeIfEmpty()
	return t.gone
}

func (t *tally) closeIfEmpty() {
	if t.closed && t.count == 0 {
		close(t.gone)
	}
}

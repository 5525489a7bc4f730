package wire

import "sync/atomic"

// backlog limits the bytes that the SSH library holds of a connection until a session reads
// them. A channel takes 2 MiB before its client must wait (channelWindowSize in x/crypto/ssh),
// but each message is held on its own: messages of one byte take fifty times that. So the bytes
// that arrive from the network are counted too, encrypted and framed, less those that were
// read. When all channels wait for input, nothing is held.
type backlog struct {
	bytes   atomic.Int64 // arrived and perhaps not read
	open    atomic.Int64 // channels
	waiting atomic.Int64 // channels that a reader waits on
}

const (
	// backlogEach is how many bytes may arrive for each open channel, and for the connection
	// itself: twice what a client that keeps to its windows can have under way.
	backlogEach = 4 << 20

	// backlogPerSent is how many sent bytes are assumed to bring back one byte, which grants
	// more room: OpenSSH's client answers 1 in 2000.
	backlogPerSent = 256

	// backlogClosed is about how many bytes it takes to open and close a channel.
	backlogClosed = 1 << 10
)

func (b *backlog) opened() { b.open.Add(1) }

// closed must be called once for each opened channel.
func (b *backlog) closed() {
	b.taken(backlogClosed)
	if b.open.Add(-1) == 0 {
		b.bytes.Store(0)
	}
}

// arrived counts bytes from the network before they are processed. All bytes that came before
// have been. It reports whether the backlog is still within its limit.
func (b *backlog) arrived(n int) bool {
	open := b.open.Load()
	if open > 0 && b.waiting.Load() == open {
		b.bytes.Store(0)
	}
	return b.bytes.Add(int64(n)) <= backlogEach*(open+1)
}

// taken counts bytes that were read from a channel.
func (b *backlog) taken(n int) {
	if b.bytes.Add(-int64(n)) < 0 {
		b.bytes.Store(0)
	}
}

// sent counts bytes that were written to a channel.
func (b *backlog) sent(n int) { b.taken(n / backlogPerSent) }

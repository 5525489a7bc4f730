package wire

import "sync/atomic"

// backlog bounds what the SSH library holds of a connection until somebody reads it. A
// channel takes 2 MiB before its client must wait (channelWindowSize in x/crypto/ssh), but
// each message is held on its own: sent one byte at a time, they take fifty times that.
// So what arrives from the network is counted, too, encrypted and framed as it is, less
// what is read. When all channels are waiting for more, nothing is held.
type backlog struct {
	bytes   atomic.Int64 // that arrived and may not have been read
	open    atomic.Int64 // channels
	waiting atomic.Int64 // channels that somebody is reading
}

const (
	// backlogEach is how much may arrive for each open channel, and for the connection
	// itself: twice what a client that sends no more than it may can have under way.
	backlogEach = 4 << 20

	// backlogPerSent is how many bytes that were sent stand for one that came back, as
	// room for more: OpenSSH's client answers 1 in 2000.
	backlogPerSent = 256

	// backlogClosed is how many bytes opening and closing a channel took, about.
	backlogClosed = 1 << 10
)

func (b *backlog) opened() { b.open.Add(1) }

// closed comes once for each channel that was opened.
func (b *backlog) closed() {
	b.taken(backlogClosed)
	if b.open.Add(-1) == 0 {
		b.bytes.Store(0)
	}
}

// arrived counts bytes from the network, before they are looked at. All that came before
// has been. It reports whether that may go on.
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

// sent counts bytes that were written to one.
func (b *backlog) sent(n int) { b.taken(n / backlogPerSent) }

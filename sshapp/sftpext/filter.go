// Package sftpext adds to an SFTP server what github.com/pkg/sftp's lacks: that what
// happens to one file happens in the order of the requests, that a handle is good only for
// what it was opened for, and the extensions limits@openssh.com and fsync@openssh.com of
// OpenSSH's PROTOCOL file. A Filter stands between an SSH channel and the server and knows
// SFTP version 3 (draft-ietf-secsh-filexfer-02) as far as the beginnings of packets go. It
// knows no users, and sets no limit itself.
package sftpext

import (
	"io"
	"sync"
)

const (
	// PacketLength is the longest packet that OpenSSH and pkg/sftp take, in bytes
	// without its length field.
	PacketLength = 256 << 10
	// TransferLength is how much data OpenSSH puts into a packet at most, in bytes.
	TransferLength = PacketLength - 1024
)

// Config is what a Filter tells the client, and does for it.
type Config struct {
	// ReadLength and WriteLength are the most bytes that one request should ask for or
	// bring; 0 stands for TransferLength. A pkg/sftp server must be allowed to answer
	// with ReadLength bytes, by sftp.WithRSMaxTxPacket.
	ReadLength, WriteLength uint32
	// OpenHandles is how many handles the server gives out, 0 if it sets no limit.
	// OpenSSH's client then has no more requests than that under way either.
	OpenHandles uint32
	// File names the file that a path leads to, the same by whatever path: absolute and
	// clean, as pkg/sftp's handlers see it. What the server opens under different names
	// it may read and write at the same time. Nil if a file has one path.
	File func(path string) string
	// Requests is how many requests the server is given before it has answered one of
	// them; 0 stands for 64. The others wait on the channel.
	Requests int

	// Fsync makes durable what was written to a file, which path names as for File, at the
	// time the file was opened. All earlier requests have been answered when it is called. The text of its error is sent to
	// the client. Nil if the server has no such thing.
	Fsync func(path string) error
}

// A Filter is the server's side of an SFTP channel. One goroutine may read, another
// write, and any close it. The server must answer in the order of the requests; so does the
// filter what it answers itself. It keeps the paths of open files and less than 16 KiB besides.
type Filter struct {
	cfg  Config
	conn io.ReadWriteCloser

	requests requests // belongs to Read
	replies  replies  // belongs to Write
	handles  *handles
	queue    queue // Read adds to it, Write takes from it

	wire     chan struct{} // holds a token while a packet to the client is being sent
	stopped  chan struct{}
	stopping sync.Once
}

// New returns a filter for the server of one channel.
func New(channel io.ReadWriteCloser, cfg Config) *Filter {
	if cfg.ReadLength == 0 {
		cfg.ReadLength = TransferLength
	}
	if cfg.WriteLength == 0 {
		cfg.WriteLength = TransferLength
	}
	if cfg.Requests == 0 {
		cfg.Requests = 64
	}
	if cfg.File == nil {
		cfg.File = func(path string) string { return path }
	}
	return &Filter{
		cfg: cfg, conn: channel, handles: newHandles(int(cfg.OpenHandles)), queue: queue{news: make(chan struct{}, 1)},
		wire: make(chan struct{}, 1), stopped: make(chan struct{}),
	}
}

// Close closes the channel. It does not wait for what is being read or written.
func (f *Filter) Close() error {
	f.stop()
	return f.conn.Close()
}

// stop ends all waiting: there is nobody to send anything to.
func (f *Filter) stop() { f.stopping.Do(func() { close(f.stopped) }) }

// acquire waits until a packet may begin. Its end releases the wire.
func (f *Filter) acquire() error {
	select {
	case f.wire <- struct{}{}:
		return nil
	case <-f.stopped:
		return io.ErrClosedPipe
	}
}

func (f *Filter) release() { <-f.wire }

// transmit writes to the channel. The client is gone when that fails.
func (f *Filter) transmit(b []byte) (int, error) {
	n, err := f.conn.Write(b)
	if err != nil {
		f.stop()
	}
	return n, err
}

// send sends a packet of the filter's own.
func (f *Filter) send(packet []byte) error {
	if err := f.acquire(); err != nil {
		return err
	}
	defer f.release()
	_, err := f.transmit(packet)
	return err
}

// Unanswered returns how many requests the server has not answered yet.
func (f *Filter) Unanswered() int { return f.queue.length() }

// wait waits until something is so, which only an answer of the server can bring about.
func (f *Filter) wait(isSo func() bool) error {
	for !isSo() {
		select {
		case <-f.queue.news:
		case <-f.stopped:
			return io.ErrClosedPipe
		}
	}
	return nil
}

// drain waits until the server has answered all requests.
func (f *Filter) drain() error {
	return f.wait(func() bool { return f.queue.length() == 0 })
}

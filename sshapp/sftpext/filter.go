// Package sftpext adds to an SFTP server three things that github.com/pkg/sftp lacks: the
// requests for one file take effect in their order, a handle can be used only for the purpose
// it was opened for, and there are the extensions limits@openssh.com and fsync@openssh.com of
// OpenSSH's PROTOCOL file. A Filter stands between an SSH channel and the server and parses the
// beginnings of packets of SFTP version 3 (draft-ietf-secsh-filexfer-02). It knows no users,
// and sets no limits of its own.
package sftpext

import (
	"io"
	"sync"
)

const (
	// PacketLength is the longest packet that OpenSSH and pkg/sftp accept, in bytes, without
	// its length field.
	PacketLength = 256 << 10
	// TransferLength is the most data that OpenSSH puts into a packet, in bytes.
	TransferLength = PacketLength - 1024
)

// Config is the configuration of a Filter.
type Config struct {
	// ReadLength and WriteLength limit the bytes that one request should ask for or carry; 0
	// means TransferLength. A pkg/sftp server must be set up by sftp.WithRSMaxTxPacket to
	// answer with ReadLength bytes.
	ReadLength, WriteLength uint32
	// OpenHandles limits the handles that the server gives out; 0 means no limit. OpenSSH's
	// client then has no more requests than that under way either.
	OpenHandles uint32
	// File returns the name of the file at path, which is the same for all paths of that file.
	// path is absolute and clean, as pkg/sftp's handlers see it. The server may read and write
	// files of different names at the same time. Nil means that each file has one path.
	File func(path string) string
	// Requests limits the unanswered requests that the server gets; 0 means 64. The others wait
	// on the channel.
	Requests int

	// Fsync makes the bytes written to a file durable. path is the path at which the file was
	// opened, in the form of File. All earlier requests have been answered when it is called.
	// The text of its error is sent to the client. Nil means that the server does not support
	// it.
	Fsync func(path string) error
}

// A Filter is the server's side of an SFTP channel. One goroutine may read, another write, and
// any close it. The server must answer in the order of the requests; the filter's own answers
// keep to that order, too. It holds the paths of open files, and less than 16 KiB besides.
type Filter struct {
	cfg  Config
	conn io.ReadWriteCloser

	requests requests // used only by Read
	replies  replies  // used only by Write
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

// Close closes the channel. It does not wait for a Read or a Write in progress.
func (f *Filter) Close() error {
	f.stop()
	return f.conn.Close()
}

// stop ends all waiting, since nothing can be sent any more.
func (f *Filter) stop() { f.stopping.Do(func() { close(f.stopped) }) }

// acquire waits until a packet may begin. The end of the packet releases the wire.
func (f *Filter) acquire() error {
	select {
	case f.wire <- struct{}{}:
		return nil
	case <-f.stopped:
		return io.ErrClosedPipe
	}
}

func (f *Filter) release() { <-f.wire }

// transmit writes to the channel. If that fails, the client is gone and the filter stops.
func (f *Filter) transmit(b []byte) (int, error) {
	n, err := f.conn.Write(b)
	if err != nil {
		f.stop()
	}
	return n, err
}

// send sends a packet made by the filter.
func (f *Filter) send(packet []byte) error {
	if err := f.acquire(); err != nil {
		return err
	}
	defer f.release()
	_, err := f.transmit(packet)
	return err
}

// Unanswered returns the number of requests that the server has not answered yet.
func (f *Filter) Unanswered() int { return f.queue.length() }

// wait waits until isSo returns true, which changes only with an answer of the server.
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

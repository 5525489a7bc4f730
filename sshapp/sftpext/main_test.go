package sftpext

import (
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/pkg/sftp"
	"go.uber.org/goleak"
)

// serveVariable makes the test program an SFTP server on its standard input and output.
const serveVariable = "SFTPEXT_TEST_SERVES"

func TestMain(m *testing.M) {
	if os.Getenv(serveVariable) != "" {
		serveStandardIO()
		return
	}
	goleak.VerifyTestMain(m)
}

type standardIO struct{}

func (standardIO) Read(p []byte) (int, error)  { return os.Stdin.Read(p) }
func (standardIO) Write(p []byte) (int, error) { return os.Stdout.Write(p) }
func (standardIO) Close() error                { return os.Stdin.Close() }

func serveStandardIO() {
	filter := New(standardIO{}, Config{
		OpenHandles: 64,
		Fsync:       func(path string) error { fmt.Fprintf(os.Stderr, "durable: %s\n", path); return nil },
	})
	server := newServer(filter, sftp.InMemHandler())
	if err := server.Serve(); err != nil && err != io.EOF {
		fmt.Fprintln(os.Stderr, err)
	}
	_ = server.Close()
}

func newServer(channel io.ReadWriteCloser, handlers sftp.Handlers) *sftp.RequestServer {
	return sftp.NewRequestServer(channel, handlers, sftp.WithRSMaxTxPacket(TransferLength), sftp.WithRSAllocator())
}

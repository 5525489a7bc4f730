package textchat

import (
	"io"
	"net"
	"testing"
	"unicode/utf8"

	"sshforum/legacy/legacytest"
)

// recvBytes is how many bytes the client receives at a time.
const recvBytes = 1024

// original is the old client: one thread prints each message that it receives, another
// sends each line that is typed.
type original struct {
	*legacytest.Client
	t *testing.T

	screen legacytest.Screen // a message each
	ended  chan struct{}
}

func newOriginal(t *testing.T, conn net.Conn) *original {
	o := &original{Client: legacytest.NewClient(t, conn, recvBytes), t: t, ended: make(chan struct{})}
	go o.receive()
	return o
}

func (o *original) receive() {
	defer close(o.ended)
	for {
		buffer := make([]byte, recvBytes)
		n, err := o.Read(buffer)
		if err != nil {
			if err != io.EOF && !o.closed(err) {
				o.t.Errorf("recv: %v", err)
			}
			_ = o.Close()
			return
		}
		if !utf8.Valid(buffer[:n]) {
			o.t.Errorf("the client dies of %q", buffer[:n])
		}
		o.screen.Print(string(buffer[:n]))
	}
}

func (o *original) closed(err error) bool { return err == net.ErrClosed }

// received returns the messages since it was asked last.
func (o *original) received() []string { return o.screen.Printed() }

package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"time"

	"github.com/pires/go-proxyproto"
	gossh "golang.org/x/crypto/ssh"
)

const (
	maxIdentification = 255   // bytes (RFC 4253, section 4.2)
	maxOpeningPacket  = 35000 // bytes, its length included (RFC 4253, section 6.1)

	// proposalWait is how long after its identification a client may take for its proposal.
	// Nearly all clients send it at once; libssh before 0.8 waits for the server's.
	proposalWait = time.Second
)

// Opening is a connection on which the server reads the client's first messages before the
// library does: they are in clear and list the client's ciphers. The library then does the
// version exchange again, with the bytes that were already sent and received.
type Opening struct {
	net.Conn
	sent     string // sent to the client, not yet repeated by the library
	received []byte // received from the client, not yet read by the library
	parsed   int    // bytes of received that Exchange has parsed
	refused  error  // why the client is refused, or nil
}

// Proposal is the beginning of SSH_MSG_KEXINIT (RFC 4253, section 7.1).
type Proposal struct {
	Cookie                           [16]byte `sshtype:"20"`
	KeyExchanges, HostKeys           []string
	CiphersToServer, CiphersToClient []string
	Rest                             []byte `ssh:"rest"`
}

// Exchange does the version exchange and returns the client's proposal, or nil if there is none
// that can be parsed; the library will then report the error. It must be called before any
// other use of o, takes no longer than until ends, and sets the read deadline to ends.
func (o *Opening) Exchange(version string, ends time.Time) *Proposal {
	line := version + "\r\n"
	if _, err := io.WriteString(o.Conn, line); err != nil {
		return nil
	}
	o.sent = line
	if !o.identification() {
		return nil
	}
	soon := time.Now().Add(proposalWait)
	if ends.Before(soon) {
		soon = ends
	}
	_ = o.SetReadDeadline(soon)
	defer func() { _ = o.SetReadDeadline(ends) }()
	return o.proposal()
}

var (
	errNoSSH         = errors.New("the client does not speak SSH")
	ErrUnlistedProxy = errors.New("a PROXY header came from a network that is not in ssh.proxy_from")
)

// identification receives the client's first line and reports whether it speaks SSH. The
// library would skip other lines before the identification, and a PROXY header from anybody
// with them, but only a server may send such lines (RFC 4253, section 4.2).
func (o *Opening) identification() bool {
	var line []byte
	for whole := false; !whole && len(line) < maxIdentification; {
		if o.receive(1, maxIdentification) != nil {
			return false
		}
		line, _, whole = bytes.Cut(o.received, []byte("\n"))
		if whole {
			line = o.received[:len(line)+1]
		}
	}
	o.parsed = len(line)
	switch {
	case bytes.HasPrefix(line, []byte("SSH-")):
		return bytes.HasSuffix(line, []byte("\n"))
	case bytes.HasPrefix(line, proxyproto.SIGV1), bytes.HasPrefix(proxyproto.SIGV2, line):
		o.refused = ErrUnlistedProxy
	default:
		o.refused = errNoSSH
	}
	return false
}

// proposal receives the client's first packet (RFC 4253, section 6) and parses it.
func (o *Opening) proposal() *Proposal {
	head, err := o.parse(5)
	if err != nil {
		return nil
	}
	length, padding := binary.BigEndian.Uint32(head), int(head[4])
	if length > maxOpeningPacket-4 || int(length) <= 1+padding {
		return nil
	}
	body, err := o.parse(int(length) - 1)
	if err != nil {
		return nil
	}
	var p Proposal
	if gossh.Unmarshal(body[:len(body)-padding], &p) != nil {
		return nil
	}
	return &p
}

// parse returns the next n bytes, and receives as many of them as are missing.
func (o *Opening) parse(n int) ([]byte, error) {
	end := o.parsed + n
	if missing := end - len(o.received); missing > 0 {
		if err := o.receive(missing, end); err != nil {
			return nil, err
		}
	}
	next := o.received[o.parsed:end]
	o.parsed = end
	return next, nil
}

// receive receives at least n more bytes, and no more than make limit bytes in all.
func (o *Opening) receive(n, limit int) error {
	before := len(o.received)
	o.received = slices.Grow(o.received, limit-before)
	got, err := io.ReadAtLeast(o.Conn, o.received[before:limit], n)
	o.received = o.received[:before+got]
	return err
}

// Read implements io.Reader. It first returns the bytes that were already received.
func (o *Opening) Read(p []byte) (int, error) {
	if o.refused != nil {
		return 0, o.refused
	}
	if len(o.received) == 0 {
		return o.Conn.Read(p)
	}
	n := copy(p, o.received)
	o.received = o.received[n:]
	if len(o.received) == 0 {
		o.received = nil
	}
	return n, nil
}

var errOtherVersion = errors.New("the library sends another identification than was sent")

// Write implements io.Writer. It omits the identification that was already sent.
func (o *Opening) Write(p []byte) (int, error) {
	if o.sent == "" {
		return o.Conn.Write(p)
	}
	if string(p) != o.sent {
		return 0, errOtherVersion
	}
	o.sent = ""
	return len(p), nil
}

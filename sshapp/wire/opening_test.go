package wire

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pires/go-proxyproto"
	gossh "golang.org/x/crypto/ssh"
)

// kexInitPacket returns SSH_MSG_KEXINIT as a client sends it in clear.
func kexInitPacket(p Proposal) []byte {
	p.Rest = make([]byte, 6*4+1+4) // six empty lists, no guess, reserved
	payload := gossh.Marshal(&p)
	padding := 8 - (5+len(payload))%8 + 4
	packet := binary.BigEndian.AppendUint32(nil, uint32(1+len(payload)+padding))
	packet = append(packet, byte(padding))
	return append(append(packet, payload...), make([]byte, padding)...)
}

// version is how the server identifies itself.
const version = "SSH-2.0-server"

var gcm = []string{gossh.CipherAES128GCM, gossh.CipherAES256GCM}

var gcmProposal = Proposal{KeyExchanges: []string{"k"}, HostKeys: []string{"h"}, CiphersToServer: gcm, CiphersToClient: gcm[:1]}

// byteConn is a connection on which all that the client ever sends has arrived.
type byteConn struct {
	net.Conn
	in   *bytes.Reader
	sent bytes.Buffer
}

func (c *byteConn) Read(p []byte) (int, error)      { return c.in.Read(p) }
func (c *byteConn) Write(p []byte) (int, error)     { return c.sent.Write(p) }
func (c *byteConn) SetReadDeadline(time.Time) error { return nil }

const grace = 2 * time.Minute

func TestOpening(t *testing.T) {
	packet := string(kexInitPacket(gcmProposal))
	with := func(at int, b byte) string { p := []byte(packet); p[at] = b; return string(p) }
	for name, test := range map[string]struct {
		sent  string
		known bool
		wrong error
	}{
		"as OpenSSH":              {"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n" + packet + "more", true, nil},
		"without carriage return": {"SSH-2.0-x\n" + packet, true, nil},
		"255 bytes":               {"SSH-2.0-" + strings.Repeat("x", 245) + "\r\n" + packet, true, nil},
		"256 bytes":               {"SSH-2.0-" + strings.Repeat("x", 246) + "\r\n" + packet, false, nil},
		"a line before":           {"hello\r\nSSH-2.0-x\r\n" + packet, false, errNoSSH},
		"another protocol":        {"GET / HTTP/1.1\r\n" + packet, false, errNoSSH},
		"another message":         {"SSH-2.0-x\r\n" + with(5, 21), false, nil},
		"too much padding":        {"SSH-2.0-x\r\n" + with(4, 255), false, nil},
		"a length too long":       {"SSH-2.0-x\r\n" + with(1, 1) + strings.Repeat("\x00", 1<<20), false, nil},
		"cut short":               {"SSH-2.0-x\r\n" + packet[:len(packet)-1], false, nil},
		"nothing":                 {"", false, nil},
		"an endless line":         {strings.Repeat("x", 256), false, errNoSSH},
		"a PROXY header":          {"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nSSH-2.0-x\r\n" + packet, false, ErrUnlistedProxy},
		"one of version 2":        {string(proxyproto.SIGV2) + "\x21\x11\x00\x0c" + strings.Repeat("\x01", 12) + "SSH-2.0-x\r\n" + packet, false, ErrUnlistedProxy},
	} {
		conn := &byteConn{in: bytes.NewReader([]byte(test.sent))}
		o := &Opening{Conn: conn}
		p := o.Exchange(version, time.Now().Add(grace))
		if (p != nil) != test.known {
			t.Errorf("%s: the proposal is known: %t", name, p != nil)
		} else if p != nil && (!slices.Equal(p.CiphersToServer, gcm) || !slices.Equal(p.CiphersToClient, gcm[:1])) {
			t.Errorf("%s: %q and %q", name, p.CiphersToServer, p.CiphersToClient)
		}
		want := test.sent
		if test.wrong != nil {
			want = ""
		}
		if got, err := io.ReadAll(o); string(got) != want || !errors.Is(err, test.wrong) {
			t.Errorf("%s: the library reads %d bytes of %d, %v", name, len(got), len(test.sent), err)
		}
	}
}

func TestIdentificationIsSentOnce(t *testing.T) {
	conn := &byteConn{in: bytes.NewReader(nil)}
	o := &Opening{Conn: conn}
	o.Exchange(version, time.Now().Add(grace))
	if _, err := io.WriteString(o, "SSH-2.0-Go\r\n"); !errors.Is(err, errOtherVersion) {
		t.Errorf("another identification: %v", err)
	}
	for _, line := range []string{version + "\r\n", version + "\r\n", "packet"} {
		if n, err := io.WriteString(o, line); n != len(line) || err != nil {
			t.Errorf("%q: %d, %v", line, n, err)
		}
	}
	if want := version + "\r\n" + version + "\r\npacket"; conn.sent.String() != want {
		t.Errorf("the client gets %q", conn.sent.String())
	}
}

// ending is how a handshake ended, and how long it took.
type ending struct {
	err  error
	took time.Duration
}

// serveOpening runs the library over an opening for a client at the other end of a pipe. It
// offers the algorithms that the client proposes, or all supported ones if there is no
// proposal. It returns the client's end, and the result of the handshake.
func serveOpening(t *testing.T) (client net.Conn, ended <-chan ending) {
	t.Helper()
	server, client := net.Pipe()
	t.Cleanup(func() { _ = client.Close() })
	done := make(chan ending, 1)
	config := &gossh.ServerConfig{ServerVersion: version, NoClientAuth: true}
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := gossh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	config.AddHostKey(key)
	go func() {
		began := time.Now()
		o := &Opening{Conn: server}
		_ = o.SetDeadline(time.Now().Add(grace))
		config.Ciphers = gossh.SupportedAlgorithms().Ciphers
		if p := o.Exchange(version, time.Now().Add(grace)); p != nil {
			config.Ciphers = p.CiphersToClient
		}
		_, _, _, err := gossh.NewServerConn(o, config)
		done <- ending{err, time.Since(began)}
	}()
	return client, done
}

// identified reads the server's identification.
func identified(t *testing.T, client net.Conn) *bufio.Reader {
	t.Helper()
	r := bufio.NewReader(client)
	if line, err := r.ReadString('\n'); line != version+"\r\n" {
		t.Errorf("the server says %q, %v", line, err)
	}
	return r
}

// proposed reads the server's first packet and returns the ciphers in it.
func proposed(t *testing.T, r io.Reader) []string {
	t.Helper()
	o := &Opening{Conn: &readConn{Reader: r}}
	p := o.proposal()
	if p == nil {
		t.Fatal("the server proposes nothing")
	}
	return p.CiphersToClient
}

type readConn struct {
	net.Conn
	io.Reader
}

func (c *readConn) Read(p []byte) (int, error) { return c.Reader.Read(p) }

func TestServerSpeaksFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, ended := serveOpening(t)
		r := identified(t, client)
		began := time.Now()
		_, _ = io.WriteString(client, "SSH-2.0-x\r\n"+string(kexInitPacket(gcmProposal)))
		if got := proposed(t, r); !slices.Equal(got, gcmProposal.CiphersToClient) || time.Since(began) != 0 {
			t.Errorf("the server offers %q after %v", got, time.Since(began))
		}
		_ = client.Close()
		<-ended
	})
}

// libssh before 0.8 is such a client.
func TestClientThatWaitsForTheServersProposal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, ended := serveOpening(t)
		r := identified(t, client)
		time.Sleep(grace / 2)
		began := time.Now()
		_, _ = io.WriteString(client, "SSH-2.0-libssh-0.6.3\r\n")
		if got := proposed(t, r); !slices.Equal(got, gossh.SupportedAlgorithms().Ciphers) || time.Since(began) != proposalWait {
			t.Errorf("the server offers %q after %v", got, time.Since(began))
		}
		_ = client.Close()
		<-ended
	})
}

func TestSlowClientsEndWithTheLoginGrace(t *testing.T) {
	packet := string(kexInitPacket(gcmProposal))
	for name, sent := range map[string]string{
		"silent":                  "",
		"one byte a second":       strings.Repeat("x", 1000),
		"slow identification":     "SSH-2.0-" + strings.Repeat("x", 200),
		"slow proposal":           "SSH-2.0-x\r\n" + packet,
		"silent after its naming": "SSH-2.0-x\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, ended := serveOpening(t)
				gone := make(chan struct{})
				go func() {
					defer close(gone)
					_, _ = io.Copy(io.Discard, client)
				}()
				for i := range sent {
					if _, err := io.WriteString(client, sent[i:i+1]); err != nil {
						break
					}
					time.Sleep(time.Second)
				}
				if end := <-ended; !errors.Is(end.err, os.ErrDeadlineExceeded) || end.took != grace {
					t.Errorf("the handshake ends with %v after %v", end.err, end.took)
				}
				<-gone
			})
		})
	}
}

// The first line used to be read a byte at a time, with a system call for each.
func TestOpeningTakesFewReads(t *testing.T) {
	sent := append([]byte("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), kexInitPacket(gcmProposal)...)
	conn := &countedConn{byteConn: byteConn{in: bytes.NewReader(sent)}}
	if p := (&Opening{Conn: conn}).Exchange(version, time.Now().Add(grace)); p == nil || conn.reads > 3 {
		t.Errorf("%d reads, %v", conn.reads, p)
	}
}

type countedConn struct {
	byteConn
	reads int
}

func (c *countedConn) Read(p []byte) (int, error) {
	c.reads++
	return c.byteConn.Read(p)
}

func TestOpeningIsBounded(t *testing.T) {
	longest := make([]byte, maxOpeningPacket)
	binary.BigEndian.PutUint32(longest, maxOpeningPacket-4)
	conn := &byteConn{in: bytes.NewReader(append([]byte("SSH-2.0-"+strings.Repeat("x", 245)+"\r\n"), longest...))}
	o := &Opening{Conn: conn}
	o.Exchange(version, time.Now().Add(grace))
	if len(o.received) != maxIdentification+maxOpeningPacket || cap(o.received) >= 64<<10 {
		t.Errorf("%d bytes are kept, in %d", len(o.received), cap(o.received))
	}
	if _, err := io.Copy(io.Discard, o); err != nil || o.received != nil {
		t.Errorf("after the library has read them: %v, %d bytes are kept", err, cap(o.received))
	}
}

func FuzzKexInit(f *testing.F) {
	line, packet := []byte("SSH-2.0-x\r\n"), kexInitPacket(gcmProposal)
	f.Add(slices.Concat(line, packet))
	f.Add(slices.Concat(line, packet, []byte("more")))
	f.Add(slices.Concat(line, packet[:40]))
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Add(slices.Concat(line, []byte{0xff, 0xff, 0xff, 0xff, 0xff}))
	f.Add(slices.Concat(line, []byte{0, 0, 0, 2, 1, 20, 0}))
	f.Fuzz(func(t *testing.T, sent []byte) {
		conn := &byteConn{in: bytes.NewReader(sent)}
		o := &Opening{Conn: conn}
		p := o.Exchange(version, time.Now().Add(grace))
		heard := len(sent) - conn.in.Len()
		end := bytes.IndexByte(sent, '\n') + 1
		switch {
		case heard > maxIdentification+maxOpeningPacket:
			t.Errorf("%d bytes were read", heard)
		case p != nil && heard > max(maxIdentification, end+4+int(binary.BigEndian.Uint32(sent[end:]))):
			t.Errorf("%d bytes were read for a line of %d and its packet", heard, end)
		}
		if o.refused != nil {
			if _, err := o.Read(make([]byte, 1)); err != o.refused || bytes.HasPrefix(sent, []byte("SSH-")) {
				t.Errorf("%v, and the library reads on: %v", o.refused, err)
			}
		} else if got, err := io.ReadAll(o); !bytes.Equal(got, sent) || err != nil {
			t.Errorf("the library reads %q, %v", got, err)
		}
	})
}

package sshapp

import (
	"bytes"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pires/go-proxyproto"
	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum/forumtest"
	"sshforum/forum/gate"
)

// proxied is start where 127.0.0.9 is a proxy.
func proxied(t *testing.T, f *forumtest.Forum, set func(*gate.Config)) *running {
	return gated(t, f, set, func(s *Server) { s.cfg.ProxyFrom = []netip.Prefix{netip.MustParsePrefix("127.0.0.9/32")} })
}

// through logs in through a proxy at source that sends header.
func (r *running) through(t *testing.T, source string, header []byte, config *gossh.ClientConfig) (*gossh.Client, error) {
	t.Helper()
	conn := r.connect(t, source)
	if _, err := conn.Write(header); err != nil {
		t.Fatal(err)
	}
	return r.dialOn(t, conn, config)
}

// header returns a PROXY header for a client.
func header(t *testing.T, version byte, client string) []byte {
	t.Helper()
	from, to := netip.MustParseAddrPort(client), netip.MustParseAddrPort("192.0.2.22:22")
	if from.Addr().Is6() {
		to = netip.MustParseAddrPort("[2001:db8::22]:22")
	}
	b, err := proxyproto.HeaderProxyFromAddrs(version, net.TCPAddrFromAddrPort(from), net.TCPAddrFromAddrPort(to)).Format()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestProxiesThatAreListed(t *testing.T) {
	f := forumtest.New(t)
	f.As("yoda")
	r := proxied(t, f, penalty(gate.AuthFail))
	right := r.config("yoda", gossh.Password(forumtest.Password("yoda")))
	local, err := (&proxyproto.Header{Version: 2, Command: proxyproto.LOCAL, TransportProtocol: proxyproto.UNSPEC}).Format()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		header []byte
		source string
	}{
		{header(t, 1, "192.0.2.7:4711"), "192.0.2.7"},
		{header(t, 2, "192.0.2.7:4711"), "192.0.2.7"},
		{header(t, 1, "[2001:db8::7]:4711"), "2001:db8::7"},
		{header(t, 2, "[2001:db8::7]:4711"), "2001:db8::7"},
		{[]byte("PROXY UNKNOWN\r\n"), "127.0.0.9"},
		{local, "127.0.0.9"},
	} {
		client, err := r.through(t, "127.0.0.9", test.header, right)
		if err != nil {
			t.Errorf("%q: %v", test.header, err)
			continue
		}
		if got := output(t, client, "hello"); !strings.HasSuffix(got, " from "+test.source+"\n") {
			t.Errorf("%q: the session is %q", test.header, got)
		}
	}

	// The client is punished, but neither its proxy nor the proxy's other clients.
	if _, err := r.through(t, "127.0.0.9", header(t, 2, "198.51.100.66:1"), r.config("yoda", gossh.Password("wrong"))); err == nil {
		t.Fatal("a wrong password got in")
	}
	eventually(t, "the penalty", func() bool { return strings.Contains(r.logs.String(), "network=198.51.100.66/32 reason=authfail") })
	if _, err := r.through(t, "127.0.0.9", header(t, 1, "198.51.100.66:2"), right); err == nil {
		t.Error("the penalty is not enforced through the proxy")
	}
	if _, err := r.through(t, "127.0.0.9", header(t, 1, "198.51.100.67:2"), right); err != nil {
		t.Errorf("another client of the proxy: %v", err)
	}
}

func TestHeadersThatAreNotBelieved(t *testing.T) {
	f := forumtest.New(t)
	f.As("yoda")
	r := proxied(t, f, func(*gate.Config) {})
	right := r.config("yoda", gossh.Password(forumtest.Password("yoda")))
	for name, test := range map[string]struct {
		source string
		header []byte
	}{
		"version 1, not listed":  {"127.0.0.8", header(t, 1, "192.0.2.7:4711")},
		"version 2, not listed":  {"127.0.0.8", header(t, 2, "192.0.2.7:4711")},
		"none":                   {"127.0.0.9", nil},
		"another protocol":       {"127.0.0.9", []byte("PROXYING TCP4\r\n")},
		"no address":             {"127.0.0.9", []byte("PROXY TCP4 nobody 192.0.2.22 1 2\r\n")},
		"version 2 of no length": {"127.0.0.9", append(append([]byte{}, proxyproto.SIGV2...), 0x21, 0x11, 0, 0)},
		"two headers":            {"127.0.0.9", append(header(t, 2, "192.0.2.7:1"), header(t, 1, "192.0.2.8:1")...)},
	} {
		if _, err := r.through(t, test.source, test.header, right); err == nil {
			t.Errorf("%s: got in", name)
		}
	}
	if log := r.logs.String(); strings.Contains(log, "msg=login ") || strings.Contains(log, "source=192.0.2.8") {
		t.Error("a header was believed")
	}
	if _, err := r.dialFrom(t, "127.0.0.8", right); err != nil {
		t.Errorf("who is no proxy, without a header: %v", err)
	}
}

// from is a connection that comes from somewhere.
type from struct {
	net.Conn
	addr string
}

func (c from) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(c.addr)) }

func TestProxiesHaveLittleTimeForTheirHeader(t *testing.T) {
	for name, sent := range map[string]string{
		"nothing":            "",
		"half a header":      string(proxyproto.SIGV2) + "\x21",
		"half a signature":   "PRO",
		"half a version 2":   string(proxyproto.SIGV2[:7]),
		"half its addresses": string(proxyproto.SIGV2) + "\x21\x11\x00\x0c\x01",
	} {
		synctest.Test(t, func(t *testing.T) {
			proxy, conn := net.Pipe()
			defer proxy.Close()
			go func() { _, _ = io.WriteString(proxy, sent) }()
			s := &Server{cfg: Config{ProxyFrom: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}}
			began := time.Now()
			_, err := s.client(from{conn, "192.0.2.9:4711"})
			if took := time.Since(began); err == nil || took != headerWait {
				t.Errorf("%s: %v after %v", name, err, took)
			}
			_ = conn.Close()
		})
	}
}

// sentConn is a connection on which all that its peer ever sends has arrived.
type sentConn struct {
	net.Conn
	in *bytes.Reader
}

func (c *sentConn) Read(p []byte) (int, error)      { return c.in.Read(p) }
func (c *sentConn) SetReadDeadline(time.Time) error { return nil }

// FuzzProxyHeader: whatever a listed proxy sends, the bytes after a valid header reach the
// server unchanged, and without a valid header none do.
func FuzzProxyHeader(f *testing.F) {
	for _, header := range []string{
		"PROXY TCP4 192.0.2.1 192.0.2.2 4711 22\r\n", "PROXY TCP6 2001:db8::1 2001:db8::2 4711 22\r\n", "PROXY UNKNOWN\r\n",
		string(proxyproto.SIGV2) + "\x20\x00\x00\x00", string(proxyproto.SIGV2) + "\x21\x11\x00\x0c\xc0\x00\x02\x01\xc0\x00\x02\x02\x12\x67\x00\x16",
		string(proxyproto.SIGV2) + "\x21\x11\xff\xff", "PROXY TCP4 192.0.2.1\r\n", "",
	} {
		f.Add([]byte(header + "SSH-2.0-x\r\n"))
	}
	s := &Server{cfg: Config{ProxyFrom: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}}
	f.Fuzz(func(t *testing.T, sent []byte) {
		client, err := s.client(from{&sentConn{in: bytes.NewReader(sent)}, "192.0.2.9:4711"})
		if err != nil {
			if n, err := client.Read(make([]byte, 1)); n > 0 || err == nil {
				t.Errorf("%d bytes were read after a header that is not one", n)
			}
			return
		}
		if !bytes.HasPrefix(sent, proxyproto.SIGV1) && !bytes.HasPrefix(sent, proxyproto.SIGV2) {
			t.Errorf("%q is believed", sent)
		}
		_ = sourceOf(client.RemoteAddr())
		if rest, err := io.ReadAll(client); err != nil || !bytes.HasSuffix(sent, rest) {
			t.Errorf("after the header there is %q, %v", rest, err)
		}
	})
}

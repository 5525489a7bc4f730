package sshapp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pires/go-proxyproto"
	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/gate"
)

// newGate returns a gate that refuses nobody, but for what set changes.
func newGate(t testing.TB, set func(*gate.Config)) *gate.Gate {
	t.Helper()
	cfg := gate.Config{
		Connections: 1000, PerSource: 1000, StartupsPerSource: 1000,
		Startups: gate.Startups{Start: 1000, Rate: 100, Full: 1000},
		IPv4Bits: 32, IPv6Bits: 64,
		Logger: slog.New(slog.DiscardHandler), Clock: time.Now, Random: func(int) int { return 0 },
	}
	set(&cfg)
	g, err := gate.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// gated is start behind a gate of its own, whose refusals go to the same log.
func gated(t *testing.T, f *forumtest.Forum, set func(*gate.Config), more ...func(*Server)) *running {
	t.Helper()
	behind := func(s *Server) {
		s.cfg.Gate = newGate(t, func(c *gate.Config) { c.Logger = s.cfg.Logger; set(c) })
	}
	return start(t, f, append([]func(*Server){behind}, more...)...)
}

// penalty sets one penalty, which is enforced at once.
func penalty(reason gate.Reason) func(*gate.Config) {
	return func(c *gate.Config) {
		c.Penalties = gate.Penalties{For: map[gate.Reason]time.Duration{reason: time.Minute}, Max: time.Hour}
	}
}

// dialFrom is dial from an address of the loopback network.
func (r *running) dialFrom(t *testing.T, source string, config *gossh.ClientConfig) (*gossh.Client, error) {
	t.Helper()
	conn := r.connect(t, source)
	sshConn, channels, requests, err := gossh.NewClientConn(conn, r.addr, config)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	client := gossh.NewClient(sshConn, channels, requests)
	t.Cleanup(func() { _ = client.Close() })
	return client, nil
}

// connect opens a connection from an address of the loopback network.
func (r *running) connect(t *testing.T, source string) net.Conn {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}, Timeout: patience}
	conn, err := dialer.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	return conn
}

// refusal returns what a client from source reads when it is refused, and fails the
// test if it is not.
func (r *running) refusal(t *testing.T, source string) string {
	t.Helper()
	conn := r.connect(t, source)
	defer conn.Close()
	said, err := io.ReadAll(conn)
	if errors.Is(err, os.ErrDeadlineExceeded) || strings.Contains(string(said), serverVersion) {
		t.Fatalf("%s was served: %q, %v", source, said, err)
	}
	return strings.TrimSuffix(string(said), "\r\n")
}

func TestConnectionsAreLimited(t *testing.T) {
	f := forumtest.New(t)
	r := gated(t, f, func(c *gate.Config) { c.Connections = 2 })
	first, second := r.as(t, f, "yoda"), r.as(t, f, "vader")
	for range 2 {
		if said := r.refusal(t, "127.0.0.2"); said != string(gate.Full) {
			t.Errorf("was told %q", said)
		}
	}
	if n := strings.Count(r.logs.String(), "refusing connections"); n != 1 {
		t.Errorf("%d warnings, want 1", n)
	}
	output(t, second, "hello")
	_ = first.Close()
	eventually(t, "a place is free", func() bool {
		client, err := gossh.Dial("tcp", r.addr, r.config("yoda", gossh.Password(forumtest.Password("yoda"))))
		if err == nil {
			_ = client.Close()
		}
		return err == nil
	})
}

// TestSilentClientsLeaveRoom: clients of one source that say nothing take their places
// alone, for the login grace.
func TestSilentClientsLeaveRoom(t *testing.T) {
	f := forumtest.New(t)
	f.As("yoda")
	r := gated(t, f, func(c *gate.Config) {
		penalty(gate.GraceExceeded)(c)
		c.StartupsPerSource = 3
		c.Startups = gate.Startups{Start: 4, Rate: 100, Full: 4}
	}, func(s *Server) { s.cfg.LoginGrace = 2 * time.Second })
	var silent []net.Conn
	for i := range 3 {
		conn := r.connect(t, "127.0.0.66")
		if i == 0 {
			_, _ = io.WriteString(conn, "SSH-2.0-slow")
		}
		silent = append(silent, conn)
		eventually(t, "it is let in", func() bool { return strings.Count(r.logs.String(), "connection opened") == i+1 })
	}
	if said := r.refusal(t, "127.0.0.66"); said != string(gate.Crowded) {
		t.Errorf("one more was told %q", said)
	}
	for _, source := range []string{"127.0.0.1", "127.0.0.2"} {
		if _, err := r.dialFrom(t, source, r.config("yoda", gossh.Password(forumtest.Password("yoda")))); err != nil {
			t.Errorf("yoda from %s: %v", source, err)
		}
	}
	for _, conn := range silent {
		if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("a silent client is kept")
		}
	}
	if said := r.refusal(t, "127.0.0.66"); said != string(gate.Penalized) {
		t.Errorf("after the login grace it was told %q", said)
	}
}

// TestLoggedInPeopleLeaveRoomForOthers: who is logged in is no startup any more.
func TestLoggedInPeopleLeaveRoomForOthers(t *testing.T) {
	f := forumtest.New(t)
	r := gated(t, f, func(c *gate.Config) { c.StartupsPerSource, c.Startups = 1, gate.Startups{Start: 1, Rate: 100, Full: 1} })
	key := newKey(t)
	addKey(t, f, "luke", key.PublicKey())
	for range 3 {
		r.as(t, f, "yoda")
		r.enter(t, "luke", gossh.PublicKeys(key))
	}
	r.enter(t, "newcomer", (&person{answers: []string{"a password", "a password"}}).auth())
	r.enter(t, "luke", gossh.PublicKeys(key))
}

func TestWhatIsPunished(t *testing.T) {
	for _, test := range []struct {
		name   string
		reason gate.Reason
		come   func(t *testing.T, f *forumtest.Forum, r *running)
	}{
		{"a wrong password", gate.AuthFail, func(t *testing.T, _ *forumtest.Forum, r *running) {
			_, _ = r.dial(t, r.config("yoda", gossh.Password("wrong")))
		}},
		{"a key of nobody", gate.AuthFail, func(t *testing.T, _ *forumtest.Forum, r *running) {
			_, _ = r.dial(t, r.config("yoda", gossh.PublicKeys(newKey(t))))
		}},
		{"an unknown name", gate.InvalidUser, func(t *testing.T, _ *forumtest.Forum, r *running) {
			_, _ = r.dial(t, r.config("root", gossh.Password("wrong")))
		}},
		{"a name too long", gate.InvalidUser, func(t *testing.T, _ *forumtest.Forum, r *running) {
			_, _ = r.dial(t, r.config(strings.Repeat("x", 2000), gossh.Password("wrong")))
		}},
		{"no attempt", gate.NoAuth, func(t *testing.T, _ *forumtest.Forum, r *running) { _, _ = r.dial(t, r.config("yoda")) }},
		{"a port scan", gate.NoAuth, func(t *testing.T, _ *forumtest.Forum, r *running) { _ = r.connect(t, "127.0.0.1").Close() }},
		{"another protocol", gate.NoAuth, func(t *testing.T, _ *forumtest.Forum, r *running) {
			r.say(t, "GET / HTTP/1.1\r\nHost: forum.host\r\n\r\n")
		}},
		{"a PROXY header", gate.Refused, func(t *testing.T, _ *forumtest.Forum, r *running) {
			r.say(t, "PROXY TCP4 192.0.2.1 192.0.2.2 4711 22\r\nSSH-2.0-x\r\n")
		}},
		{"silence", gate.GraceExceeded, func(t *testing.T, _ *forumtest.Forum, r *running) { r.say(t, "SSH-2.0-") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := forumtest.New(t)
			f.As("yoda")
			r := gated(t, f, penalty(test.reason), func(s *Server) {
				if test.reason == gate.GraceExceeded {
					s.cfg.LoginGrace = 50 * time.Millisecond
				}
			})
			test.come(t, f, r)
			eventually(t, "the penalty", func() bool {
				return strings.Contains(r.logs.String(), "network=127.0.0.1/32 reason="+string(test.reason)+" for=1m0s")
			})
			if said := r.refusal(t, "127.0.0.1"); said != string(gate.Penalized) {
				t.Errorf("was told %q", said)
			}
			if _, err := r.dialFrom(t, "127.0.0.2", r.config("yoda", gossh.Password(forumtest.Password("yoda")))); err != nil {
				t.Errorf("yoda from elsewhere: %v", err)
			}
		})
	}
}

// say sends what a client of SSH would not, and waits for the server to hang up.
func (r *running) say(t *testing.T, text string) {
	t.Helper()
	conn := r.connect(t, "127.0.0.1")
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection is open")
	}
}

// TestFailuresBeforeALoginAreForgiven: who logs in at last, on the same connection, has
// done nothing wrong.
func TestFailuresBeforeALoginAreForgiven(t *testing.T) {
	f := forumtest.New(t)
	f.As("yoda")
	r := gated(t, f, func(c *gate.Config) {
		penalty(gate.AuthFail)(c)
		c.Penalties.For[gate.Crash] = time.Minute
	})
	tries := 0
	client := r.enter(t, "yoda", gossh.PublicKeys(newKey(t)), gossh.RetryableAuthMethod(gossh.PasswordCallback(func() (string, error) {
		if tries++; tries == 1 {
			return "wrong", nil
		}
		return forumtest.Password("yoda"), nil
	}), 2))
	_ = client.Close()
	eventually(t, "it is over", func() bool { return strings.Contains(r.logs.String(), "connection closed") })
	r.as(t, f, "yoda")
}

func TestPanicBeforeLoginEndsOneConnection(t *testing.T) {
	var broken atomic.Bool
	f := forumtest.New(t, func(c *forum.Config) {
		c.Passwords = panicking{c.Passwords, &broken}
	})
	r := gated(t, f, penalty(gate.Crash))
	client := r.as(t, f, "yoda")
	broken.Store(true)
	if _, err := r.dialFrom(t, "127.0.0.66", r.config("yoda", gossh.Password("x"))); err == nil {
		t.Error("got in")
	}
	broken.Store(false)
	output(t, client, "hello")
	output(t, r.as(t, f, "yoda"), "hello")
	eventually(t, "the penalty", func() bool { return strings.Contains(r.logs.String(), "network=127.0.0.66/32 reason=crash") })
	if said := r.refusal(t, "127.0.0.66"); said != string(gate.Penalized) {
		t.Errorf("who broke it was told %q", said)
	}
}

// panicking passwords panic while broken.
type panicking struct {
	forum.Passwords
	broken *atomic.Bool
}

func (p panicking) Verify(ctx context.Context, phc, password string) (bool, error) {
	if p.broken.Load() {
		panic("broken")
	}
	return p.Passwords.Verify(ctx, phc, password)
}

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
	sshConn, channels, requests, err := gossh.NewClientConn(conn, r.addr, config)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	client := gossh.NewClient(sshConn, channels, requests)
	t.Cleanup(func() { _ = client.Close() })
	return client, nil
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

	// The client is punished, and neither its proxy nor who else comes by it.
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

// FuzzProxyHeader: whatever a listed proxy sends, what comes after a header that is
// believed reaches the server as it was sent, and nothing does without one.
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
		client, err := s.client(from{&byteConn{in: bytes.NewReader(sent)}, "192.0.2.9:4711"})
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

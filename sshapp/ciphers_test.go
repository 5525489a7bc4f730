package sshapp

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/sshapp/wire"
)

func TestSuitableCiphers(t *testing.T) {
	all := gossh.SupportedAlgorithms().Ciphers
	for name, test := range map[string]struct {
		client *wire.Proposal
		want   []string
	}{
		"unknown":          {nil, all},
		"nothing proposed": {&wire.Proposal{}, all},
		"both":             {&wire.Proposal{CiphersToServer: all, CiphersToClient: all}, aesGCM},
		"one each":         {&wire.Proposal{CiphersToServer: []string{"x", aesGCM[0]}, CiphersToClient: []string{aesGCM[1]}}, aesGCM},
		"to the server":    {&wire.Proposal{CiphersToServer: aesGCM, CiphersToClient: []string{gossh.CipherAES256CTR}}, all},
		"to the client":    {&wire.Proposal{CiphersToServer: []string{gossh.CipherAES256CTR}, CiphersToClient: aesGCM}, all},
		"neither":          {&wire.Proposal{CiphersToServer: []string{gossh.CipherAES256CTR}, CiphersToClient: []string{"aes128-gcm"}}, all},
	} {
		if got := suitableCiphers(test.client); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// agreed returns the algorithms that the server and a client with the given list of ciphers
// negotiate.
func (r *running) agreed(t *testing.T, list ...string) (gossh.NegotiatedAlgorithms, error) {
	t.Helper()
	config := r.config("yoda", gossh.Password(forumtest.Password("yoda")))
	config.Ciphers = list
	client, err := r.dial(t, config)
	if err != nil {
		return gossh.NegotiatedAlgorithms{}, err
	}
	if out := output(t, client, "hello"); !strings.HasPrefix(out, "yoda ") {
		t.Errorf("%q: the session says %q", list, out)
	}
	return client.Conn.(gossh.AlgorithmsConnMetadata).Algorithms(), nil
}

// fast returns gcm where the processor computes AES-GCM, and other elsewhere.
func fast(gcm, other string) string {
	if fastGCM {
		return gcm
	}
	return other
}

func TestCiphersThatClientsGet(t *testing.T) {
	f := forumtest.New(t)
	f.As("yoda")
	r := start(t, f)
	all := gossh.SupportedAlgorithms().Ciphers
	mixed := []string{gossh.CipherChaCha20Poly1305, gossh.CipherAES256CTR, gossh.CipherAES256GCM, gossh.CipherAES128GCM}
	lists, wants := [][]string{all, mixed}, []string{all[0], fast(gossh.CipherAES256GCM, mixed[0])}
	for _, alone := range all {
		lists, wants = append(lists, []string{alone}), append(wants, alone)
	}
	for i, list := range lists {
		want := wants[i]
		if got, err := r.agreed(t, list...); err != nil || got.Read.Cipher != want || got.Write.Cipher != want {
			t.Errorf("%q: %s and %s, want %s; error %v", list, got.Read.Cipher, got.Write.Cipher, want, err)
		}
	}
	if got, err := r.agreed(t, gossh.InsecureCipherAES128CBC); err == nil {
		t.Errorf("%s is taken", got.Read.Cipher)
	}
}

func TestConfiguredCiphersOverride(t *testing.T) {
	f := forumtest.New(t)
	f.As("yoda")
	r := start(t, f, func(s *Server) { s.cfg.Ciphers = []string{gossh.CipherAES256CTR, gossh.CipherAES128GCM} })
	if got, err := r.agreed(t, gossh.CipherAES256CTR, gossh.CipherAES128GCM); err != nil || got.Write.Cipher != gossh.CipherAES256CTR {
		t.Errorf("%s, %v", got.Write.Cipher, err)
	}
	if got, err := r.agreed(t, gossh.CipherChaCha20Poly1305); err == nil {
		t.Errorf("%s is offered", got.Write.Cipher)
	}
	cfg := r.cfg
	for _, bad := range []string{"", "aes128-gcm", gossh.InsecureCipherAES128CBC} {
		cfg.Ciphers = []string{gossh.CipherAES128CTR, bad}
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", bad)) {
			t.Errorf("cipher %q: error %v", bad, err)
		}
	}
}

func TestCiphersOfOpenSSH(t *testing.T) {
	f := forumtest.New(t)
	o := newOpenSSH(t, start(t, f))
	addKey(t, f, "yoda", o.key)
	for _, test := range []struct{ options, want string }{
		{"", fast(gossh.CipherAES128GCM, gossh.CipherChaCha20Poly1305)},
		{"-c chacha20-poly1305@openssh.com", gossh.CipherChaCha20Poly1305},
		{"-c aes256-ctr", gossh.CipherAES256CTR},
		{"-o Ciphers=aes192-ctr,aes256-gcm@openssh.com", fast(gossh.CipherAES256GCM, gossh.CipherAES192CTR)},
		{"-o Ciphers=aes256-gcm@openssh.com,aes128-gcm@openssh.com", gossh.CipherAES256GCM},
	} {
		out, said, err := o.run(t, append(strings.Fields(test.options), "-vv", "yoda@127.0.0.1", "hello")...)
		if err != nil || !strings.HasPrefix(out, "yoda ") {
			t.Errorf("ssh %s: %v\n%s%s", test.options, err, out, said)
		}
		for _, direction := range []string{"server->client", "client->server"} {
			if want := "kex: " + direction + " cipher: " + test.want + " "; !strings.Contains(said, want) {
				t.Errorf("ssh %s: there is no %q in\n%s", test.options, want, said)
			}
		}
	}
}

// sendBack is a session that returns its input.
func sendBack(_ context.Context, sess *session, _ rules.Actor) {
	_, _ = io.Copy(sess, sess)
	_ = sess.Exit(0)
}

func TestKeysAreExchangedAgain(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f, func(s *Server) { s.shell = sendBack })
	o := newOpenSSH(t, r)
	addKey(t, f, "yoda", o.key)
	const size = 8 << 20
	o.write(t, "sent", []byte(strings.Repeat("0123456789abcde\n", size/16)), 0o600)
	out, said, err := o.runWith(t, "sent", "-v", "-o", "RekeyLimit=1M", "yoda@127.0.0.1", "copy")
	if err != nil || out != strings.Repeat("0123456789abcde\n", size/16) {
		t.Errorf("%d bytes came back, %v\n%s", len(out), err, said)
	}
	if rekeyed := strings.Count(said, "SSH2_MSG_NEWKEYS received"); rekeyed < 4 {
		t.Errorf("keys were exchanged %d times:\n%s", rekeyed, said)
	}
}

func TestClientsThatSpeakNoSSH(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f)
	for name, sent := range map[string]string{
		"nothing":           "",
		"a web browser":     "GET / HTTP/1.1\r\nHost: forum.host\r\n\r\n",
		"half a line":       "SSH-2.0-Half",
		"no proposal":       "SSH-2.0-Quiet\r\n",
		"half a packet":     "SSH-2.0-Half\r\n\x00\x00\x04\x00\x04\x14",
		"a huge packet":     "SSH-2.0-Huge\r\n\xff\xff\xff\xff\x04\x14",
		"another packet":    "SSH-2.0-Odd\r\n\x00\x00\x00\x0c\x0a\x15\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
		"zeros":             strings.Repeat("\x00", 40000),
		"an endless line":   strings.Repeat("SSH-2.0-x", 40000),
		"padding of itself": "SSH-2.0-Pad\r\n\x00\x00\x00\x0c\xff\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
	} {
		conn, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, sent)
		_ = conn.(*net.TCPConn).CloseWrite()
		said, _ := io.ReadAll(conn)
		if line, _, _ := strings.Cut(string(said), "\r\n"); line != serverVersion || strings.Count(string(said), serverVersion) != 1 {
			t.Errorf("%s: the server says %q", name, said)
		}
		_ = conn.Close()
	}
	eventually(t, "all connections have ended", func() bool {
		log := r.logs.String()
		return strings.Count(log, "connection opened") == strings.Count(log, "connection closed")
	})
}

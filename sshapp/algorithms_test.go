package sshapp

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum/forumtest"
)

func TestAlgorithms(t *testing.T) {
	var config gossh.ServerConfig
	setAlgorithms(&config, suitableCiphers(nil))
	for _, list := range [][]string{config.KeyExchanges, config.Ciphers, config.MACs, config.PublicKeyAuthAlgorithms} {
		if len(list) < 3 {
			t.Errorf("too few are left: %q", list)
		}
		for _, name := range list {
			if strings.Contains(name, "sha1") || strings.Contains(name, "cbc") || strings.Contains(name, "arcfour") || name == "ssh-rsa" || name == "ssh-dss" {
				t.Errorf("%s is offered", name)
			}
		}
	}
	if config.KeyExchanges[0] != gossh.KeyExchangeMLKEM768X25519 {
		t.Errorf("the first key exchange is %s", config.KeyExchanges[0])
	}
	if !slices.Contains(gossh.SupportedAlgorithms().MACs, gossh.HMACSHA1) {
		t.Error("the library's own list was changed")
	}
}

// withHostKeys is start with a key of each kind that the program makes.
func withHostKeys(t *testing.T, f *forumtest.Forum) *running {
	t.Helper()
	keys, err := LoadHostKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return start(t, f, func(s *Server) { s.cfg.HostKeys = keys })
}

// negotiate connects a client of which set restricts the algorithms.
func (r *running) negotiate(t *testing.T, set func(*gossh.ClientConfig)) (gossh.NegotiatedAlgorithms, error) {
	t.Helper()
	config := r.config("yoda", gossh.Password(forumtest.Password("yoda")))
	config.HostKeyCallback = gossh.InsecureIgnoreHostKey()
	set(config)
	client, err := r.dial(t, config)
	if err != nil {
		return gossh.NegotiatedAlgorithms{}, err
	}
	defer client.Close()
	if out := output(t, client, "hello"); !strings.HasPrefix(out, "yoda ") {
		t.Errorf("the session says %q", out)
	}
	return client.Conn.(gossh.AlgorithmsConnMetadata).Algorithms(), nil
}

func TestEachAlgorithmAlone(t *testing.T) {
	f := forumtest.New(t)
	f.As("yoda")
	r := withHostKeys(t, f)
	secure, insecure := gossh.SupportedAlgorithms(), gossh.InsecureAlgorithms()
	for _, kind := range []struct {
		name             string
		secure, insecure []string
		restrict         func(*gossh.ClientConfig, []string)
		got              func(gossh.NegotiatedAlgorithms) string
	}{
		{"key exchange", secure.KeyExchanges, insecure.KeyExchanges,
			func(c *gossh.ClientConfig, names []string) { c.KeyExchanges = names },
			func(a gossh.NegotiatedAlgorithms) string { return a.KeyExchange }},
		{"cipher", secure.Ciphers, insecure.Ciphers,
			func(c *gossh.ClientConfig, names []string) { c.Ciphers = names },
			func(a gossh.NegotiatedAlgorithms) string { return a.Write.Cipher }},
		{"MAC", secure.MACs, insecure.MACs,
			func(c *gossh.ClientConfig, names []string) {
				c.Ciphers, c.MACs = []string{gossh.CipherAES256CTR}, names
			},
			func(a gossh.NegotiatedAlgorithms) string { return a.Write.MAC }},
		{"host key", []string{gossh.KeyAlgoED25519, gossh.KeyAlgoECDSA256, gossh.KeyAlgoRSASHA256, gossh.KeyAlgoRSASHA512}, insecure.HostKeys,
			func(c *gossh.ClientConfig, names []string) { c.HostKeyAlgorithms = names },
			func(a gossh.NegotiatedAlgorithms) string { return a.HostKey }},
	} {
		refused := slices.Clone(kind.insecure)
		for _, name := range kind.secure {
			if strings.Contains(name, "sha1") {
				refused = append(refused, name)
				continue
			}
			got, err := r.negotiate(t, func(c *gossh.ClientConfig) { kind.restrict(c, []string{name}) })
			if err != nil || kind.got(got) != name {
				t.Errorf("%s %s: %q, %v", kind.name, name, kind.got(got), err)
			}
		}
		if len(refused) < 2 {
			t.Errorf("%s: only %q are tried in vain", kind.name, refused)
		}
		for _, name := range refused {
			if got, err := r.negotiate(t, func(c *gossh.ClientConfig) { kind.restrict(c, []string{name}) }); err == nil {
				t.Errorf("%s %s is taken", kind.name, kind.got(got))
			}
		}
	}
}

// TestAlgorithmsThatOpenSSHSees reads the server's proposal from the output of ssh -vv.
func TestAlgorithmsThatOpenSSHSees(t *testing.T) {
	f := forumtest.New(t)
	o := newOpenSSH(t, withHostKeys(t, f))
	addKey(t, f, "yoda", o.key)
	offered := func(options ...string) (said string, lists map[string][]string) {
		out, said, err := o.run(t, append(options, "-vv", "yoda@127.0.0.1", "hello")...)
		if err != nil || !strings.HasPrefix(out, "yoda ") {
			t.Fatalf("%v\n%s%s", err, out, said)
		}
		_, proposal, _ := strings.Cut(said, "peer server KEXINIT proposal")
		proposal, _, _ = strings.Cut(proposal, "kex: algorithm:")
		lists = make(map[string][]string)
		for line := range strings.Lines(proposal) {
			if name, list, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
				if kind, names, ok := strings.Cut(list, ": "); ok && name == "debug2" {
					lists[kind] = strings.Split(names, ",")
				}
			}
		}
		return said, lists
	}
	for _, options := range [][]string{nil, {"-o", "Ciphers=aes256-ctr"}} { // the first is offered only AES-GCM
		said, lists := offered(options...)
		for kind, first := range map[string]string{
			"KEX algorithms": gossh.KeyExchangeMLKEM768X25519, "host key algorithms": "",
			"ciphers ctos": gossh.CipherAES128GCM, "ciphers stoc": gossh.CipherAES128GCM,
			"MACs ctos": "hmac-sha2-256-etm@openssh.com", "MACs stoc": "hmac-sha2-256-etm@openssh.com",
			"compression ctos": "none", "compression stoc": "none",
		} {
			if len(lists[kind]) == 0 || first != "" && lists[kind][0] != first {
				t.Errorf("%s are %q; the first must be %q", kind, lists[kind], first)
			}
		}
		for kind, names := range lists {
			for _, name := range names {
				if strings.Contains(name, "sha1") || strings.Contains(name, "cbc") || strings.Contains(name, "arcfour") || strings.Contains(name, "md5") || name == gossh.KeyAlgoRSA {
					t.Errorf("%s: %s is offered", kind, name)
				}
			}
		}
		known, err := exec.Command("ssh", "-Q", "kex").Output()
		if err != nil {
			t.Fatal(err)
		}
		want := "kex: algorithm: " + gossh.KeyExchangeCurve25519
		if strings.Contains(string(known), gossh.KeyExchangeMLKEM768X25519+"\n") {
			want = "kex: algorithm: " + gossh.KeyExchangeMLKEM768X25519
		}
		if !strings.Contains(said, want) {
			t.Errorf("there is no %q in\n%s", want, said)
		}
	}
}

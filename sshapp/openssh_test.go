package sshapp

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum/forumtest"
)

// answering is a program that answers the questions of ssh, and keeps them.
const answering = `#!/bin/sh
echo "$1" >>"$QUESTIONS"
case "$1" in
*"Save the key"*) echo y ;;
*) echo force ;;
esac
`

// openSSH is a person with the client of OpenSSH and a key.
type openSSH struct {
	home string
	key  gossh.PublicKey
	args []string
}

func newOpenSSH(t *testing.T, r *running) *openSSH {
	t.Helper()
	forumtest.NeedsProgram(t, "ssh")
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := gossh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	key, err := gossh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	o := &openSSH{home: t.TempDir(), key: key}
	o.write(t, "id", pem.EncodeToMemory(block), 0o600)
	o.write(t, "askpass", []byte(answering), 0o700)
	_, port, err := net.SplitHostPort(r.addr)
	if err != nil {
		t.Fatal(err)
	}
	o.args = []string{
		"-F", "none", "-p", port, "-i", o.path("id"), "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none",
		"-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=" + o.path("known_hosts"), "-o", "ConnectTimeout=20",
	}
	return o
}

func (o *openSSH) path(name string) string { return filepath.Join(o.home, name) }

func (o *openSSH) write(t *testing.T, name string, content []byte, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(o.path(name), content, mode); err != nil {
		t.Fatal(err)
	}
}

// run runs ssh and returns its standard output and all that it said besides.
func (o *openSSH) run(t *testing.T, args ...string) (out, said string, err error) {
	t.Helper()
	return o.runWith(t, "", args...)
}

// runWith is run with a file that was written as standard input.
func (o *openSSH) runWith(t *testing.T, input string, args ...string) (out, said string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ssh", append(o.args, args...)...)
	if input != "" {
		file, err := os.Open(o.path(input))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		cmd.Stdin = file
	}
	cmd.Env = append(os.Environ(), "HOME="+o.home, "SSH_ASKPASS="+o.path("askpass"), "SSH_ASKPASS_REQUIRE=force", "QUESTIONS="+o.path("questions"))
	var complaints strings.Builder
	cmd.Stderr = &complaints
	b, err := cmd.Output()
	return string(b), complaints.String(), err
}

func TestOpenSSHRegistersAndReturns(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f)
	o := newOpenSSH(t, r)
	out, said, err := o.run(t, "Yoda@127.0.0.1", "hello")
	if err != nil || !strings.HasPrefix(out, "Yoda ") || !strings.Contains(said, newHere) {
		t.Fatalf("registration: %v\n%s%s", err, out, said)
	}
	questions, err := os.ReadFile(o.path("questions"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{askNew, askAgain, "Save the key " + gossh.FingerprintSHA256(o.key) + " so that you can log in without a password next time? [Y/n] "}
	for i, line := range strings.Split(strings.TrimSuffix(string(questions), "\n"), "\n") {
		if i >= len(want) || !strings.HasSuffix(line, want[i]) {
			t.Errorf("question %d is %q, want %q", i, line, want)
		}
	}
	if out, said, err = o.run(t, "-o", "BatchMode=yes", "yoda@127.0.0.1", "hello"); err != nil || !strings.HasPrefix(out, "Yoda ") {
		t.Errorf("with the key: %v\n%s%s", err, out, said)
	}
	if out, said, err = newOpenSSH(t, r).run(t, "-o", "BatchMode=yes", "yoda@127.0.0.1", "hello"); err == nil {
		t.Errorf("with another key:\n%s%s", out, said)
	}
	if out, said, err = newOpenSSH(t, r).run(t, "-o", "PreferredAuthentications=password", "yoda@127.0.0.1", "hello"); err != nil || !strings.HasPrefix(out, "Yoda ") {
		t.Errorf("with the password: %v\n%s%s", err, out, said)
	}
}

func TestOpenSSHGetsItsExitStatusWhenTheServerStops(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f)
	o := newOpenSSH(t, r)
	addKey(t, f, "yoda", o.key)
	ended := make(chan struct{})
	var out, said string
	var err error
	go func() {
		defer close(ended)
		out, said, err = o.run(t, "yoda@127.0.0.1", "wait")
	}()
	eventually(t, "the session runs", func() bool {
		r.sessions.mu.Lock()
		defer r.sessions.mu.Unlock()
		return r.sessions.count == 1
	})
	r.stop()
	r.cut()
	<-ended
	if err != nil || out != "waiting\nServer shutting down\n" || strings.Contains(said, "closed by remote host") {
		t.Errorf("error %v\n%s%s", err, out, said)
	}
}

func TestOpenSSHIsToldWhyANameIsRefused(t *testing.T) {
	f := forumtest.New(t)
	o := newOpenSSH(t, start(t, f))
	out, said, err := o.run(t, "root@127.0.0.1", "hello")
	if err == nil || strings.Count(said, "The name root is reserved") != 1 {
		t.Errorf("error %v\n%s%s", err, out, said)
	}
	if questions, err := os.ReadFile(o.path("questions")); err == nil {
		t.Errorf("was asked %s", questions)
	}
}

func TestWhatOpenSSHIsOffered(t *testing.T) {
	f := forumtest.New(t)
	keys, err := LoadHostKeys(filepath.Join(t.TempDir(), "hostkeys"))
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, f, func(s *Server) { s.cfg.HostKeys = keys })
	o := newOpenSSH(t, r)
	addKey(t, f, "yoda", o.key)
	_, said, err := o.run(t, "-vv", "yoda@127.0.0.1", "hello")
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	_, offer, ok := strings.Cut(said, "peer server KEXINIT proposal")
	offer, _, _ = strings.Cut(offer, "first_kex_follows")
	if !ok || !strings.Contains(offer, "KEX algorithms: mlkem768x25519-sha256,") ||
		!strings.Contains(offer, "kex-strict-s-v00@openssh.com") || !strings.Contains(offer, "rsa-sha2-512") {
		t.Errorf("the server offers %s", offer)
	}
	for _, weak := range []string{"sha1", "ssh-rsa", "ssh-dss", "-cbc", "arcfour", "md5"} {
		if strings.Contains(offer, weak) {
			t.Errorf("the server offers %s:%s", weak, offer)
		}
	}
	if _, signatures, ok := strings.Cut(said, "server-sig-algs=<"); !ok || strings.Contains(strings.SplitN(signatures, ">", 2)[0], "ssh-rsa") {
		t.Error("the server takes signatures over SHA-1")
	}
	if !strings.Contains(said, "remote software version sshforum") {
		t.Error("the server does not say what it is")
	}
}

package sshapp

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"charm.land/ssh"
	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/gate"
	"sshforum/forum/rules"
)

// patience is the time after which a hanging test fails.
const patience = time.Minute

// openFilesInTests is how many files a connection may have open over SFTP.
const openFilesInTests = 64

// running is a server that serves until the test ends or stops it.
type running struct {
	*Server
	addr string
	logs *logs
	stop context.CancelFunc
	cut  func() // ends the grace of operations in progress

	done chan struct{}
	err  error // of Serve, once done
}

// start serves f on a free port. set changes the server before that.
func start(t *testing.T, f *forumtest.Forum, set ...func(*Server)) *running {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return startOn(t, f, ln, set...)
}

func startOn(t *testing.T, f *forumtest.Forum, ln net.Listener, set ...func(*Server)) *running {
	t.Helper()
	logs, cut := &logs{}, make(chan struct{})
	server, err := New(Config{
		Service: f.Service, HostKeys: []gossh.MultiAlgorithmSigner{newKey(t)},
		Logger: slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Gate:   newGate(t, func(*gate.Config) {}), LoginGrace: patience, MaxAuthTries: 6, Cut: cut,
		SessionsPerConnection: 10, OpenFiles: openFilesInTests, EnvCount: 32, EnvBytes: 8192, LineBytes: 1 << 16,
	})
	if err != nil {
		t.Fatal(err)
	}
	server.shell = greet
	for _, set := range set {
		set(server)
	}
	if err := server.makeHandlers(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &running{Server: server, addr: ln.Addr().String(), logs: logs, stop: stop, cut: sync.OnceFunc(func() { close(cut) }), done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.err = server.Serve(ctx, ln)
	}()
	t.Cleanup(func() {
		stop()
		r.cut()
		r.wait(t)
		if t.Failed() {
			t.Logf("log of the server:\n%s", logs)
		}
	})
	return r
}

// wait returns when Serve has, and fails the test if it returned an error.
func (r *running) wait(t *testing.T) {
	t.Helper()
	select {
	case <-r.done:
		if r.err != nil {
			t.Errorf("Serve: %v", r.err)
		}
	case <-time.After(2 * patience):
		t.Error("Serve does not return")
	}
}

// greet is a session that writes its account's name, or runs one of a few commands.
func greet(ctx context.Context, sess *session, actor rules.Actor) {
	switch sess.RawCommand() {
	case "wait":
		fmt.Fprintln(sess, "waiting")
		<-ctx.Done()
		fmt.Fprintln(sess, context.Cause(ctx))
	case "read":
		fmt.Fprintln(sess, "reading")
		_, _ = io.Copy(io.Discard, sess)
	case "env":
		fmt.Fprintln(sess, strings.Join(sess.Environ(), " "))
	case "panic":
		panic("on demand")
	case "window":
		pty, _, _ := sess.Pty()
		fmt.Fprintf(sess, "%dx%d", pty.Window.Width, pty.Window.Height)
		sess.OnResize(func(w ssh.Window) { fmt.Fprintf(sess, " %dx%d", w.Width, w.Height) })
		sess.OnResize(nil)
		fmt.Fprintln(sess)
	default:
		fmt.Fprintf(sess, "%s %s from %s\n", actor.Name, actor.Session, actor.Source)
	}
	_ = sess.Exit(0)
}

// config returns a client's configuration.
func (r *running) config(user string, auth ...gossh.AuthMethod) *gossh.ClientConfig {
	return &gossh.ClientConfig{
		User: user, Auth: auth, Timeout: patience,
		HostKeyCallback: gossh.FixedHostKey(r.cfg.HostKeys[0].PublicKey()),
	}
}

// dial logs in; the client is closed when the test ends.
func (r *running) dial(t *testing.T, config *gossh.ClientConfig) (*gossh.Client, error) {
	t.Helper()
	client, err := gossh.Dial("tcp", r.addr, config)
	if err == nil {
		t.Cleanup(func() { _ = client.Close() })
	}
	return client, err
}

// enter is dial for a login that must succeed.
func (r *running) enter(t *testing.T, user string, auth ...gossh.AuthMethod) *gossh.Client {
	t.Helper()
	client, err := r.dial(t, r.config(user, auth...))
	if err != nil {
		t.Fatalf("%s cannot log in: %v", user, err)
	}
	return client
}

// as is enter with the password of an account that forumtest makes.
func (r *running) as(t *testing.T, f *forumtest.Forum, name string) *gossh.Client {
	t.Helper()
	f.As(name)
	return r.enter(t, name, gossh.Password(forumtest.Password(name)))
}

// output runs command in a session of its own and returns its output.
func output(t *testing.T, client *gossh.Client, command string) string {
	t.Helper()
	sess, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer sess.Close()
	out, err := sess.Output(command)
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	return string(out)
}

// holding returns a session that runs command and has written its first line.
func holding(t *testing.T, client *gossh.Client, command string) (*gossh.Session, io.Reader) {
	t.Helper()
	sess, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	out, err := sess.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sess.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := sess.Start(command); err != nil {
		t.Fatal(err)
	}
	for b := make([]byte, 1); b[0] != '\n'; {
		if _, err := io.ReadFull(out, b); err != nil {
			t.Fatal(err)
		}
	}
	return sess, out
}

// person answers questions in turn, and remembers all that was said.
type person struct {
	answers []string
	said    []string
}

func (p *person) auth() gossh.AuthMethod { return gossh.KeyboardInteractive(p.challenge) }

var errNothingMore = errors.New("no answer left")

func (p *person) challenge(name, instruction string, questions []string, echos []bool) ([]string, error) {
	for _, text := range []string{name, instruction} {
		if text != "" {
			p.said = append(p.said, text)
		}
	}
	var answers []string
	for i, question := range questions {
		if echos[i] {
			question += "(echo)"
		}
		p.said = append(p.said, question)
		if len(p.answers) == 0 {
			return nil, errNothingMore
		}
		answers = append(answers, p.answers[0])
		p.answers = p.answers[1:]
	}
	return answers, nil
}

func (p *person) heard(text string) bool { return strings.Contains(strings.Join(p.said, "\n"), text) }

func newKey(t testing.TB) gossh.MultiAlgorithmSigner {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := gossh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return key.(gossh.MultiAlgorithmSigner)
}

// addKey gives the account name a key.
func addKey(t *testing.T, f *forumtest.Forum, name string, key gossh.PublicKey) {
	t.Helper()
	if _, err := f.Service.AddKey(t.Context(), f.As(name), forum.Key{Blob: key.Marshal()}); err != nil {
		t.Fatal(err)
	}
}

// keysOf returns the fingerprints of an account's keys.
func keysOf(t *testing.T, f *forumtest.Forum, name string) []string {
	t.Helper()
	u, ok, err := f.Service.Lookup(name)
	if err != nil || !ok {
		t.Fatalf("there is no account %s: %v", name, err)
	}
	keys, err := f.Service.Keys(rules.Actor{User: u.ID})
	if err != nil {
		t.Fatal(err)
	}
	fingerprints := []string{}
	for _, key := range keys {
		fingerprints = append(fingerprints, key.Fingerprint())
	}
	return fingerprints
}

// changes returns how many changes the forum has seen.
func changes(t *testing.T, f *forumtest.Forum) (seq uint64) {
	t.Helper()
	if err := f.Store.View(func(r forum.Reader) error { seq = r.Seq(); return nil }); err != nil {
		t.Fatal(err)
	}
	return seq
}

// eventually waits for something that another goroutine brings about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

// logs has the log of a server.
type logs struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

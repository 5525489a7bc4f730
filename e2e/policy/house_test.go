package policy

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pkg/sftp"
	gossh "golang.org/x/crypto/ssh"
	"golang.org/x/sync/errgroup"

	"sshforum/e2e"
	"sshforum/forum/forumtest"
	"sshforum/forum/gate"
	"sshforum/forum/rules"
	"sshforum/sshapp"
)

// house is a forum with its SSH door open in this process, so that a test has the forum, too.
type house struct {
	*forumtest.Forum
	t       *testing.T
	addr    string // of the SSH door
	clients map[string]*gossh.Client
}

// openHouse opens the SSH door of a forum until the test ends.
func openHouse(t *testing.T, f *forumtest.Forum) *house {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	key, err := gossh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	gate, err := gate.New(gate.Config{
		Connections: 100, PerSource: 100, Startups: gate.Startups{Start: 100, Rate: 30, Full: 1000}, StartupsPerSource: 100, Tries: 6,
		IPv4Bits: 32, IPv6Bits: 64, Logger: slog.New(slog.DiscardHandler), Clock: time.Now, Random: rand.IntN,
	})
	if err != nil {
		t.Fatal(err)
	}
	door, err := sshapp.New(sshapp.Config{
		Gate: gate, Service: f.Service, HostKeys: []gossh.MultiAlgorithmSigner{key.(gossh.MultiAlgorithmSigner)}, Logger: slog.New(slog.DiscardHandler),
		LoginGrace: e2e.Patience, MaxAuthTries: 6,
		SessionsPerConnection: 10, OpenFiles: 64, EnvCount: 32, EnvBytes: 8 << 10, LineBytes: 1 << 20,
	})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return door.Serve(ctx, ln) })
	h := &house{Forum: f, t: t, addr: ln.Addr().String(), clients: make(map[string]*gossh.Client)}
	t.Cleanup(func() {
		for _, c := range h.clients {
			_ = c.Close()
		}
		stop()
		if err := group.Wait(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// client returns a person's one connection.
func (h *house) client(name string) *gossh.Client {
	h.t.Helper()
	if c := h.clients[name]; c != nil {
		return c
	}
	c, err := gossh.Dial("tcp", h.addr, &gossh.ClientConfig{
		User: h.As(name).Name, Auth: []gossh.AuthMethod{gossh.Password(forumtest.Password(name))}, Timeout: e2e.Patience,
		HostKeyCallback: gossh.InsecureIgnoreHostKey(),
	})
	if err != nil {
		h.t.Fatalf("%s cannot log in: %v", name, err)
	}
	h.clients[name] = c
	return c
}

// done is what a command did.
type done struct {
	out    string // and what stands beside it
	status int
}

// exec runs a command with an empty input. Where until is not "", it ends once the output
// has that.
func (h *house) exec(name, command, until string) done {
	h.t.Helper()
	sess, err := h.client(name).NewSession()
	if err != nil {
		h.t.Fatal(err)
	}
	defer sess.Close()
	out, problems := &watched{until: until, found: make(chan struct{})}, new(bytes.Buffer)
	sess.Stdin, sess.Stdout, sess.Stderr = bytes.NewReader(nil), out, problems
	if err := sess.Start(command); err != nil {
		h.t.Fatalf("%s: %v", command, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- sess.Wait() }()
	select {
	case err = <-ended:
	case <-out.found:
		return done{out: out.String()}
	case <-time.After(e2e.Patience):
		h.t.Fatalf("%s does not end; it said %q", command, out.String())
	}
	status := 0
	if exit, ok := errors.AsType[*gossh.ExitError](err); ok {
		status = exit.ExitStatus()
	} else if err != nil {
		h.t.Fatalf("%s: %v", command, err)
	}
	return done{out.String() + problems.String(), status}
}

// watched is an output that is looked through for a text.
type watched struct {
	until string
	found chan struct{} // closed when it is there

	mu   sync.Mutex
	text bytes.Buffer
	done bool
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := w.text.Write(p)
	if !w.done && w.until != "" && bytes.Contains(w.text.Bytes(), []byte(w.until)) {
		w.done = true
		close(w.found)
	}
	return n, err
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// typed types lines into a shell at a terminal, the last of which must end it, and returns
// all that it showed.
func (h *house) typed(name, lines string) string {
	h.t.Helper()
	sess, err := h.client(name).NewSession()
	if err != nil {
		h.t.Fatal(err)
	}
	defer sess.Close()
	if err := sess.RequestPty("xterm", 1000, 200, nil); err != nil {
		h.t.Fatal(err)
	}
	in, err := sess.StdinPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	out := new(bytes.Buffer)
	sess.Stdout = out
	if err := sess.Shell(); err != nil {
		h.t.Fatal(err)
	}
	if _, err := io.WriteString(in, lines); err != nil {
		h.t.Fatal(err)
	}
	if err := sess.Wait(); err != nil {
		h.t.Fatalf("%v after %q", err, out)
	}
	return out.String()
}

// files opens a person's files over SFTP. The caller closes the client.
func (h *house) files(name string) *sftp.Client {
	h.t.Helper()
	c, err := sftp.NewClient(h.client(name))
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// shell is a shell at a terminal that does not move its cursor.
type shell struct {
	h    *house
	sess *gossh.Session
	in   io.Writer
	out  *bufio.Reader
	over bool
}

// prompt is what a shell shows before it waits for a line.
const prompt = "forum> "

func (h *house) openShell(name string) *shell {
	h.t.Helper()
	sess, err := h.client(name).NewSession()
	if err == nil {
		err = sess.RequestPty("dumb", 1000, 1000, nil)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	in, err := sess.StdinPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	out, err := sess.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if err := sess.Shell(); err != nil {
		h.t.Fatal(err)
	}
	s := &shell{h: h, sess: sess, in: in, out: bufio.NewReader(out)}
	s.waits()
	return s
}

// ask types a line and returns what it showed, up to the next prompt.
func (s *shell) ask(line string) string {
	s.h.t.Helper()
	if _, err := io.WriteString(s.in, " "+line+"\r"); err != nil {
		s.h.t.Fatal(err)
	}
	return s.waits()
}

// waits returns what is shown until the shell waits for a line, or is over.
func (s *shell) waits() (text string) {
	s.h.t.Helper()
	for !strings.HasSuffix(text, prompt) {
		b, err := s.out.ReadByte()
		if err != nil {
			s.over = true
			return text
		}
		text += string(b)
	}
	return strings.TrimSuffix(text, prompt)
}

// leave ends the session.
func (s *shell) leave() {
	s.h.t.Helper()
	if !s.over {
		s.ask("XIT")
	}
	if err := s.sess.Wait(); err != nil {
		s.h.t.Error(err)
	}
}

func uploadFile(t testing.TB, f *forumtest.Forum, name, thread, file, content string) {
	t.Helper()
	u, err := f.Service.Upload(t.Context(), f.As(name), rules.Place{Thread: thread}, file, rules.UploadOptions{})
	if err == nil {
		_, err = u.WriteAt([]byte(content), 0)
	}
	if err == nil {
		_, err = u.Complete(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

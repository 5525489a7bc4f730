package files

import (
	"bytes"
	"io"
	"log/slog"
	"testing"

	"charm.land/ssh"
	"github.com/pkg/sftp"

	"sshforum/forum/command"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// stage is a forum with Thread 3331 of Yoda's, which has one message, and the handler of its
// files.
type stage struct {
	*forumtest.Forum
	handler *Handler
}

func newStage(t *testing.T, set ...func(*rules.Config)) *stage {
	t.Helper()
	f := forumtest.New(t, set...)
	if _, err := f.Service.CreateThread(t.Context(), f.As("Yoda"), "3331"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Service.Post(t.Context(), f.As("Yoda"), "3331", "Do or do not."); err != nil {
		t.Fatal(err)
	}
	return &stage{Forum: f, handler: newHandler(t, f, 64)}
}

func newHandler(t *testing.T, f *forumtest.Forum, openFiles int) *Handler {
	t.Helper()
	table, err := command.Standard()
	if err != nil {
		t.Fatal(err)
	}
	return New(Config{Service: f.Service, Commands: table, Stopping: t.Context(), OpenFiles: openFiles})
}

// enter starts an SFTP session of somebody on a connection that has these limits.
func (s *stage) enter(t *testing.T, name string, on *Limits) *sftp.Client {
	t.Helper()
	actor := s.As(name)
	asked, ask := io.Pipe()
	answers, answer := io.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.handler.ServeSFTP(t.Context(), &talk{in: asked, out: answer, log: slog.New(slog.DiscardHandler), limits: on}, actor)
	}()
	c, err := sftp.NewClientPipe(answers, ask)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Close()
		<-ended
	})
	return c
}

// talk is a session without a connection below it.
type talk struct {
	ssh.Session // its other methods are not called
	in          io.Reader
	out         io.WriteCloser
	log         *slog.Logger
	limits      *Limits
}

func (s *talk) Read(p []byte) (int, error)  { return s.in.Read(p) }
func (s *talk) Write(p []byte) (int, error) { return s.out.Write(p) }
func (s *talk) Stderr() io.ReadWriter       { return &bytes.Buffer{} }
func (s *talk) Close() error                { return s.out.Close() }
func (s *talk) Exit(int) error              { return s.out.Close() }
func (s *talk) Log() *slog.Logger           { return s.log }
func (s *talk) Limits() *Limits             { return s.limits }

package sshapp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"charm.land/ssh"
	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

func TestSessionsOfAConnectionAreLimited(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f, func(s *Server) { s.cfg.SessionsPerConnection = 2 })
	client := r.as(t, f, "yoda")
	first, _ := holding(t, client, "wait")
	holding(t, client, "wait")
	var refused *gossh.OpenChannelError
	if _, err := client.NewSession(); !errors.As(err, &refused) || refused.Reason != gossh.ResourceShortage {
		t.Errorf("the third session: %v", err)
	}
	output(t, r.as(t, f, "yoda"), "hello")
	_ = first.Close()
	eventually(t, "a place is free", func() bool {
		sess, err := client.NewSession()
		if err == nil {
			_ = sess.Close()
		}
		return err == nil
	})
}

// A session counts until its command has ended, even if its client has left.
func TestAbandonedSessionsCount(t *testing.T) {
	f := forumtest.New(t)
	left, release := make(chan error, 1), make(chan struct{})
	r := start(t, f, func(s *Server) {
		s.cfg.SessionsPerConnection = 1
		s.shell = func(ctx context.Context, sess *session, _ rules.Actor) {
			fmt.Fprintln(sess, "here")
			<-ctx.Done()
			left <- context.Cause(ctx)
			<-release
		}
	})
	client := r.as(t, f, "yoda")
	sess, _ := holding(t, client, "")
	_ = sess.Close()
	if cause := <-left; !errors.Is(cause, context.Canceled) {
		t.Errorf("a session that was left ended by %v", cause)
	}
	if _, err := client.NewSession(); err == nil {
		t.Error("the place of a session that runs is free")
	}
	close(release)
}

func TestSessionsAreNumbered(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f)
	client := r.as(t, f, "yoda")
	number := func() string { return strings.Fields(output(t, client, "hello"))[1] }
	first, second := number(), number()
	connection, _, _ := strings.Cut(first, ".")
	if first != connection+".1" || second != connection+".2" {
		t.Errorf("the sessions are %s and %s", first, second)
	}
}

func TestEnvironmentIsLimited(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f, func(s *Server) { s.cfg.EnvCount, s.cfg.EnvBytes = 4, 40 })
	sess, err := r.as(t, f, "yoda").NewSession()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, value string
		want        bool
	}{
		{"PATH", "/tmp", false},
		{"LD_PRELOAD", "x", false},
		{"LANGUAGE", "de", false},
		{"", "", false},
		{"LANG", "de", true},
		{"LC_ALL", strings.Repeat("x", 29), false}, // one byte too many
		{"LC_ALL", "de", true},
		{"FORUM_UI", "plain", true},
		{"NO_COLOR", "1", true},
		{"TERM", "", false}, // the fifth
	} {
		if err := sess.Setenv(tt.name, tt.value); (err == nil) != tt.want {
			t.Errorf("%s=%s: %v", tt.name, tt.value, err)
		}
	}
	out, err := sess.Output("env")
	if err != nil || string(out) != "LANG=de LC_ALL=de FORUM_UI=plain NO_COLOR=1\n" {
		t.Errorf("the session has %q, %v", out, err)
	}
}

func TestWhatIsNotOfferedIsRefused(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f)
	client := r.as(t, f, "yoda")
	for _, kind := range []string{"direct-tcpip", "direct-streamlocal@openssh.com", "forwarded-tcpip", "x11", "tun@openssh.com", "unheard-of"} {
		var refused *gossh.OpenChannelError
		if _, _, err := client.OpenChannel(kind, nil); !errors.As(err, &refused) || refused.Reason != gossh.UnknownChannelType {
			t.Errorf("channel %s: %v", kind, err)
		}
	}
	for _, kind := range []string{"tcpip-forward", "cancel-tcpip-forward", "streamlocal-forward@openssh.com", "unheard-of"} {
		if ok, _, err := client.SendRequest(kind, true, nil); ok || err != nil {
			t.Errorf("request %s: %v, %v", kind, ok, err)
		}
	}
	sess, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	named := gossh.Marshal(struct{ Name string }{"netconf"})
	for kind, payload := range map[string][]byte{
		"auth-agent-req@openssh.com": nil, "x11-req": nil, "subsystem": named, "signal": named, "break": nil, "unheard-of": nil,
	} {
		if ok, err := sess.SendRequest(kind, true, payload); ok || err != nil {
			t.Errorf("request %s of a session: %v, %v", kind, ok, err)
		}
	}
	if out, err := sess.Output("hello"); err != nil || !strings.HasPrefix(string(out), "yoda") {
		t.Errorf("the session after all that: %q, %v", out, err)
	}
}

func TestSubsystemsAreServedByName(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f, func(s *Server) { s.subsystems = map[string]handler{"greet": greet} })
	client := r.as(t, f, "yoda")
	sess, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := sess.RequestSubsystem("default"); err == nil {
		t.Error("a subsystem that is not there was started")
	}
	out, err := sess.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := sess.RequestSubsystem("greet"); err != nil {
		t.Fatal(err)
	}
	if said, err := io.ReadAll(out); err != nil || !strings.HasPrefix(string(said), "yoda ") {
		t.Errorf("the subsystem wrote %q, %v", said, err)
	}
}

func TestWindow(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f)
	client := r.as(t, f, "yoda")
	for _, tt := range []struct {
		columns, rows int
		resized       [][2]int // before the session starts
		want          string
	}{
		{100, 30, nil, "100x30"},
		{0, 0, nil, "80x24"},
		{4_000_000_000, 4_000_000_000, nil, "1000x1000"},
		{100, 30, [][2]int{{1, 1}, {2, 2}, {3, 3}, {0, 4_000_000_000}, {90, 20}}, "100x30 90x20"},
		{100, 30, [][2]int{{0, 4_000_000_000}}, "100x30 80x1000"},
	} {
		sess, err := client.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		if err := sess.RequestPty("xterm", tt.rows, tt.columns, nil); err != nil {
			t.Fatal(err)
		}
		for _, size := range tt.resized {
			if err := sess.WindowChange(size[1], size[0]); err != nil {
				t.Fatal(err)
			}
		}
		out, err := sess.Output("window")
		if got := strings.TrimRight(string(out), "\r\n"); err != nil || got != tt.want {
			t.Errorf("%dx%d, then %v: %q, %v; want %q", tt.columns, tt.rows, tt.resized, got, err, tt.want)
		}
	}
}

func TestPanicCostsOneSession(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f)
	client := r.as(t, f, "yoda")
	bystander, out := holding(t, client, "wait")
	sess, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	var complaint strings.Builder
	sess.Stderr = &complaint
	var status *gossh.ExitError
	if err := sess.Run("panic"); !errors.As(err, &status) || status.ExitStatus() != 1 {
		t.Errorf("the session ended by %v", err)
	}
	if complaint.String() != "Something went wrong on the server; please try again.\n" {
		t.Errorf("the person was told %q", complaint.String())
	}
	if log := r.logs.String(); r.Panics() != 1 || !strings.Contains(log, `panic="on demand"`) || !strings.Contains(log, "client_test.go") {
		t.Errorf("%d panics counted; log:\n%s", r.Panics(), log)
	}
	output(t, client, "hello")
	r.stop()
	r.cut()
	if said, err := io.ReadAll(out); err != nil || string(said) != "Server shutting down\n" {
		t.Errorf("the bystander was told %q, %v", said, err)
	}
	if err := bystander.Wait(); err != nil {
		t.Error(err)
	}
}

func FuzzEnvironment(f *testing.F) {
	env := func(name, value string) []byte { return gossh.Marshal(struct{ Name, Value string }{name, value}) }
	f.Add(env("LANG", "de_DE.UTF-8"), env("LC_ALL", "C"))
	f.Add(env("PATH", "/"), []byte{0, 0, 0, 9, 'x'})
	f.Fuzz(func(t *testing.T, first, second []byte) {
		ch := &channel{server: &Server{cfg: Config{EnvCount: 1, EnvBytes: 30}}}
		taken := 0
		for _, payload := range [][]byte{first, second} {
			if ch.takesEnv(payload) {
				taken += len(payload) - 8
			}
		}
		if ch.envCount > 1 || ch.envBytes > 30 || ch.envBytes != taken {
			t.Errorf("took %d variables of %d bytes, counted %d", ch.envCount, taken, ch.envBytes)
		}
	})
}

func FuzzResize(f *testing.F) {
	f.Add(gossh.Marshal(struct{ Columns, Rows, Width, Height uint32 }{80, 24, 0, 0}))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, payload []byte) {
		ch := &channel{}
		if ch.resize(payload) != (len(payload) == 16) {
			t.Fatalf("%d bytes were taken for a size, or a size was not", len(payload))
		}
		if len(payload) == 16 {
			ch.window.listen(func(w ssh.Window) {
				if w.Width < 1 || w.Width > maxSide || w.Height < 1 || w.Height > maxSide {
					t.Errorf("the window is %dx%d", w.Width, w.Height)
				}
			})
		}
	})
}

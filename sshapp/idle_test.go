package sshapp

import (
	"errors"
	"io"
	"sshforum/sshapp/exit"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pkg/sftp"
	gossh "golang.org/x/crypto/ssh"
)

const (
	inTwoMinutes  = "This session ends in 2 minutes unless you go on. STAY keeps it open."
	inHalfAMinute = "This session ends in 30 seconds unless you go on. STAY keeps it open."
	goodbye       = "Goodbye. No command came for too long"
)

// visitor is a session at a server in a bubble, with its output.
type visitor struct {
	t *testing.T
	*gossh.Session
	in    io.Writer
	shown logs
}

// visit begins a session, in which command runs, or a shell without one.
func (in *inside) visit(t *testing.T, pty bool, command string) *visitor {
	t.Helper()
	sess, err := in.enter(t, "yoda", bare).NewSession()
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t: t, Session: sess}
	v.in, err = sess.StdinPipe()
	sess.Stdout, sess.Stderr = &v.shown, &v.shown
	if pty {
		err = errors.Join(err, sess.RequestPty("xterm", 24, 80, nil))
	}
	if command == "" {
		err = errors.Join(err, sess.Shell())
	} else {
		err = errors.Join(err, sess.Start(command))
	}
	if err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return v
}

func (v *visitor) types(keys string) {
	v.t.Helper()
	if _, err := io.WriteString(v.in, keys); err != nil {
		v.t.Fatal(err)
	}
	synctest.Wait()
}

// sees fails the test unless text was shown as often as that.
func (v *visitor) sees(text string, times int) {
	v.t.Helper()
	if n := strings.Count(v.shown.String(), text); n != times {
		v.t.Fatalf("%q was shown %d times, want %d, in:\n%q", text, n, times, v.shown.String())
	}
}

// ends fails the test unless the session has ended, with the goodbye and the status.
func (v *visitor) ends() {
	v.t.Helper()
	v.sees(goodbye, 1)
	var status *gossh.ExitError
	if err := v.Wait(); !errors.As(err, &status) || status.ExitStatus() != exit.Limited {
		v.t.Errorf("the session ended with %v", err)
	}
}

// attended are sessions as they are, with an hour for the person to go on.
func attended(s *Server) {
	s.shell, s.cfg.IdleTimeout = s.session, time.Hour
	s.cfg.Keepalive, s.cfg.KeepaliveCount = time.Minute, 3
}

// A shell ends if no command comes. Unfinished lines, empty lines, Ctrl-C and the client's
// answers to keepalive do not count as commands.
func TestIdleShellEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := startInside(t, attended).visit(t, true, "")
		pass(57 * time.Minute)
		v.types("half a li")
		v.types("\x03\r\r")
		v.types("half a line")
		v.sees(inTwoMinutes, 0)
		pass(time.Minute)
		v.sees(inTwoMinutes, 1)
		v.sees("\a", 1)
		v.types("\x15STAY\r")
		v.sees("This session stays open.", 1)
		pass(59*time.Minute + 29*time.Second)
		v.sees(inTwoMinutes, 2)
		v.sees(inHalfAMinute, 0)
		pass(time.Second)
		v.sees(inHalfAMinute, 1)
		pass(29 * time.Second)
		v.sees(goodbye, 0)
		pass(time.Second)
		v.ends()
	})
}

// In plain mode a line that was begun is torn rather than the warning kept back.
func TestIdleWarningInPlainMode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := startInside(t, attended).visit(t, true, "")
		v.types("SET plain on\rhalf")
		pass(58 * time.Minute)
		v.sees(inTwoMinutes, 1)
		v.types("\x15\rWHOAMI\r")
		pass(58*time.Minute - time.Second)
		v.sees(inTwoMinutes, 1)
	})
}

// A command that runs is not idle, however long; a text and the pager wait for the person.
func TestWhatCountsAsIdle(t *testing.T) {
	for _, test := range []struct {
		what, command, goOn string
		runs                bool
	}{
		{"following", "FOLLOW", "", true},
		{"writing a text", "MSG lobby -", "a line\r", false},
		{"reading page by page", "HELP", " ", false},
		{"answering", "PASSWD", "\r", false},
	} {
		t.Run(test.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := startInside(t, attended).visit(t, true, "")
				v.types(test.command + "\r")
				if test.runs {
					pass(100 * time.Hour)
					v.sees(inTwoMinutes, 0)
					v.types("\x03")
					pass(time.Hour)
					v.ends()
					return
				}
				pass(59 * time.Minute)
				v.sees(inTwoMinutes, 1)
				v.types(test.goOn)
				pass(59 * time.Minute)
				v.sees(goodbye, 0)
				pass(time.Minute)
				v.ends()
			})
		})
	}
}

// The one command that a client with a terminal was started with can be left, too.
func TestIdlePagerOfOneCommandEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := startInside(t, attended).visit(t, true, "HELP")
		v.sees("-- more", 1)
		pass(time.Hour)
		v.ends()
	})
}

func TestIdleBatchEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := startInside(t, attended).visit(t, false, "")
		pass(58 * time.Minute)
		v.sees(inTwoMinutes, 1)
		v.types("WHOAMI\n")
		v.sees("yoda", 1)
		pass(59*time.Minute + 30*time.Second)
		v.sees(inHalfAMinute, 1)
		pass(30 * time.Second)
		v.ends()
	})
}

// One command that waits for its text may wait: it was asked for.
func TestOneCommandIsNotIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := startInside(t, attended).visit(t, false, "MSG lobby -")
		pass(100 * time.Hour)
		v.types("at last\n")
		v.sees(goodbye, 0)
	})
}

// A session for files ends when nothing is transferred or asked for.
func TestIdleSFTPEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := startInside(t, attended)
		sess, err := in.enter(t, "yoda", bare).NewSession()
		if err != nil {
			t.Fatal(err)
		}
		told, toldErr := sess.StderrPipe()
		input, inErr := sess.StdinPipe()
		output, outErr := sess.StdoutPipe()
		if err := errors.Join(toldErr, inErr, outErr, sess.RequestSubsystem("sftp")); err != nil {
			t.Fatal(err)
		}
		client, err := sftp.NewClientPipe(output, input)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			pass(59 * time.Minute)
			if _, err := client.ReadDir("/"); err != nil {
				t.Fatal(err)
			}
		}
		pass(time.Hour - time.Second)
		if _, err := client.ReadDir("/"); err != nil {
			t.Error(err)
		}
		pass(time.Hour)
		said, err := io.ReadAll(told)
		if string(said) != goodbye+"\n" || err != nil || !strings.Contains(in.logs.String(), "door=sftp result=6 ") {
			t.Errorf("told %q, %v", said, err)
		}
		if err := client.Wait(); err == nil {
			t.Error("the session goes on")
		}
		_ = client.Close()
	})
}

package sshapp

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum/rules"
)

// pour is a session that writes for ever, on one of its outputs.
func pour(_ context.Context, sess *session, _ rules.Actor) {
	out := sess.Write
	if sess.RawCommand() == "errors" {
		out = sess.Stderr().Write
	}
	for piece := make([]byte, 64<<10); ; {
		if _, err := out(piece); err != nil {
			return
		}
	}
}

// pass lets d of the bubble's time pass, and then all that is due be done.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// dropped reports whether the first connection was, for that reason.
func (in *inside) dropped(reason string) bool {
	return strings.Contains(in.logs.String(), `msg="connection dropped" connection=1 source=192.0.2.1 reason="`+reason+`"`)
}

// answers fails the test if a client's connection does not.
func answers(t *testing.T, client *gossh.Client) {
	t.Helper()
	if ok, _, err := client.SendRequest("anything", true, nil); ok || err != nil {
		t.Errorf("a request is answered %v, %v", ok, err)
	}
}

// A client that takes nothing is dropped: from the network, or from a channel, of which
// it then gives no room for more. One beside it notices nothing.
func TestClientThatTakesNothingIsDropped(t *testing.T) {
	for _, test := range []struct {
		what, command string
		network       bool
	}{{"the network", "output", true}, {"output", "output", false}, {"errors", "errors", false}} {
		t.Run(test.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in := startInside(t, func(s *Server) { s.cfg.StallTimeout, s.shell = time.Minute, pour })
				var v *valve
				stalled := in.enter(t, "yoda", func(conn net.Conn) net.Conn { v = newValve(conn); return v })
				beside := in.enter(t, "luke", bare)
				pass(time.Hour)
				answers(t, stalled)
				sess, err := stalled.NewSession()
				if err != nil {
					t.Fatal(err)
				}
				_, outErr := sess.StdoutPipe()
				_, errErr := sess.StderrPipe()
				if err := errors.Join(outErr, errErr, sess.Start(test.command)); err != nil {
					t.Fatal(err)
				}
				v.shut.Store(test.network)
				pass(time.Minute - time.Second)
				if in.dropped("the client reads nothing") {
					t.Error("dropped before its time")
				}
				pass(2 * time.Second)
				if !in.dropped("the client reads nothing") {
					t.Error("not dropped")
				}
				answers(t, beside)
			})
		})
	}
}

// So is one that takes no answers to its requests.
func TestClientThatTakesNoAnswersIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := startInside(t, func(s *Server) { s.cfg.StallTimeout = time.Minute })
		var v *valve
		client := in.enter(t, "yoda", func(conn net.Conn) net.Conn { v = newValve(conn); return v })
		v.shut.Store(true)
		go func() {
			for range 2 { // the read under way takes the first answer
				_, _, _ = client.SendRequest("anything", true, nil)
			}
		}()
		pass(time.Minute + time.Second)
		if !in.dropped("the client reads nothing") {
			t.Error("not dropped")
		}
	})
}

// A client that reads slowly, but reads, stays.
func TestSlowReaderStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := startInside(t, func(s *Server) { s.cfg.StallTimeout, s.shell = time.Minute, pour })
		sess, err := in.enter(t, "yoda", bare).NewSession()
		if err != nil {
			t.Fatal(err)
		}
		out, err := sess.StdoutPipe()
		if err = errors.Join(err, sess.Start("")); err != nil {
			t.Fatal(err)
		}
		for range 100 {
			pass(50 * time.Second)
			if _, err := io.CopyN(io.Discard, out, 128<<10); err != nil {
				t.Fatal(err)
			}
		}
		answers(t, in.enter(t, "luke", bare))
	})
}

// Who is silent is asked, and stays when there is any answer; who is gone is dropped.
func TestKeepalive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := startInside(t, func(s *Server) { s.cfg.Keepalive, s.cfg.KeepaliveCount = time.Minute, 3 })
		var v *valve
		client := in.enter(t, "yoda", func(conn net.Conn) net.Conn { v = newValve(conn); return v })
		pass(24 * time.Hour)
		if n := in.asked.Load(); n < 24*60/2-1 || n > 24*60 {
			t.Errorf("asked %d times in a day", n)
		}
		answers(t, client)
		v.shut.Store(true)
		pass(4*time.Minute - time.Second)
		if in.dropped("the client does not answer") {
			t.Error("dropped before its time")
		}
		pass(4 * time.Minute) // the read under way took the first question
		if !in.dropped("the client does not answer") {
			t.Error("not dropped")
		}
	})
}

// Who logs in and opens nothing, or nothing more, is dropped after a while.
func TestUnusedConnectionIsDropped(t *testing.T) {
	const reason = "no session or tunnel was open"
	for _, used := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			in := startInside(t, func(s *Server) { s.cfg.UnusedTimeout = time.Hour })
			client := in.enter(t, "yoda", bare)
			if used {
				sess, _ := holding(t, client, "wait")
				pass(24 * time.Hour)
				if in.dropped(reason) {
					t.Fatal("dropped with a session")
				}
				_ = sess.Close()
				output(t, client, "hello")
			}
			pass(time.Hour - time.Second)
			answers(t, client)
			pass(2 * time.Second)
			if !in.dropped(reason) {
				t.Error("not dropped")
			}
		})
	}
}

// Requests are refused at a limited rate; the rest of a flood waits at the client.
func TestFloodOfRequestsIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := startInside(t)
		client := in.enter(t, "yoda", bare)
		sess, err := client.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		ask := map[string]func() error{
			"global": func() error { _, _, err := client.SendRequest("tcpip-forward", true, nil); return err },
			"env":    func() error { _, err := sess.SendRequest("env", true, nil); return err },
			"agent":  func() error { _, err := sess.SendRequest("auth-agent-req@openssh.com", true, nil); return err },
			"pty":    func() error { _, err := sess.SendRequest("pty-req", true, nil); return err },
			"channel": func() error {
				_, _, err := client.OpenChannel("direct-tcpip", nil)
				if _, refused := errors.AsType[*gossh.OpenChannelError](err); refused {
					return nil
				}
				return err
			},
		}
		for what, once := range ask {
			began := time.Now()
			for range 1000 {
				if err := once(); err != nil {
					t.Fatalf("%s: %v", what, err)
				}
			}
			if took := time.Since(began); took < 7*time.Second || took > 12*time.Second {
				t.Errorf("%s: 1000 refusals took %v", what, took)
			}
			pass(time.Minute)
		}
	})
}

// A client that opens channels without end and takes no answer is dropped, before they
// fill the memory.
func TestFloodOfChannelsIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := startInside(t)
		client := in.enter(t, "yoda", bare)
		for range refusalsAtOnce + maxRefusing + 100 {
			go func() { _, _, _ = client.OpenChannel("x11", nil) }()
		}
		synctest.Wait()
		if !in.dropped("a flood of channels") {
			t.Error("not dropped")
		}
		answers(t, in.enter(t, "luke", bare))
	})
}

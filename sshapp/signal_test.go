package sshapp

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum/rules"
	"sshforum/sshapp/exit"
)

// send sends a signal as a client does, which is told whether it was taken if it asks.
func (r *run) send(signal string) (taken bool) {
	r.t.Helper()
	taken, err := r.SendRequest("signal", true, gossh.Marshal(struct{ Name string }{signal}))
	if err != nil {
		r.t.Fatal(err)
	}
	synctest.Wait()
	return taken
}

// exitSignal is the message about a session that a signal ended (RFC 4254, section 6.10).
func exitSignal(name string) []byte {
	return gossh.Marshal(struct {
		Name            string
		CoreDumped      bool
		Error, Language string
	}{Name: name})
}

// A signal ends any command, and the client is told so, once and at once: also if the command
// waits for input, or for the client to take output.
func TestSignalsEndCommands(t *testing.T) {
	for what, begin := range map[string]func(s *stopping) *run{
		"following":         func(s *stopping) *run { return s.run("FOLLOW") },
		"a text":            func(s *stopping) *run { r := s.run("MSG 3331 -"); r.writes("half"); return r },
		"an upload":         func(s *stopping) *run { r := s.run("UPD 3331 up"); r.writes("half"); return r },
		"a download":        func(s *stopping) *run { s.put("down", halves[0]+halves[1]); return s.run("DWN 3331 down") },
		"a batch":           func(s *stopping) *run { return s.run("") },
		"a command of many": func(s *stopping) *run { r := s.run(""); r.writes("FOLLOW\nMSG 3331 next\n"); return r },
		"a sum":             func(s *stopping) *run { r := s.run("sha256sum"); r.writes("half"); return r },
		"scp -O":            func(s *stopping) *run { r := s.run("scp -t 3331"); r.writes("C0644 8 up\nhalf"); return r },
		"sftp": func(s *stopping) *run {
			r := s.run("sftp")
			f, err := r.files().Create("/3331/up")
			if err == nil {
				_, err = io.WriteString(f, "half")
			}
			if err != nil {
				s.t.Fatal(err)
			}
			return r
		},
	} {
		for _, signal := range signals {
			t.Run(what+", "+signal, func(t *testing.T) {
				stopped(t, func(t *testing.T, s *stopping) {
					r := begin(s)
					began := time.Now()
					if !r.send(signal) {
						t.Error("the signal was not taken")
					}
					r.ended("exit-signal", exitSignal(signal))
					if took := time.Since(began); took != 0 {
						t.Errorf("it took %v", took)
					}
					if told := r.told.String(); strings.Contains(told, "wrong") || strings.Contains(told, "signal") {
						t.Errorf("the session complained %q", told)
					}
					thread, err := s.forum.Service.Thread(t.Context(), s.forum.As("yoda"), "3331")
					if err != nil || thread.Messages != 0 {
						t.Errorf("%d messages, %v", thread.Messages, err)
					}
					if info, err := s.forum.Service.File(t.Context(), s.forum.As("yoda"), rules.Place{Thread: "3331"}, "up"); err == nil && !info.Part {
						t.Error("half a file was published")
					}
					if log := s.logs.String(); strings.Contains(log, "level=ERROR") {
						t.Error("an error is in the log")
					}
				})
			})
		}
	}
}

// At the prompt INT is Ctrl-C: it ends the command that runs, or clears the line, and the
// shell goes on. Other signals end the shell.
func TestSignalsInAShell(t *testing.T) {
	stopped(t, func(t *testing.T, s *stopping) {
		in := s.inside
		v := in.visit(t, true, "")
		interrupt := func() {
			t.Helper()
			if err := v.Signal(gossh.SIGINT); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		v.types("FOLLOW\r")
		interrupt()
		v.types("half a line")
		interrupt()
		v.types("WHOAMI\r")
		v.sees("yoda, member", 1)
		v.types("MSG 3331 -\rhalf\r")
		interrupt()
		v.types("STAY\r")
		v.sees("This session stays open.", 1)
		if err := v.Signal(gossh.SIGHUP); err != nil {
			t.Fatal(err)
		}
		err, ok := v.Wait().(*gossh.ExitError)
		synctest.Wait()
		if !ok || err.Signal() != "HUP" {
			t.Errorf("the shell ended by %v", err)
		}
		thread, readErr := s.forum.Service.Thread(t.Context(), s.forum.As("yoda"), "3331")
		if readErr != nil || thread.Messages != 0 {
			t.Errorf("%d messages, %v", thread.Messages, readErr)
		}
		if history, err := s.forum.Service.CommandHistory(s.forum.As("yoda")); err != nil || len(history) == 0 {
			t.Errorf("the shell's history is %q, %v", history, err)
		}
	})
}

// Interrupts that nobody acts on take no room: somebody may send any number.
func TestManyInterrupts(t *testing.T) {
	stopped(t, func(t *testing.T, s *stopping) {
		v := s.visit(t, true, "")
		for range 10_000 {
			if err := v.Signal(gossh.SIGINT); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		v.types("WHOAMI\r")
		v.sees("yoda, member", 1)
	})
}

// Signals that end nothing elsewhere end nothing here, nor does a signal without a command.
func TestOtherSignalsAreIgnored(t *testing.T) {
	stopped(t, func(t *testing.T, s *stopping) {
		r := s.run("MSG 3331 -")
		for _, signal := range []string{"USR1", "WINCH", "STOP", "int", "SIGINT", "", strings.Repeat("x", 1000), "TERM\x00"} {
			if r.send(signal) {
				t.Errorf("%.10q was taken", signal)
			}
		}
		if taken, err := r.SendRequest("signal", true, nil); taken || err != nil {
			t.Errorf("a signal without a name: %v, %v", taken, err)
		}
		r.writes("whole")
		_ = r.Close()
		r.exits(exit.OK)

		ch, requests, err := s.client.OpenChannel("session", nil)
		if err != nil {
			t.Fatal(err)
		}
		go gossh.DiscardRequests(requests)
		early := &run{t: t, Channel: ch}
		if early.send("TERM") {
			t.Error("a signal was taken by nothing")
		}
		if ok, err := ch.SendRequest("exec", true, gossh.Marshal(struct{ Command string }{"WHOAMI"})); !ok || err != nil {
			t.Errorf("a command after that: %v, %v", ok, err)
		}
		early.reads("yoda, member")
	})
}

// A signal right behind the command it is for finds it.
func TestSignalWithoutWaiting(t *testing.T) {
	for range 20 {
		stopped(t, func(t *testing.T, s *stopping) {
			ch, requests, err := s.client.OpenChannel("session", nil)
			if err != nil {
				t.Fatal(err)
			}
			for kind, payload := range map[string]any{"exec": struct{ Command string }{"FOLLOW"}} {
				if _, err := ch.SendRequest(kind, false, gossh.Marshal(payload)); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := ch.SendRequest("signal", false, gossh.Marshal(struct{ Name string }{"KILL"})); err != nil {
				t.Fatal(err)
			}
			end := <-requests
			if end == nil || end.Type != "exit-signal" {
				t.Errorf("the end is %+v", end)
			}
			go gossh.DiscardRequests(requests)
			_ = ch.Close()
		})
	}
}

package sshapp

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pkg/sftp"
	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/sshapp/exit"
)

// stopping is a server in a bubble that has a thread and is stopped while yoda does
// something.
type stopping struct {
	t *testing.T
	*inside
	client *gossh.Client
}

// stopped plays a test in a bubble.
func stopped(t *testing.T, play func(t *testing.T, s *stopping)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		in := startInside(t, func(s *Server) { s.shell = s.session })
		s := &stopping{t: t, inside: in, client: in.enter(t, "yoda", bare)}
		if _, err := in.forum.Service.CreateThread(t.Context(), in.forum.As("yoda"), "3331"); err != nil {
			t.Fatal(err)
		}
		play(t, s)
	})
}

// put makes a file of the thread.
func (s *stopping) put(name, content string) {
	s.t.Helper()
	u, err := s.forum.Service.Upload(s.t.Context(), s.forum.As("yoda"), rules.Place{Thread: "3331"}, name, rules.UploadOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	_, err = u.WriteAt([]byte(content), 0)
	_, completed := u.Complete(s.t.Context())
	if err := errors.Join(err, completed); err != nil {
		s.t.Fatal(err)
	}
}

// has fails the test unless the thread has a file with that content, or an unfinished one.
func (s *stopping) has(name, content string, part bool) {
	s.t.Helper()
	info, err := s.forum.Service.Resumable(s.t.Context(), s.forum.As("yoda"), rules.Place{Thread: "3331"}, name)
	if err != nil || info.Part != part || info.Size != int64(len(content)) {
		s.t.Fatalf("the file is %+v, %v", info, err)
	}
	if part {
		return
	}
	_, r, err := s.forum.Service.OpenFile(s.t.Context(), s.forum.As("yoda"), rules.Place{Thread: "3331"}, name)
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Close()
	got := make([]byte, len(content))
	if _, err := r.ReadAt(got, 0); err != nil && err != io.EOF || string(got) != content {
		s.t.Errorf("the file has %.20q, %v", got, err)
	}
}

// run is a session that runs a command, "sftp" being the subsystem, and how it ended.
type run struct {
	t *testing.T
	gossh.Channel
	told logs // on standard error, and last on standard output
	ends chan gossh.Request
}

func (s *stopping) run(command string) *run {
	s.t.Helper()
	ch, requests, err := s.client.OpenChannel("session", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r := &run{t: s.t, Channel: ch, ends: make(chan gossh.Request, 10)}
	go func() { _, _ = io.Copy(&r.told, ch.Stderr()) }()
	go func() {
		defer close(r.ends)
		for req := range requests {
			if req.WantReply {
				_ = req.Reply(false, nil) // whether the client is still there
			} else {
				r.ends <- *req
			}
		}
		_ = ch.Close()
	}()
	kind := "exec"
	switch command {
	case "":
		kind = "shell"
	case "sftp":
		kind = "subsystem"
	}
	if ok, err := ch.SendRequest(kind, true, gossh.Marshal(struct{ Command string }{command})); !ok || err != nil {
		s.t.Fatalf("%s: %v, %v", command, ok, err)
	}
	synctest.Wait()
	return r
}

// Close ends the standard input of the command.
func (r *run) Close() error { return r.CloseWrite() }

func (r *run) files() *sftp.Client {
	r.t.Helper()
	c, err := sftp.NewClientPipe(r, r)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Close() })
	return c
}

func (r *run) writes(text string) {
	r.t.Helper()
	if _, err := io.WriteString(r, text); err != nil {
		r.t.Fatal(err)
	}
	synctest.Wait()
}

// reads fails the test unless the command writes want next.
func (r *run) reads(want string) {
	r.t.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(r, got); err != nil || string(got) != want {
		r.t.Fatalf("the command wrote %.40q, %v; want %.40q; and complained: %s", got[:n], err, want, r.told.String())
	}
}

// exits fails the test unless the session ends with that status, and a complaint if the
// server's stop is why.
func (r *run) exits(want uint32) {
	r.t.Helper()
	r.ended("exit-status", gossh.Marshal(struct{ Status uint32 }{want}))
	if complains := strings.Contains(r.told.String(), "Server shutting down"); complains != (want == exit.Stopping) {
		r.t.Errorf("the session complained %.100q", r.told.String())
	}
}

// ended fails the test unless the client is told only this end of the session.
func (r *run) ended(how string, payload []byte) {
	r.t.Helper()
	_, _ = io.Copy(&r.told, r)
	synctest.Wait()
	var ends []string
	for end := range r.ends {
		ends = append(ends, fmt.Sprintf("%s %q", end.Type, end.Payload))
	}
	if want := fmt.Sprintf("%s %q", how, payload); len(ends) != 1 || ends[0] != want {
		r.t.Errorf("the session ended by %q, want %s", ends, want)
	}
}

// transfers are ways to move a file of 3 MB, which is more than a channel takes at once. Each
// begins a transfer, and returns the function that completes it.
var (
	halves    = [2]string{strings.Repeat("1", 1<<20), strings.Repeat("2", 2<<20)}
	transfers = map[string]func(s *stopping) (r *run, finish func()){
		"sftp put": func(s *stopping) (*run, func()) {
			r := s.run("sftp")
			c := r.files()
			f, err := c.Create("/3331/up")
			if err != nil {
				s.t.Fatal(err)
			}
			if _, err := io.WriteString(f, halves[0]); err != nil {
				s.t.Fatal(err)
			}
			return r, func() {
				_, err := io.WriteString(f, halves[1])
				err = errors.Join(err, f.Close(), c.Chtimes("/3331/up", time.Time{}, time.Unix(1, 0)), c.Rename("/3331/up", "/3331/up2"), c.Rename("/3331/up2", "/3331/up"))
				if err := errors.Join(err, c.Close()); err != nil {
					s.t.Error(err)
				}
			}
		},
		"sftp get": func(s *stopping) (*run, func()) {
			r := s.run("sftp")
			c := r.files()
			f, err := c.Open("/3331/down")
			if err != nil {
				s.t.Fatal(err)
			}
			return r, func() {
				got, err := io.ReadAll(f)
				if err := errors.Join(err, f.Close(), c.Close()); err != nil || string(got) != halves[0]+halves[1] {
					s.t.Errorf("got %d bytes, %v", len(got), err)
				}
			}
		},
		"scp -O up": func(s *stopping) (*run, func()) {
			r := s.run("scp -t 3331/up")
			r.reads("\x00")
			r.writes(fmt.Sprintf("C0644 %d up\n", len(halves[0])+len(halves[1])))
			r.reads("\x00")
			r.writes(halves[0])
			return r, func() {
				r.writes(halves[1] + "\x00")
				r.reads("\x00")
				_ = r.Close()
			}
		},
		"scp -O down": func(s *stopping) (*run, func()) {
			r := s.run("scp -f 3331/down")
			r.writes("\x00")
			r.reads(fmt.Sprintf("C0644 %d down\n", len(halves[0])+len(halves[1])))
			r.writes("\x00")
			r.reads("1")
			return r, func() {
				r.reads(halves[0][1:] + halves[1] + "\x00")
				r.writes("\x00")
			}
		},
		"UPD": func(s *stopping) (*run, func()) {
			r := s.run("UPD 3331 up")
			r.writes(halves[0])
			return r, func() {
				r.writes(halves[1])
				_ = r.Close()
				r.reads("up uploaded to 3331 thread\n")
			}
		},
		"DWN": func(s *stopping) (*run, func()) {
			r := s.run("DWN 3331 down")
			r.reads("1")
			return r, func() { r.reads(halves[0][1:] + halves[1]) }
		},
		"UPD of a batch": func(s *stopping) (*run, func()) {
			r := s.run("")
			r.writes("UPD 3331 up\n" + halves[0])
			return r, func() {
				r.writes(halves[1])
				_ = r.Close()
				r.reads("up uploaded to 3331 thread\n")
			}
		},
	}
)

// Transfers in progress when the server stops may complete within the grace, and the client is
// told that they did. Nothing new begins meanwhile.
func TestTransfersFinishWhenTheServerStops(t *testing.T) {
	for name, begin := range transfers {
		t.Run(name, func(t *testing.T) {
			stopped(t, func(t *testing.T, s *stopping) {
				s.put("down", halves[0]+halves[1])
				r, finish := begin(s)
				s.stop()
				pass(time.Hour)
				if _, err := s.client.NewSession(); err == nil || !strings.Contains(err.Error(), "Server shutting down") {
					t.Errorf("a new session: %v", err)
				}
				finish()
				r.exits(exit.OK)
				if !isDownload(name) {
					s.has("up", halves[0]+halves[1], false)
				}
				_ = s.client.Close()
				synctest.Wait()
				select {
				case <-s.done:
				default:
					t.Error("the server does not end")
				}
			})
		})
	}
}

// Transfers that are incomplete at the end of the grace are cut off: the client is told why,
// and the owner of an upload can resume it later.
func TestTransfersAreCutWhenTheGraceIsOver(t *testing.T) {
	for name, begin := range transfers {
		t.Run(name, func(t *testing.T) {
			stopped(t, func(t *testing.T, s *stopping) {
				s.put("down", halves[0]+halves[1])
				r, _ := begin(s)
				s.stop()
				pass(time.Hour)
				s.cut()
				synctest.Wait()
				r.exits(exit.Stopping)
				_ = s.client.Close()
				<-s.done
				if !isDownload(name) {
					s.has("up", halves[0], true)
				}
			})
		})
	}
}

func isDownload(name string) bool {
	return strings.Contains(name, "get") || strings.Contains(name, "down") || name == "DWN"
}

// A session that goes on after the stop cannot begin anything new, and is told so.
func TestNothingNewIsBegunInASession(t *testing.T) {
	stopped(t, func(t *testing.T, s *stopping) {
		s.put("down", "x")
		files, old := s.run("sftp"), s.run("scp -r -t 3331")
		c := files.files()
		f, err := c.Create("/3331/up")
		if err != nil {
			t.Fatal(err)
		}
		old.reads("\x00")
		old.writes("C0644 1 first\n")
		old.reads("\x00")
		batch := s.run("")
		batch.writes("UPD 3331 batch")
		batch.writes("\nhalf")
		late, _, err := s.client.OpenChannel("session", nil)
		if err != nil {
			t.Fatal(err)
		}
		s.stop()
		synctest.Wait()

		if ok, err := late.SendRequest("exec", true, gossh.Marshal(struct{ Command string }{"LST --json"})); ok || err != nil {
			t.Errorf("a command was begun: %v, %v", ok, err)
		}
		const want = `{"schema":"sshforum.error.v1","kind":"stopping"`
		complaint := make([]byte, len(want))
		if _, err := io.ReadFull(late.Stderr(), complaint); err != nil || string(complaint) != want {
			t.Errorf("the complaint is %s..., %v", complaint, err)
		}
		_ = late.Close()

		for what, open := range map[string]func() error{
			"to write": func() error { _, err := c.Create("/3331/other"); return err },
			"to read":  func() error { _, err := c.Open("/3331/down"); return err },
			"to list":  func() error { _, err := c.ReadDir("/3331"); return err },
		} {
			if err := open(); err == nil || !strings.Contains(err.Error(), "Server shutting down") {
				t.Errorf("opened %s: %v", what, err)
			}
		}
		if err := errors.Join(f.Close(), c.Close()); err != nil {
			t.Error(err)
		}
		files.ended("exit-status", []byte{0, 0, 0, exit.OK})

		old.writes("x\x00")
		old.reads("\x00")
		old.writes("C0644 1 second\n")
		old.reads("\x01Server shutting down\n")
		_ = old.Close()
		old.ended("exit-status", []byte{0, 0, 0, exit.Stopping})
		s.has("first", "x", false)
	})
}

// Whatever waits for its person ends at once.
func TestWhoeverWaitsIsToldOfTheStop(t *testing.T) {
	for _, test := range []struct {
		what, command, typed string
		pty                  bool
		told                 string
	}{
		{"a shell", "", "half a li", true, "Goodbye. Server shutting down"},
		{"a reader", "", "HELP\r", true, "Goodbye. Server shutting down"},
		{"a reader of one command", "HELP", "", true, "Server shutting down"},
		{"a writer", "", "MSG 3331 -\rline\r", true, "Goodbye. Server shutting down"},
		{"somebody asked", "", "PASSWD\r", true, "Goodbye. Server shutting down"},
		{"a follower at a terminal", "", "FOLLOW\r", true, "Goodbye. Server shutting down"},
		{"a follower with a terminal", "FOLLOW", "", true, "Server shutting down"},
		{"a follower", "FOLLOW --json", "", false, `"message":"Server shutting down"`},
		{"a batch", "", "WHOAMI\n", false, "Server shutting down"},
		{"a follower in a batch", "", "FOLLOW\n", false, "Server shutting down"},
	} {
		t.Run(test.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in := startInside(t, func(s *Server) { s.shell = s.session })
				v := in.visit(t, test.pty, test.command)
				v.types(test.typed)
				pass(time.Hour)
				in.stop()
				synctest.Wait()
				v.sees(test.told, 1)
				var status *gossh.ExitError
				if err := v.Wait(); !errors.As(err, &status) || status.ExitStatus() != exit.Stopping {
					t.Errorf("the session ended with %v", err)
				}
			})
		})
	}
}

// A session for files in which nothing is open ends at once, too, unless it was just used:
// then its client may be about to leave by itself.
func TestIdleSFTPEndsWhenTheServerStops(t *testing.T) {
	stopped(t, func(t *testing.T, s *stopping) {
		idle, used := s.run("sftp"), s.run("sftp")
		idle.files()
		c := used.files()
		pass(time.Hour)
		if _, err := c.ReadDir("/"); err != nil {
			t.Fatal(err)
		}
		s.stop()
		synctest.Wait()
		idle.exits(exit.Stopping)
		pass(exit.Farewell - time.Second)
		if _, err := c.Stat("/"); err != nil {
			t.Fatal(err)
		}
		pass(exit.Farewell)
		used.exits(exit.Stopping)
	})
}

// A batch may end by itself: its last command was under way when the server stopped, and
// nothing follows. A further line is refused.
func TestBatchEndsByItselfWhenTheServerStops(t *testing.T) {
	for rest, want := range map[string]uint32{"": exit.OK, "CRT further\n": exit.Stopping} {
		stopped(t, func(t *testing.T, s *stopping) {
			s.put("down", halves[0]+halves[1])
			b := s.run("")
			b.writes("DWN 3331 down\n" + rest)
			b.reads("1")
			s.stop()
			synctest.Wait()
			b.reads(halves[0][1:] + halves[1])
			synctest.Wait()
			_ = b.Close()
			b.exits(want)
			if _, err := s.forum.Service.Thread(t.Context(), s.forum.As("yoda"), "further"); forum.KindOf(err) != forum.NotFound {
				t.Errorf("the thread of the line that was refused: %v", err)
			}
		})
	}
}

// A connection stays open for its client, which has read how its session ended and is yet
// to say goodbye. OpenSSH's, where it comes by way of another program as in ssh -J, forgets
// the status when it cannot.
func TestStopLeavesHangingUpToTheClient(t *testing.T) {
	for _, quick := range []bool{true, false} {
		stopped(t, func(t *testing.T, s *stopping) {
			r := s.run("FOLLOW")
			unused := s.enter(t, "luke", bare)
			s.stop()
			r.exits(exit.Stopping)
			pass(exit.Farewell - time.Millisecond)
			answers(t, s.client)
			if err := unused.Wait(); err == nil {
				t.Error("the connection of a client that waits for nothing was not closed")
			}
			if quick {
				_ = s.client.Close()
			} else {
				pass(time.Millisecond)
				if err := s.client.Wait(); err == nil {
					t.Error("the connection is not closed")
				}
			}
			synctest.Wait()
			select {
			case <-s.done:
			default:
				t.Error("the server does not end")
			}
		})
	}
}

// The same holds for a connection that ends while the server runs, for example because its
// account is banned.
func TestEndLeavesHangingUpToTheClient(t *testing.T) {
	stopped(t, func(t *testing.T, s *stopping) {
		r := s.run("FOLLOW")
		if _, err := s.forum.Service.Ban(t.Context(), rules.Operator(), "yoda", time.Time{}, "enough"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		r.ended("exit-status", []byte{0, 0, 0, exit.Denied})
		pass(exit.Farewell - time.Millisecond)
		answers(t, s.client)
		pass(time.Millisecond)
		_ = s.client.Wait()
	})
}

// A session that cannot be told does not hold the server up.
func TestStopDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := startInside(t, func(s *Server) { s.shell = pour })
		client := in.enter(t, "yoda", bare)
		sess, err := client.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sess.StdoutPipe(); err != nil { // which nobody reads
			t.Fatal(err)
		}
		if err := sess.Start("output"); err != nil {
			t.Fatal(err)
		}
		pass(time.Hour)
		in.stop()
		pass(time.Hour)
		began := time.Now()
		in.cut()
		<-in.done
		if took := time.Since(began); took > 2*exit.Farewell {
			t.Errorf("it took %v", took)
		}
	})
}

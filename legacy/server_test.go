package legacy_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum/forumtest"
	"sshforum/legacy"
	"sshforum/legacy/legacytest"
)

func TestPanicCostsOneConnection(t *testing.T) {
	play(t, nil, func(t *testing.T, s *stage) {
		one, other := s.as("yoda"), s.as("luke")
		one.Send("panic")
		one.Expect("")
		other.Send("reply:a")
		other.Expect("a")
		log := s.Log.String()
		if s.Panics() != 1 || !strings.Contains(log, "on demand") || !strings.Contains(log, "helpers_test.go") || !strings.Contains(log, "user=yoda") {
			t.Errorf("%d panics; the log is\n%s", s.Panics(), log)
		}
	})
}

func TestLimitOfConnections(t *testing.T) {
	full := func(c *legacy.Config) {
		c.MaxClients, c.Refusal = 2, func(reason string) string { return "no: " + reason }
	}
	play(t, full, func(t *testing.T, s *stage) {
		one, two := s.client(), s.client()
		for range 3 {
			three := s.client()
			three.Expect("no: The server is full; try again later.")
			three.Expect("")
		}
		if n := strings.Count(s.Log.String(), "too many"); n != 1 {
			t.Errorf("the log says so %d times", n)
		}
		_ = one.Close()
		synctest.Wait()
		three := s.client()
		three.Send("reply:a")
		three.Expect("a")
		two.Send("reply:b")
		two.Expect("b")
	})
}

// TestSilentClients have their connections until the login grace is over: one that says
// nothing, and one that says a little every second.
func TestSilentClients(t *testing.T) {
	play(t, func(c *legacy.Config) { c.LoginGrace = 10 * time.Second }, func(t *testing.T, s *stage) {
		began := time.Now()
		silent, slow, guest, yoda := s.client(), s.client(), s.client(), s.as("yoda")
		guest.Send("guest:somebody")
		go func() {
			for range 9 {
				time.Sleep(time.Second)
				slow.Send(".")
			}
		}()
		for _, c := range []io.Reader{silent, slow} {
			said, _ := io.ReadAll(c)
			if took := time.Since(began); took != 10*time.Second || string(said) != "bye: You took too long to log in" {
				t.Errorf("closed after %v with %q", took, said)
			}
		}
		time.Sleep(time.Hour)
		for _, c := range []*legacytest.Client{guest, yoda} {
			c.Send("reply:a")
			c.Expect("a")
		}
	})
}

// TestStop: every client is told, and clients that do not end are cut off after the grace.
func TestStop(t *testing.T) {
	play(t, nil, func(t *testing.T, s *stage) {
		polite, stuck := s.as("yoda"), s.as("luke")
		stuck.Send("stuck")
		synctest.Wait()
		began := time.Now()
		s.Stop()
		polite.Expect("bye: Server shutting down")
		polite.Expect("")
		s.Close()
		if took := time.Since(began); took < legacytest.Grace || took > legacytest.Grace+2*time.Second {
			t.Errorf("it took %v", took)
		}
		late := s.client()
		late.Expect("")
	})
}

// TestLastWordsAreHeard has a client that sends while it is told goodbye. Closing a connection
// with unread input would lose the goodbye.
func TestLastWordsAreHeard(t *testing.T) {
	play(t, nil, func(t *testing.T, s *stage) {
		s.Lag = time.Millisecond
		c := s.client()
		c.Send("leave ")
		time.Sleep(time.Millisecond)
		c.Send(strings.Repeat("and on ", 5000))
		c.Expect("bye")
		c.Expect("")
	})
}

// TestGoodbyeIsHeld has a connection stay open for a client that looks at its socket now
// and then, until it has closed, or the hold is over.
func TestGoodbyeIsHeld(t *testing.T) {
	const hold = 300 * time.Millisecond
	play(t, func(c *legacy.Config) { c.Hold = hold }, func(t *testing.T, s *stage) {
		for closes, want := range map[time.Duration]time.Duration{100 * time.Millisecond: 100 * time.Millisecond, time.Hour: hold} {
			c := s.client()
			c.Send("leave")
			c.Expect("bye")
			began, over := time.Now(), make(chan time.Duration)
			go func() {
				_, _ = io.ReadAll(c)
				over <- time.Since(began)
			}()
			time.AfterFunc(closes, func() { _ = c.CloseWrite() })
			if took := <-over; took != want {
				t.Errorf("a client that closes after %v reads the end after %v; want %v", closes, took, want)
			}
			_ = c.Close()
		}
	})
}

func TestFloodBeforeGoodbye(t *testing.T) {
	play(t, nil, func(t *testing.T, s *stage) {
		c := s.client()
		c.Send("leave ")
		began := time.Now()
		go func() {
			for {
				if _, err := c.Write([]byte("more")); err != nil {
					return
				}
				time.Sleep(time.Millisecond)
			}
		}()
		said, _ := io.ReadAll(c)
		time.Sleep(2 * time.Second)
		if !strings.Contains(s.Log.String(), "connection closed") || string(said) != "bye" {
			t.Errorf("after %v: %q\n%s", time.Since(began), said, s.Log)
		}
	})
}

// TestServeConn serves connections that came another way, under the same limit and until
// the same end.
func TestServeConn(t *testing.T) {
	play(t, func(c *legacy.Config) { c.MaxClients = 1 }, func(t *testing.T, s *stage) {
		client, server := net.Pipe()
		served := make(chan struct{})
		go func() {
			defer close(served)
			s.ServeConn(server, nil)
		}()
		buffer := make([]byte, message)
		_, _ = client.Write([]byte("reply:a"))
		if n, _ := client.Read(buffer); string(buffer[:n]) != "a" {
			t.Errorf("received %q", buffer[:n])
		}
		s.client().Expect("")
		s.Stop()
		if n, _ := client.Read(buffer); string(buffer[:n]) != "bye: Server shutting down" {
			t.Errorf("received %q", buffer[:n])
		}
		_ = client.Close()
		<-served
		synctest.Wait()
		client, server = net.Pipe()
		s.ServeConn(server, nil)
		if _, err := client.Read(buffer); err != io.EOF {
			t.Errorf("after the stop: %v", err)
		}
	})
}

// TestOneLogin: a name is free when its connection is gone, whatever the dialect is doing.
func TestOneLogin(t *testing.T) {
	play(t, func(c *legacy.Config) { c.OneLogin = true }, func(t *testing.T, s *stage) {
		first := s.as("yoda")
		second := s.client()
		second.Send("login:yoda")
		second.Expect("conflict")
		first.Send("busy")
		_ = first.Close()
		synctest.Wait()
		second.Send("login:yoda")
		second.Expect("in")
	})
}

func TestLoginErrors(t *testing.T) {
	play(t, nil, func(t *testing.T, s *stage) {
		c := s.client()
		c.Send("login:" + strings.Repeat("x", 200))
		c.Expect("denied")
		s.as("yoda")
		s.as("yoda") // where a person may be twice
		if log := s.Log.String(); strings.Contains(log, forumtest.Password("yoda")) {
			t.Errorf("a password is in the log:\n%s", log)
		}
	})
}

func TestListenerFails(t *testing.T) {
	f := forumtest.New(t)
	server, err := legacy.New(legacy.Config{
		Name: "talk", Service: f.Service, Logger: slog.New(slog.DiscardHandler), Dialect: talker{},
		MaxClients: 1, LoginGrace: time.Second, MaxMessage: message, Gap: gap,
	})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = ln.Close()
	if err := server.Serve(context.Background(), ln); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve returned %v", err)
	}
}

func TestConfigThatCannotBe(t *testing.T) {
	if _, err := legacy.New(legacy.Config{}); err == nil {
		t.Error("a door of nothing")
	}
	f := forumtest.New(t)
	if _, err := legacy.New(legacy.Config{Name: "talk", Service: f.Service, Logger: slog.Default(), Dialect: talker{}}); err == nil {
		t.Error("a door without limits")
	}
}

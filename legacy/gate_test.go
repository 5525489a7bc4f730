package legacy_test

import (
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum/gate"
	"sshforum/legacy"
)

// behind puts a gate before a door, with penalties that are enforced at once. The clients
// of a stage have one address, and are one source.
func behind(t *testing.T, log io.Writer, perSource int, reasons ...gate.Reason) func(*legacy.Config) {
	penalties := make(map[gate.Reason]time.Duration)
	for _, reason := range reasons {
		penalties[reason] = time.Minute
	}
	g, err := gate.New(gate.Config{
		Connections: 100, PerSource: perSource, StartupsPerSource: 1, Tries: 6, Startups: gate.Startups{Start: 1, Rate: 100, Full: 1},
		Penalties: gate.Penalties{For: penalties, Max: time.Hour},
		IPv4Bits:  32, IPv6Bits: 64,
		Logger: slog.New(slog.NewTextHandler(log, nil)), Clock: time.Now, Random: func(int) int { return 0 },
	})
	if err != nil {
		t.Fatal(err)
	}
	return func(c *legacy.Config) { c.Gate, c.LoginGrace = g, 10*time.Second }
}

func TestConnectionsPassTheGate(t *testing.T) {
	play(t, behind(t, io.Discard, 3), func(t *testing.T, s *stage) {
		one, two := s.as("yoda"), s.client()
		guest := s.client()
		guest.Send("guest:somebody reply:a")
		guest.Expect("a")
		s.client().Expect("")
		_ = two.Close()
		synctest.Wait()
		s.as("luke")
		one.Send("reply:c")
		one.Expect("c")
	})
}

// TestWhoMayNotPassIsToldSo in the dialect's words.
func TestWhoMayNotPassIsToldSo(t *testing.T) {
	set := func(c *legacy.Config) {
		behind(t, io.Discard, 1)(c)
		c.Refusal = func(reason string) string { return "no: " + reason }
	}
	play(t, set, func(t *testing.T, s *stage) {
		s.client()
		if said, err := io.ReadAll(s.client()); string(said) != "no: "+string(gate.Crowded) || err != nil {
			t.Errorf("%q, %v", said, err)
		}
	})
}

func TestWhatIsPunished(t *testing.T) {
	for reason, words := range map[gate.Reason]string{
		gate.AuthFail: "login:nobody leave",
		gate.Crash:    "panic",
	} {
		t.Run(string(reason), func(t *testing.T) {
			var log strings.Builder
			play(t, behind(t, &log, 100, reason), func(t *testing.T, s *stage) {
				yoda := s.as("yoda")
				yoda.Send("leave")
				_, _ = io.ReadAll(yoda)
				_ = yoda.Close()
				s.as("luke")
				guest := s.client()
				guest.Send("guest:somebody reply:a")
				guest.Expect("a")
				client := s.client()
				client.Send(words)
				_, _ = io.ReadAll(client)
				_ = client.Close()
				synctest.Wait()
				s.client().Expect("")
				if !strings.Contains(log.String(), "reason="+string(reason)) {
					t.Errorf("the log is %s", &log)
				}
				time.Sleep(time.Minute)
				s.as("yoda")
			})
		})
	}
}

// TestGuessesCostAlsoAtALogin: wrong passwords are punished when a login follows on the same
// connection, since it does not show who sent them.
func TestGuessesCostAlsoAtALogin(t *testing.T) {
	play(t, behind(t, io.Discard, 100, gate.AuthFail), func(t *testing.T, s *stage) {
		s.As("yoda")
		client := s.client()
		client.Send("login:nobody")
		client.Expect("denied")
		s.as("luke")
		client.Send("login:yoda")
		client.Expect("in")
		s.client().Expect("")
		client.Send("leave")
		_, _ = io.ReadAll(client)
		time.Sleep(time.Minute)
		s.as("leia")
	})
}

// TestTriesAreLimited: the last is answered, and then the conversation is over. A name that
// cannot be had is a try too.
func TestTriesAreLimited(t *testing.T) {
	play(t, behind(t, io.Discard, 100), func(t *testing.T, s *stage) {
		s.As("yoda")
		client := s.client()
		for range 5 {
			client.Send("register:yoda")
			client.Expect("conflict")
		}
		client.Send("login:nobody")
		client.Expect("denied")
		client.Expect("bye: Too many logins failed on this connection; connect again")
		client.Expect("")
	})
}

// TestPromptsAreNotPunished has people wait at a prompt until they are sent away, and go
// away before.
func TestPromptsAreNotPunished(t *testing.T) {
	all := behind(t, io.Discard, 100, gate.AuthFail, gate.NoAuth, gate.GraceExceeded, gate.Crash)
	play(t, all, func(t *testing.T, s *stage) {
		for range 5 {
			silent, half := s.client(), s.client()
			half.Send("reply:a")
			half.Expect("a")
			_ = s.client().Close()
			for _, c := range []io.Reader{silent, half} {
				if said, err := io.ReadAll(c); string(said) != "bye: You took too long to log in" || err != nil {
					t.Errorf("%q, %v", said, err)
				}
			}
			s.as("yoda")
		}
	})
}

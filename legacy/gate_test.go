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

// behind puts a gate before a door, with one penalty that is enforced at once. The
// clients of a stage have no address, and are one source.
func behind(t *testing.T, log io.Writer, reason gate.Reason, startups int) func(*legacy.Config) {
	g, err := gate.New(gate.Config{
		Connections: 100, PerSource: 100, StartupsPerSource: startups, Startups: gate.Startups{Start: 100, Rate: 100, Full: 100},
		Penalties: gate.Penalties{For: map[gate.Reason]time.Duration{reason: time.Minute}, Max: time.Hour},
		IPv4Bits:  32, IPv6Bits: 64,
		Logger: slog.New(slog.NewTextHandler(log, nil)), Clock: time.Now, Random: func(int) int { return 0 },
	})
	if err != nil {
		t.Fatal(err)
	}
	return func(c *legacy.Config) { c.Gate, c.LoginGrace = g, 10*time.Second }
}

func TestConnectionsPassTheGate(t *testing.T) {
	play(t, behind(t, io.Discard, "", 2), func(t *testing.T, s *stage) {
		one := s.as("yoda")
		guest := s.client()
		guest.Send("guest:somebody reply:a")
		guest.Expect("a")
		two, three := s.client(), s.client()
		refused := s.client()
		refused.Expect("")
		_ = two.Close()
		synctest.Wait()
		s.as("luke")
		three.Send("reply:b")
		three.Expect("b")
		one.Send("reply:c")
		one.Expect("c")
	})
}

func TestWhatIsPunished(t *testing.T) {
	for reason, words := range map[gate.Reason]string{
		gate.AuthFail:      "login:nobody leave",
		gate.NoAuth:        "leave",
		gate.GraceExceeded: "reply:a",
		gate.Crash:         "panic",
	} {
		t.Run(string(reason), func(t *testing.T) {
			var log strings.Builder
			play(t, behind(t, &log, reason, 100), func(t *testing.T, s *stage) {
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

package legacy_test

import (
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum/gate"
	"sshforum/forum/rules"
	"sshforum/legacy"
)

// TestABannedNetwork checks that a ban of a network ends its connections, logged in or not, and
// refuses new ones.
func TestABannedNetwork(t *testing.T) {
	var banned atomic.Bool
	g, err := gate.New(gate.Config{
		Connections: 100, PerSource: 100, StartupsPerSource: 100, Tries: 6, Startups: gate.Startups{Start: 100, Rate: 100, Full: 100},
		IPv4Bits: 32, IPv6Bits: 64, Banned: func(netip.Addr) bool { return banned.Load() },
		Logger: slog.New(slog.DiscardHandler), Clock: time.Now, Random: func(int) int { return 0 },
	})
	if err != nil {
		t.Fatal(err)
	}
	play(t, func(c *legacy.Config) { c.Gate = g }, func(t *testing.T, s *stage) {
		yoda, guest, silent := s.as("yoda"), s.client(), s.client()
		guest.Send("guest:somebody reply:a")
		guest.Expect("a")
		synctest.Wait()
		banned.Store(true)
		g.Evict()
		bye := "bye: " + string(gate.Banned)
		for name, client := range map[string]io.Reader{"a person": yoda, "a guest": guest, "who said nothing": silent} {
			if said, err := io.ReadAll(client); string(said) != bye || err != nil {
				t.Errorf("%s reads %q, %v", name, said, err)
			}
		}
		s.client().Expect("")
		banned.Store(false)
		s.as("yoda")
	})
}

// TestABannedAccount is out, and its password costs the source a penalty.
func TestABannedAccount(t *testing.T) {
	var log strings.Builder
	play(t, behind(t, &log, 100, gate.Refused), func(t *testing.T, s *stage) {
		yoda := s.as("yoda")
		if _, err := s.Service.Ban(t.Context(), rules.Operator(), "yoda", time.Time{}, "spam"); err != nil {
			t.Fatal(err)
		}
		if said, err := io.ReadAll(yoda); string(said) != "bye: You are banned from this forum. Reason: spam" || err != nil {
			t.Errorf("%q, %v", said, err)
		}
		client := s.client()
		client.Send("login:yoda leave")
		if said, _ := io.ReadAll(client); !strings.HasPrefix(string(said), "denied") {
			t.Errorf("%q", said)
		}
		_ = client.Close()
		synctest.Wait()
		s.client().Expect("")
		if !strings.Contains(log.String(), "reason=refused") {
			t.Errorf("the log is %s", &log)
		}
	})
}

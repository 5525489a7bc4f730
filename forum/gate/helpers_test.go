package gate

import (
	"bytes"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"time"
)

// turn is a gate with a clock and a random source that are set by hand.
type turn struct {
	*Gate
	now  time.Time
	dice int // the next result of the random source, and how often it was asked
	of   int
	logs bytes.Buffer
}

// byOpenSSH are the default penalties of sshd_config(5).
var byOpenSSH = Penalties{
	For: map[Reason]time.Duration{
		AuthFail: 5 * time.Second, InvalidUser: 5 * time.Second, NoAuth: time.Second,
		GraceExceeded: 10 * time.Second, Refused: 10 * time.Second, Crash: 90 * time.Second,
	},
	Min: 15 * time.Second, Max: 10 * time.Minute,
}

// config returns a configuration with high limits.
func (g *turn) config() Config {
	return Config{
		Connections: 1000, PerSource: 1000, StartupsPerSource: 1000, Tries: 6, Startups: Startups{1000, 100, 1000},
		Penalties: byOpenSSH, IPv4Bits: 32, IPv6Bits: 64,
		Logger: slog.New(slog.NewTextHandler(&g.logs, &slog.HandlerOptions{
			ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey {
					return slog.Attr{}
				}
				return a
			},
		})),
		Clock:  func() time.Time { return g.now },
		Random: func(n int) int { g.of = n; return g.dice },
	}
}

func newTurn(t testing.TB, set func(*Config)) *turn {
	t.Helper()
	g := &turn{now: time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)}
	cfg := g.config()
	set(&cfg)
	var err error
	if g.Gate, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	return g
}

func asIs(*Config) {}

// at returns a peer with that address.
func at(address string) net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(address), 4711))
}

// admit fails the test unless a connection is admitted.
func (g *turn) admit(t testing.TB, address string) *Pass {
	t.Helper()
	pass, err := g.Admit(at(address))
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return pass
}

// refuse fails the test unless a connection is refused with want.
func (g *turn) refuse(t testing.TB, address string, want Refusal) {
	t.Helper()
	if pass, err := g.Admit(at(address)); err != want {
		pass.Close()
		t.Errorf("%s: %v; want %q", address, err, want)
	}
}

// fails makes a connection that ends without a login.
func (g *turn) fails(t testing.TB, address string, reason Reason) {
	t.Helper()
	pass := g.admit(t, address)
	pass.Punish(reason)
	pass.Close()
}

package gate

import (
	"encoding/binary"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestPenaltiesAddUpAndRunOut(t *testing.T) {
	type step struct {
		after   time.Duration // since the step before
		reason  Reason        // of a failure after the connection was admitted; or
		refused bool          // the connection is refused
	}
	for name, steps := range map[string][]step{
		"a slip or two":          {{0, AuthFail, false}, {0, AuthFail, false}, {0, "", false}},
		"three at once":          {{0, AuthFail, false}, {0, InvalidUser, false}, {0, AuthFail, false}, {0, "", true}, {14 * time.Second, "", true}, {time.Second, "", false}},
		"slow guessing":          {{0, AuthFail, false}, {5 * time.Second, AuthFail, false}, {5 * time.Second, AuthFail, false}, {5 * time.Second, AuthFail, false}, {0, "", false}},
		"they run out meanwhile": {{0, AuthFail, false}, {2 * time.Second, AuthFail, false}, {2 * time.Second, AuthFail, false}, {0, "", false}, {0, AuthFail, false}, {0, "", true}, {16 * time.Second, "", false}},
		"a crash":                {{0, Crash, false}, {89 * time.Second, "", true}, {time.Second, "", false}},
		"too slow, twice":        {{0, GraceExceeded, false}, {0, "", false}, {0, GraceExceeded, false}, {19 * time.Second, "", true}, {time.Second, "", false}},
		"scanners":               {{0, NoAuth, false}, {0, NoAuth, false}, {0, Refused, false}, {0, "", false}, {0, NoAuth, false}, {0, NoAuth, false}, {0, NoAuth, false}, {0, "", true}},
		"not known":              {{0, "other", false}, {0, "", false}},
		"anew after they ended":  {{0, Crash, false}, {90 * time.Second, AuthFail, false}, {0, "", false}},
	} {
		g := newTurn(t, asIs)
		for i, s := range steps {
			g.now = g.now.Add(s.after)
			if s.reason != "" {
				g.fails(t, "192.0.2.1", s.reason)
				continue
			}
			pass, err := g.Admit(at("192.0.2.1"))
			if pass.Close(); (err == Penalized) != s.refused {
				t.Errorf("%s: step %d: %v", name, i, err)
			}
			g.admit(t, "192.0.2.2").Close()
			g.admit(t, "2001:db8::1").Close()
		}
	}
}

func TestPenaltiesHaveAMost(t *testing.T) {
	g := newTurn(t, asIs)
	var passes []*Pass
	for range 20 {
		passes = append(passes, g.admit(t, "2001:db8::1"))
	}
	for _, pass := range passes {
		pass.Punish(Crash)
		pass.Close()
	}
	g.now = g.now.Add(10*time.Minute - 1)
	g.refuse(t, "2001:db8::2", Penalized)
	g.now = g.now.Add(1)
	g.admit(t, "2001:db8::2")
}

func TestPenaltiesCanBeOff(t *testing.T) {
	for name, set := range map[string]func(*Config){
		"all": func(c *Config) { c.Penalties.Max = 0 },
		"one": func(c *Config) { c.Penalties.For = map[Reason]time.Duration{AuthFail: time.Hour, Crash: 0} },
	} {
		g := newTurn(t, set)
		for range 10 {
			g.fails(t, "192.0.2.1", Crash)
		}
		if len(g.penalties[true].queue) != 0 {
			t.Errorf("%s: something is remembered", name)
		}
	}
}

// A login ends no penalty: a guesser with an account stays kept out. A connection that was
// admitted before stays open.
func TestALoginEndsNoPenalty(t *testing.T) {
	g := newTurn(t, asIs)
	before := g.admit(t, "192.0.2.1")
	g.fails(t, "192.0.2.1", Crash)
	before.Authenticated()
	g.refuse(t, "192.0.2.1", Penalized)
	before.Close()
	g.refuse(t, "192.0.2.1", Penalized)
}

func TestEnforcementIsLoggedOnce(t *testing.T) {
	g := newTurn(t, asIs)
	var passes []*Pass
	for range 6 {
		passes = append(passes, g.admit(t, "2001:db8::1"))
	}
	for i, pass := range passes {
		pass.Punish(AuthFail)
		if said := g.logs.Len() > 0; said != (i >= 2) {
			t.Errorf("after %d failures the log is %q", i+1, &g.logs)
		}
	}
	if want := "level=INFO msg=\"connections refused for a penalty\" network=2001:db8::/64 reason=authfail for=15s\n"; g.logs.String() != want {
		t.Errorf("the log is %s; want %s", &g.logs, want)
	}
	g.now = g.now.Add(time.Hour)
	g.fails(t, "2001:db8::1", Crash)
	if n := strings.Count(g.logs.String(), "for a penalty"); n != 2 {
		t.Errorf("%d times", n)
	}
}

// numbered returns the source with a number.
func numbered(n int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, uint32(n)))), 32)
}

// A full ledger drops the penalties that would end first, and no others.
func TestFullLedger(t *testing.T) {
	l := newLedger(byOpenSSH, slog.New(slog.DiscardHandler))
	now := time.Unix(0, 0)
	for n := range maxSources {
		reason := GraceExceeded
		if n%2 == 1 {
			reason = Crash
		}
		l.add(numbered(n), reason, now)
	}
	l.add(numbered(maxSources), Crash, now)
	l.add(numbered(maxSources), Crash, now)
	kept := 0
	for n := range maxSources + 1 {
		_, there := l.bySource[numbered(n)]
		if there {
			kept++
		}
		if n%2 == 1 && (!there || !l.enforced(numbered(n), now)) {
			t.Fatalf("the penalty of source %d for a crash is forgotten", n)
		}
	}
	if kept != maxSources || len(l.queue) != maxSources || !l.enforced(numbered(maxSources), now) {
		t.Errorf("%d sources are kept, want %d, the last among them", kept, maxSources)
	}
	l.add(numbered(1), NoAuth, now.Add(time.Hour))
	if len(l.queue) != 1 || len(l.bySource) != 1 {
		t.Errorf("%d penalties that have run out are kept", len(l.queue))
	}
}

// IPv4 and IPv6 have separate ledgers: very many IPv6 networks, which cost nothing, drive out
// no penalty of IPv4.
func TestFamiliesHaveTheirOwn(t *testing.T) {
	g := newTurn(t, asIs)
	g.fails(t, "192.0.2.1", Crash)
	for n := range maxSources + 1 {
		address := netip.MustParseAddr("2001:db8::").As16()
		binary.BigEndian.PutUint32(address[4:], uint32(n))
		g.penaltiesOf(netip.PrefixFrom(netip.AddrFrom16(address), 64)).add(netip.PrefixFrom(netip.AddrFrom16(address), 64), Crash, g.now)
	}
	g.refuse(t, "192.0.2.1", Penalized)
	if n := len(g.penalties[false].queue); n != maxSources {
		t.Errorf("%d networks of IPv6 are kept", n)
	}
}

// A source always has as much left to serve as in a model: the sum of its penalties, less the
// time since, between 0 and Max.
func TestLedgerAgainstAModel(t *testing.T) {
	type account struct {
		left     time.Duration
		enforced bool
	}
	rapid.Check(t, func(t *rapid.T) {
		l := newLedger(byOpenSSH, slog.New(slog.DiscardHandler))
		now, model := time.Unix(0, 0), make(map[netip.Prefix]*account)
		reasons := []Reason{AuthFail, InvalidUser, NoAuth, GraceExceeded, Refused, Crash}
		t.Repeat(map[string]func(*rapid.T){
			"fail": func(t *rapid.T) {
				source, reason := numbered(rapid.IntRange(1, 5).Draw(t, "source")), rapid.SampledFrom(reasons).Draw(t, "reason")
				l.add(source, reason, now)
				a := model[source]
				if a == nil {
					a = &account{}
					model[source] = a
				}
				a.left = min(a.left+byOpenSSH.For[reason], byOpenSSH.Max)
				a.enforced = a.enforced || a.left >= byOpenSSH.Min
			},
			"wait": func(t *rapid.T) {
				wait := time.Duration(rapid.IntRange(0, 100).Draw(t, "seconds")) * time.Second
				now = now.Add(wait)
				for source, a := range model {
					if a.left -= wait; a.left <= 0 {
						delete(model, source)
					}
				}
			},
			"": func(t *rapid.T) {
				for n := 1; n <= 5; n++ {
					want := model[numbered(n)]
					if got := l.enforced(numbered(n), now); got != (want != nil && want.enforced) {
						t.Fatalf("source %d: enforced %t; the model has %+v", n, got, want)
					}
				}
				for i, p := range l.queue {
					if p.place != i || l.bySource[p.source] != p || i > 0 && p.ends.Before(l.queue[(i-1)/2].ends) {
						t.Fatalf("the queue is in disorder at %d", i)
					}
				}
				if len(l.queue) != len(l.bySource) {
					t.Fatalf("%d in the queue, %d by source", len(l.queue), len(l.bySource))
				}
			},
		})
	})
}

// Failed tries in a tunnel count for its connection, in number and in penalties. A tunnel takes
// no place and frees none.
func TestTriesOfTunnels(t *testing.T) {
	g := newTurn(t, func(c *Config) { c.Tries, c.PerSource, c.Penalties.Min = 3, 1, 5*time.Second })
	pass := g.admit(t, "192.0.2.1")
	pass.Authenticated()
	if pass.Failed() {
		t.Error("spent after the first")
	}
	one := pass.Tunnel()
	if one.Failed() || pass.Spent() {
		t.Error("spent after the second")
	}
	one.Punish(AuthFail)
	one.Authenticated()
	one.Close()
	if two := pass.Tunnel(); !two.Failed() || !pass.Spent() || !two.Spent() {
		t.Error("not spent after the third")
	}
	g.refuse(t, "192.0.2.1", Penalized)
	g.now = g.now.Add(5 * time.Second)
	g.refuse(t, "192.0.2.1", Crowded)
	pass.Close()
	if again := g.admit(t, "192.0.2.1"); again.Spent() {
		t.Error("a new connection has no tries")
	}
	var none *Pass
	if none.Tunnel() != nil || none.Failed() || none.Spent() {
		t.Error("what came through no gate has limits")
	}
}

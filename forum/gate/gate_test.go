package gate

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestNewChecksItsConfig(t *testing.T) {
	for name, spoil := range map[string]func(*Config){
		"no logger":        func(c *Config) { c.Logger = nil },
		"no clock":         func(c *Config) { c.Clock = nil },
		"no chance":        func(c *Config) { c.Random = nil },
		"nobody comes":     func(c *Config) { c.Connections = 0 },
		"none of a source": func(c *Config) { c.PerSource = 0 },
		"none logs in":     func(c *Config) { c.StartupsPerSource = 0 },
		"no startups":      func(c *Config) { c.Startups = Startups{} },
		"one source":       func(c *Config) { c.IPv4Bits = 0 },
		"IPv4 of 33 bits":  func(c *Config) { c.IPv4Bits = 33 },
		"IPv6 of 129 bits": func(c *Config) { c.IPv6Bits = 129 },
	} {
		bad := new(turn).config()
		spoil(&bad)
		if _, err := New(bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestLimits(t *testing.T) {
	g := newTurn(t, func(c *Config) { c.Connections, c.PerSource, c.StartupsPerSource = 6, 3, 2 })
	one, two := g.admit(t, "192.0.2.1"), g.admit(t, "192.0.2.1")
	g.refuse(t, "192.0.2.1", Crowded)
	g.admit(t, "192.0.2.2")
	one.Authenticated()
	one.Authenticated()
	three := g.admit(t, "192.0.2.1")
	g.refuse(t, "192.0.2.1", Crowded)
	two.Authenticated()
	three.Authenticated()
	g.refuse(t, "192.0.2.1", Crowded) // because of the connections, although all have logged in
	one.Close()
	one.Close()
	one.Authenticated()
	g.admit(t, "192.0.2.1")
	g.refuse(t, "192.0.2.1", Crowded)
	g.admit(t, "192.0.2.3")
	g.admit(t, "192.0.2.4")
	g.refuse(t, "192.0.2.5", Full)
	two.Close()
	g.admit(t, "192.0.2.5")
}

func TestSources(t *testing.T) {
	for _, test := range []struct {
		one, other string
		same       bool
	}{
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true},
		{"2001:db8::1", "2001:db8:0:1::1", false},
		{"fe80::1%eth0", "fe80::1%eth1", true},
	} {
		g := newTurn(t, func(c *Config) { c.PerSource = 1 })
		g.admit(t, test.one)
		if _, err := g.Admit(at(test.other)); (err == Crowded) != test.same {
			t.Errorf("%s and %s: %v", test.one, test.other, err)
		}
	}
	wide := newTurn(t, func(c *Config) { c.PerSource, c.IPv4Bits, c.IPv6Bits = 1, 24, 48 })
	wide.admit(t, "192.0.2.1")
	wide.refuse(t, "192.0.2.254", Crowded)
	wide.admit(t, "192.0.3.1")
	wide.admit(t, "2001:db8::1")
	wide.refuse(t, "2001:db8:0:ffff::1", Crowded)
	wide.admit(t, "2001:db8:1::1")
	socket := &net.UnixAddr{Net: "unix", Name: "/run/forum"}
	if _, err := wide.Admit(socket); err != nil {
		t.Error(err)
	}
	if _, err := wide.Admit(socket); err != Crowded {
		t.Errorf("a second one by a socket: %v", err)
	}
}

func TestExemptNetworks(t *testing.T) {
	g := newTurn(t, func(c *Config) {
		c.Connections, c.PerSource, c.StartupsPerSource, c.Startups = 8, 1, 1, Startups{6, 100, 6}
		c.Exempt = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")}
	})
	for range 20 {
		g.fails(t, "192.0.2.1", Crash)
		g.fails(t, "2001:db8::1", Crash)
	}
	for range 3 {
		g.admit(t, "::ffff:192.0.2.1").Authenticated()
		g.admit(t, "2001:db8::1")
	}
	g.fails(t, "198.51.100.1", Crash)
	g.refuse(t, "198.51.100.1", Penalized)
	for range 2 {
		g.admit(t, "192.0.2.1")
	}
	g.refuse(t, "192.0.2.1", Full)
	if strings.Contains(g.logs.String(), "network=192.0.2.1/32 reason=crash") {
		t.Errorf("the log says\n%s", &g.logs)
	}
	g = newTurn(t, func(c *Config) {
		c.Startups, c.Exempt = Startups{1, 100, 1}, []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	})
	g.admit(t, "192.0.2.1")
	g.refuse(t, "192.0.2.1", Busy)
}

// TestNoPassDoesNothing is for doors that also serve connections that came another way.
func TestNoPassDoesNothing(t *testing.T) {
	var p *Pass
	p.Authenticated()
	p.Punish(Crash)
	p.Close()
}

func TestFloodsAreLoggedOnceAMinute(t *testing.T) {
	g := newTurn(t, func(c *Config) { c.PerSource, c.Connections = 1, 2 })
	g.admit(t, "192.0.2.1")
	for range 61 {
		g.refuse(t, "192.0.2.1", Crowded)
		g.now = g.now.Add(time.Second)
	}
	g.admit(t, "192.0.2.2")
	g.refuse(t, "192.0.2.3", Full)
	want := `level=WARN msg="refusing connections" reason="Too many connections from your network; close one, or try again later." network=192.0.2.1/32 refused=1
level=WARN msg="refusing connections" reason="Too many connections from your network; close one, or try again later." network=192.0.2.1/32 refused=60
level=WARN msg="refusing connections" reason="Too many people are here; try again later." network=192.0.2.3/32 refused=1
`
	if got := g.logs.String(); got != want {
		t.Errorf("the log is\n%swant\n%s", got, want)
	}
}

// TestCountsHold checks, while connections come, go, log in and fail, that the counts are those
// of the open passes and that no limit is exceeded.
func TestCountsHold(t *testing.T) {
	const connections, perSource, startupsPerSource, full = 12, 5, 3, 8
	rapid.Check(t, func(t *rapid.T) {
		g := &turn{now: time.Unix(0, 0)}
		cfg := g.config()
		cfg.Connections, cfg.PerSource, cfg.StartupsPerSource, cfg.Startups = connections, perSource, startupsPerSource, Startups{4, 50, full}
		cfg.Random = func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "chance") }
		gate, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		type held struct {
			*Pass
			address           string
			patient, loggedIn bool
		}
		var passes []*held
		any := func(t *rapid.T) *held {
			if len(passes) == 0 {
				t.Skip("nobody is here")
			}
			return rapid.SampledFrom(passes).Draw(t, "pass")
		}
		count := func(counted func(*held) bool) (c counts) {
			for _, p := range passes {
				if counted(p) {
					c.open++
					if !p.loggedIn && !p.patient {
						c.starting++
					}
				}
			}
			return c
		}
		all := func(*held) bool { return true }
		patient := func(p *held) bool { return p.patient }
		like := func(address string, patient bool) func(*held) bool {
			return func(p *held) bool { return p.address == address && p.patient == patient }
		}
		t.Repeat(map[string]func(*rapid.T){
			"come": func(t *rapid.T) {
				address := rapid.SampledFrom([]string{"192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1", "127.0.0.1"}).Draw(t, "address")
				waits := rapid.Bool().Draw(t, "patient")
				admit := gate.Admit
				if waits {
					admit = func(peer net.Addr) (*Pass, error) { return gate.AdmitPatient(peer, at("192.0.2.99")) }
				}
				pass, err := admit(at(address))
				if err == nil {
					passes = append(passes, &held{Pass: pass, address: address, patient: waits})
				}
				here, own := count(all), count(like(address, waits))
				for _, limit := range []struct {
					reached bool
					refusal Refusal
				}{
					{here.open > connections, Full}, {count(patient).open > connections/2, Full}, {here.starting > full, Busy},
					{own.open > perSource && !(waits && address == "127.0.0.1"), Crowded}, {own.starting > startupsPerSource, Crowded},
				} {
					if limit.reached {
						t.Errorf("%v: not %q", err, limit.refusal)
					}
				}
			},
			"log in": func(t *rapid.T) { p := any(t); p.Authenticated(); p.loggedIn = true },
			"leave": func(t *rapid.T) {
				gone := any(t)
				gone.Close()
				gone.Close()
				gone.Authenticated()
				for i, p := range passes {
					if p == gone {
						passes = append(passes[:i], passes[i+1:]...)
						break
					}
				}
			},
			"fail": func(t *rapid.T) { any(t).Punish(AuthFail) },
			"wait": func(t *rapid.T) {
				g.now = g.now.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "seconds")) * time.Second)
			},
			"": func(t *rapid.T) {
				if gate.here != count(all) || gate.patient != count(patient).open {
					t.Fatalf("the gate counts %v and %d, and %v are here", gate.here, gate.patient, count(all))
				}
				sources := make(map[origin]counts)
				for _, p := range passes {
					sources[p.origin()] = count(like(p.address, p.patient))
				}
				if len(sources) != len(gate.sources) {
					t.Fatalf("%d sources are remembered, and %d are here", len(gate.sources), len(sources))
				}
				for source, want := range sources {
					if gate.sources[source] != want {
						t.Fatalf("%v: %v are counted, and %v are here", source, gate.sources[source], want)
					}
				}
			},
		})
	})
}

// peer is a peer of any network.
type peer string

func (p peer) Network() string { return "test" }
func (p peer) String() string  { return string(p) }

func TestAddress(t *testing.T) {
	for from, want := range map[peer]string{
		"192.0.2.7:4711":          "192.0.2.7",
		"[::ffff:192.0.2.7]:4711": "192.0.2.7",
		"[2001:db8::7]:4711":      "2001:db8::7",
		"[fe80::7%eth0]:4711":     "fe80::7",
		"/run/forum":              "invalid IP",
		"@":                       "invalid IP",
		"":                        "invalid IP",
	} {
		if got := Address(from).String(); got != want {
			t.Errorf("%q: %s, want %s", from, got, want)
		}
	}
}

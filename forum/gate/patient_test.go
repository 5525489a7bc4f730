package gate

import "testing"

// wait fails the test unless a patient client is admitted.
func (g *turn) wait(t testing.TB, address string) *Pass {
	t.Helper()
	pass, err := g.AdmitPatient(at(address), at("192.0.2.99"))
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return pass
}

// refuseWait fails the test unless a patient client is refused with want.
func (g *turn) refuseWait(t testing.TB, address string, want Refusal) {
	t.Helper()
	if pass, err := g.AdmitPatient(at(address), at("192.0.2.99")); err != want {
		pass.Close()
		t.Errorf("%s: %v; want %q", address, err, want)
	}
}

// Patient clients take no place from connections that have not logged in yet, even from the
// same source.
func TestPatientClientsTakeNoPlace(t *testing.T) {
	g := newTurn(t, func(c *Config) { c.PerSource, c.StartupsPerSource, c.Startups = 5, 2, Startups{2, 100, 2} })
	for range 5 {
		g.wait(t, "192.0.2.1")
	}
	g.refuseWait(t, "192.0.2.1", Crowded)
	g.wait(t, "192.0.2.2")
	for range 2 {
		g.admit(t, "192.0.2.1").Authenticated()
	}
	g.admit(t, "192.0.2.1")
	one := g.admit(t, "192.0.2.1")
	g.refuse(t, "192.0.2.1", Crowded)
	one.Close()
	g.admit(t, "192.0.2.3")
	g.refuse(t, "192.0.2.4", Busy)
	g.wait(t, "192.0.2.4").Authenticated()
	g.refuse(t, "192.0.2.4", Busy)
}

// Patient clients get at most half of all connections, wherever they come from.
func TestPatientClientsHaveHalf(t *testing.T) {
	g := newTurn(t, func(c *Config) { c.Connections = 7 })
	for range 3 {
		g.wait(t, "127.0.0.1")
	}
	last := g.wait(t, "192.0.2.1")
	for _, address := range []string{"127.0.0.1", "192.0.2.99", "192.0.2.2"} {
		g.refuseWait(t, address, Full)
	}
	for range 3 {
		g.admit(t, "127.0.0.1")
	}
	g.refuse(t, "192.0.2.3", Full)
	last.Close()
	g.wait(t, "127.0.0.1")
}

// People of this machine have one address, but the acts of one have no cost for the others.
func TestPeopleOfThisMachine(t *testing.T) {
	few := func(c *Config) { c.PerSource, c.StartupsPerSource = 2, 1 }
	for _, own := range []string{"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "192.0.2.99", "::ffff:192.0.2.99"} {
		g := newTurn(t, few)
		for range 5 {
			g.wait(t, own).Punish(Crash)
		}
		g.admit(t, own).Punish(Crash)
		g.refuse(t, own, Penalized)
		g.wait(t, own)
	}
	g := newTurn(t, few)
	g.wait(t, "192.0.2.1").Punish(Crash)
	g.refuseWait(t, "192.0.2.1", Penalized)
	g.refuse(t, "192.0.2.1", Penalized)
}

// A ban holds on this machine, too.
func TestABanHoldsOnThisMachine(t *testing.T) {
	var banned bans
	var in ended
	g := newTurn(t, func(c *Config) { c.Banned = banned.has })
	g.wait(t, "127.0.0.1").OnEviction(in.end)
	banned.add("127.0.0.0/8")
	g.refuseWait(t, "127.0.0.1", Banned)
	g.Evict()
	if in != 1 {
		t.Errorf("%d were ended", in)
	}
}

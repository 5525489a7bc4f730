package gate

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// bans are the banned networks of a gate.
type bans []netip.Prefix

func (b *bans) has(addr netip.Addr) bool {
	return slices.ContainsFunc(*b, func(network netip.Prefix) bool { return network.Contains(addr) })
}

func (b *bans) add(network string) { *b = append(*b, netip.MustParsePrefix(network)) }

// ended counts how often an eviction ends a connection.
type ended int

func (e *ended) end(cause error) {
	if cause == Banned {
		*e++
	}
}

func TestBans(t *testing.T) {
	var banned bans
	g := newTurn(t, func(c *Config) {
		c.Banned, c.Exempt = banned.has, []netip.Prefix{netip.MustParsePrefix("192.0.2.99/32")}
	})
	var in, mapped, exempt, closed, out, late ended
	g.admit(t, "192.0.2.7").OnEviction(in.end)
	g.admit(t, "::ffff:192.0.2.8").OnEviction(mapped.end)
	g.admit(t, "192.0.2.99").OnEviction(exempt.end)
	g.admit(t, "198.51.100.7").OnEviction(out.end)
	begun := g.admit(t, "192.0.2.9") // evicted before OnEviction was called
	gone := g.admit(t, "192.0.2.7")
	gone.OnEviction(closed.end)
	gone.Close()
	g.Evict()
	if in+mapped+out > 0 {
		t.Error("connections were ended before there was a ban")
	}

	banned.add("192.0.2.0/24")
	g.refuse(t, "192.0.2.1", Banned)
	g.refuse(t, "::ffff:192.0.2.1", Banned)
	g.admit(t, "192.0.2.99")
	g.admit(t, "198.51.100.1")
	for range 2 {
		g.Evict()
	}
	begun.OnEviction(late.end)
	if in != 1 || mapped != 1 || late != 1 || out+exempt+closed != 0 {
		t.Errorf("ended: %d and %d and, late, %d of those who are banned, %d beside them, %d exempt, %d closed", in, mapped, late, out, exempt, closed)
	}
	if logs := g.logs.String(); strings.Count(logs, "banned") != 1 {
		t.Errorf("the log of a minute says:\n%s", logs)
	}

	banned = nil
	g.admit(t, "192.0.2.1")
}

func TestABanComesBeforePenalties(t *testing.T) {
	var banned bans
	g := newTurn(t, func(c *Config) { c.Banned = banned.has })
	g.fails(t, "192.0.2.1", Crash)
	g.refuse(t, "192.0.2.1", Penalized)
	banned.add("192.0.2.1/32")
	g.refuse(t, "192.0.2.1", Banned)
}

func TestNoPassIsEvicted(t *testing.T) {
	var none *Pass
	none.OnEviction(func(error) { t.Error("nothing to end") })
}

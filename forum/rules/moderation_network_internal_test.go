package rules

import (
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sshforum/forum"
)

func TestParseNetwork(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.7": "192.0.2.7/32", "192.0.2.7/24": "192.0.2.0/24", "::ffff:192.0.2.7": "192.0.2.7/32",
		"::ffff:192.0.2.7/120": "192.0.2.0/24", "2001:db8::1": "2001:db8::1/128", "2001:db8::1/48": "2001:db8::/48",
		"fe80::1%eth0": "fe80::1/128", "0.0.0.0/0": "0.0.0.0/0",
		"yoda": "", "": "", "192.0.2": "", "192.0.2.7/33": "", "192.0.2.07": "", "@192.0.2.7": "", "10.0.0.0/08": "",
	} {
		network, ok := ParseNetwork(text)
		if ok != (want != "") || ok && network.String() != want {
			t.Errorf("%q: %s, %v; want %q", text, network, ok, want)
		}
	}
}

// However many networks are banned, an address is refused if and only if one of them contains
// it.
func TestNetworksAgreeWithEachBan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		addr := rapid.Custom(func(t *rapid.T) netip.Addr {
			if rapid.Bool().Draw(t, "IPv4") {
				return netip.AddrFrom4([4]byte{10, rapid.Byte().Draw(t, "a") & 3, 0, rapid.Byte().Draw(t, "b")})
			}
			return netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, rapid.Byte().Draw(t, "a") & 3, 15: rapid.Byte().Draw(t, "b")})
		})
		now := time.Unix(1000, 0)
		var bans []forum.NetworkBan
		known := make(map[netip.Prefix]bool)
		for range rapid.IntRange(0, 20).Draw(t, "bans") {
			at := addr.Draw(t, "network")
			network, err := at.Prefix(rapid.IntRange(8, at.BitLen()).Draw(t, "bits"))
			if err != nil || known[network] {
				continue
			}
			known[network] = true
			until := rapid.SampledFrom([]time.Time{{}, now, now.Add(1)}).Draw(t, "until")
			bans = append(bans, forum.NetworkBan{Network: network, Sanction: forum.Sanction{Since: time.Unix(1, 0), Until: until}})
		}
		n := newNetworks(bans)
		for range 10 {
			from, want := addr.Draw(t, "from"), false
			for _, b := range bans {
				want = want || b.Network.Contains(from) && b.Holds(now)
			}
			if got := n.has(from, now); got != want {
				t.Fatalf("%s is refused: %v", from, got)
			}
		}
	})
}

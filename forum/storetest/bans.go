package storetest

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"sshforum/forum"
)

func testBannedNetworks(t *testing.T, open Open) {
	f := start(t, open, Options{})
	ban := func(network string, until time.Duration) forum.NetworkBan {
		b := forum.NetworkBan{Network: netip.MustParsePrefix(network), Sanction: forum.Sanction{By: 1, Since: noon, Reason: "spam\xff"}}
		if until > 0 {
			b.Until = noon.Add(until)
		}
		return b
	}
	one, wide, six := ban("192.0.2.7/32", 0), ban("192.0.0.0/16", time.Hour), ban("c000:207::/32", 0)
	zero := ban("::/128", 0)
	put := func(bans ...forum.NetworkBan) {
		f.do(Write(func(tx forum.Tx) {
			for _, b := range bans {
				tx.PutBannedNetwork(b)
			}
		}))
	}
	want := func(bans ...forum.NetworkBan) {
		t.Helper()
		f.view(func(r forum.Reader) {
			if got := slices.Collect(r.BannedNetworks()); !slices.Equal(got, bans) {
				t.Errorf("BannedNetworks: %v, want %v", got, bans)
			}
			for _, b := range []forum.NetworkBan{one, wide, six, zero} {
				if got, ok := r.BannedNetwork(b.Network); ok != slices.Contains(bans, b) || ok && got != b {
					t.Errorf("BannedNetwork(%s): %+v, %v", b.Network, got, ok)
				}
			}
		})
	}
	want()
	put(six, zero, one, wide)
	want(wide, one, zero, six)
	one.Reason = "flood"
	put(one)
	f.do(Write(func(tx forum.Tx) {
		tx.DropBannedNetwork(six.Network)
		tx.DropBannedNetwork(six.Network)
	}))
	want(wide, one, zero)
	f.reopen()
	want(wide, one, zero)
}

package storage

import (
	"iter"
	"net/netip"

	"sshforum/forum"
)

// networkKey is the length of the address, the address and the number of leading bits, so
// that no key is a prefix of another.
func networkKey(network netip.Prefix) []byte {
	addr := network.Addr().AsSlice()
	k := append([]byte{byte(len(addr))}, addr...)
	return append(k, byte(network.Bits()))
}

func parseNetworkKey(k []byte) (network netip.Prefix, ok bool) {
	if len(k) < 2 || len(k) != int(k[0])+2 {
		return network, false
	}
	addr, ok := netip.AddrFromSlice(k[1 : len(k)-1])
	network = netip.PrefixFrom(addr, int(k[len(k)-1]))
	return network, ok && network.IsValid() && network == network.Masked()
}

func (r *reader) BannedNetwork(network netip.Prefix) (forum.NetworkBan, bool) {
	row, ok := load[sanctionRow](r, bannedNetworksBucket, networkKey(network))
	if !ok {
		return forum.NetworkBan{}, false
	}
	return forum.NetworkBan{Network: network, Sanction: row.sanction()}, true
}

func (r *reader) BannedNetworks() iter.Seq[forum.NetworkBan] {
	return func(yield func(forum.NetworkBan) bool) {
		r.scan(bannedNetworksBucket, nil, nil, func(k, v []byte) bool {
			network, ok := parseNetworkKey(k)
			if !ok {
				r.fail(bannedNetworksBucket, k, errMalformed)
				return false
			}
			row, ok := decode[sanctionRow](r, bannedNetworksBucket, k, v)
			return ok && yield(forum.NetworkBan{Network: network, Sanction: row.sanction()})
		})
	}
}

func (t *tx) PutBannedNetwork(b forum.NetworkBan) {
	store(t, bannedNetworksBucket, networkKey(b.Network), newSanctionRow(b.Sanction))
}

func (t *tx) DropBannedNetwork(network netip.Prefix) {
	t.drop(bannedNetworksBucket, networkKey(network))
}

// bannedNetworks reads them all, which finds what cannot be read.
func (c *checker) bannedNetworks() {
	for b := range c.BannedNetworks() {
		if b.Since.IsZero() {
			c.Report("the ban of %s has no beginning", b.Network)
		}
	}
}

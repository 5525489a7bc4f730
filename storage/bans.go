package storage

import (
	"iter"
	"net/netip"

	"sshforum/forum"
)

// networkKey returns the key of a network: the length of its address, the address, and the
// number of leading bits. The length comes first so that no key is a prefix of another.
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

var networkRecords = records[netip.Prefix, forum.NetworkBan, *sanctionRow]{
	bannedNetworksBucket, networkKey, parseNetworkKey,
	func(b forum.NetworkBan) *sanctionRow { return newSanctionRow(b.Sanction) },
	func(row *sanctionRow, network netip.Prefix) forum.NetworkBan {
		return forum.NetworkBan{Network: network, Sanction: row.sanction()}
	},
}

func (r *reader) BannedNetwork(network netip.Prefix) (forum.NetworkBan, bool) {
	return networkRecords.find(r, network)
}

func (r *reader) BannedNetworks() iter.Seq[forum.NetworkBan] { return networkRecords.within(r, nil) }

func (t *tx) PutBannedNetwork(b forum.NetworkBan) { networkRecords.put(t, b.Network, b) }

func (t *tx) DropBannedNetwork(network netip.Prefix) { networkRecords.drop(t, network) }

// bannedNetworks reads all bans of networks, which finds the rows that cannot be read.
func (c *checker) bannedNetworks() {
	for b := range c.BannedNetworks() {
		if b.Since.IsZero() {
			c.Report("the ban of %s has no beginning", b.Network)
		}
	}
}

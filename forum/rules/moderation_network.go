package rules

import (
	"net/netip"
	"slices"
	"time"

	"sshforum/forum"
)

// The widest networks that can be banned, in leading bits, so that a mistake does not keep a
// continent out.
const (
	widestIPv4 = 8
	widestIPv6 = 32
)

// ParseNetwork reads an IP address, or a network such as 192.0.2.0/24, and reports whether text
// is one. An IPv4 address in the form of IPv6 is an IPv4 address.
func ParseNetwork(text string) (netip.Prefix, bool) {
	network, err := netip.ParsePrefix(text)
	if addr, wrong := netip.ParseAddr(text); wrong == nil {
		network, err = netip.PrefixFrom(addr.WithZone(""), addr.BitLen()), nil
	}
	if err != nil {
		return netip.Prefix{}, false
	}
	if addr := network.Addr(); addr.Is4In6() && network.Bits() >= 96 {
		network = netip.PrefixFrom(addr.Unmap(), network.Bits()-96)
	}
	return network.Masked(), true
}

// networkName returns a network as text, a single address without its length.
func networkName(network netip.Prefix) string {
	if network.IsSingleIP() {
		return network.Addr().String()
	}
	return network.String()
}

// networks looks up whether an address is banned. It does not change.
type networks struct {
	bans    map[netip.Prefix]forum.Sanction
	lengths map[bool][]int // prefix lengths of the banned networks in leading bits; true for IPv4, false for IPv6
}

func newNetworks(bans []forum.NetworkBan) *networks {
	n := &networks{bans: make(map[netip.Prefix]forum.Sanction), lengths: make(map[bool][]int)}
	for _, b := range bans {
		n.bans[b.Network] = b.Sanction
	}
	for network := range n.bans {
		if is4 := network.Addr().Is4(); !slices.Contains(n.lengths[is4], network.Bits()) {
			n.lengths[is4] = append(n.lengths[is4], network.Bits())
		}
	}
	return n
}

// has reports whether a ban that holds at a time keeps addr out. Its cost does not grow with
// the number of bans.
func (n *networks) has(addr netip.Addr, at time.Time) bool {
	for _, bits := range n.lengths[addr.Is4()] {
		if network, err := addr.Prefix(bits); err == nil && n.bans[network].Holds(at) {
			return true
		}
	}
	return false
}

package forum

import "net/netip"

// NetworkBan keeps whoever comes from a network out.
type NetworkBan struct {
	Network netip.Prefix // masked
	Sanction
}

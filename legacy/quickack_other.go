//go:build !linux

package legacy

import "net"

// acknowledge does nothing, since the system cannot be told to acknowledge at once.
func acknowledge(net.Conn) {}

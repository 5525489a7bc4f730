//go:build !linux

package legacy

import "net"

// acknowledge does nothing where a system has no way to hurry an acknowledgement.
func acknowledge(net.Conn) {}

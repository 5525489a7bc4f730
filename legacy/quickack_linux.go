package legacy

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// acknowledge tells the client at once that what it sent has arrived (tcp(7),
// TCP_QUICKACK). Until then it may hold its next request back, if that one had no answer
// to go with (RFC 1122, section 4.2.3.4): 40 ms, for a client that waits 10.
func acknowledge(conn net.Conn) {
	if tcp, ok := conn.(syscall.Conn); ok {
		if raw, err := tcp.SyscallConn(); err == nil {
			_ = raw.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1) })
		}
	}
}

package legacy

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// acknowledge makes the system acknowledge received bytes at once (tcp(7), TCP_QUICKACK).
// Otherwise the client's system may hold back its next request for 40 ms, if the last one had
// no reply to carry the acknowledgement (RFC 1122, section 4.2.3.4). Some clients wait only 10
// ms.
func acknowledge(conn net.Conn) {
	if tcp, ok := conn.(syscall.Conn); ok {
		if raw, err := tcp.SyscallConn(); err == nil {
			_ = raw.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1) })
		}
	}
}

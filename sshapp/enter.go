package sshapp

import (
	"io"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/pires/go-proxyproto"

	"sshforum/forum/gate"
	"sshforum/sshapp/sshlog"
)

const (
	// headerWait is how long a proxy may take to send its PROXY header. A proxy sends the
	// header first, and at once.
	headerWait = 5 * time.Second

	// refusalWait limits the time for telling a client why it is refused.
	refusalWait = time.Second
)

// passGate lets a connection through the gate. The returned connection has the client's own
// address, by which the gate admitted it. If the gate or the proxy header refuses, passGate
// closes conn and returns a nil pass.
func (s *Server) passGate(conn net.Conn) (net.Conn, *gate.Pass) {
	client, err := s.client(conn)
	if err != nil {
		s.log.Warn("proxy refused", "source", sourceOf(conn.RemoteAddr()), "error", sshlog.Text(err.Error()))
		_ = conn.Close()
		return nil, nil
	}
	pass, err := s.cfg.Gate.Admit(client.RemoteAddr())
	if err != nil {
		// A server may send lines before its identification (RFC 4253, section 4.2), and
		// a new connection has room for one.
		_ = conn.SetWriteDeadline(time.Now().Add(refusalWait))
		_, _ = io.WriteString(conn, err.Error()+"\r\n")
		_ = conn.Close()
		return nil, nil
	}
	return client, pass
}

// client returns conn with the address of its client. A proxy that is believed must name the
// client in a header of the PROXY protocol, version 1 or 2
// (https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt); from no other peer is such a
// header read.
func (s *Server) client(conn net.Conn) (net.Conn, error) {
	peer := gate.Address(conn.RemoteAddr())
	if !slices.ContainsFunc(s.cfg.ProxyFrom, func(network netip.Prefix) bool { return network.Contains(peer) }) {
		return conn, nil
	}
	client := proxyproto.NewConn(conn, proxyproto.WithPolicy(proxyproto.REQUIRE), proxyproto.SetReadHeaderTimeout(headerWait))
	_, err := client.Read(nil) // reads only the header
	return client, err
}

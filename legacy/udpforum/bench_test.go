package udpforum

import (
	"net"
	"testing"
	"time"

	"sshforum/forum/forumtest"
	"sshforum/legacy/legacytest"
)

// BenchmarkRequests asks for a list, one request after the other, next to a bare echo of
// the same transport in the same run; of-echo is the share of its rate.
func BenchmarkRequests(b *testing.B) {
	s := newStage(b)
	ln, udp := s.listenUDP()
	s.As("yoda")
	go func() {
		for conn, err := ln.Accept(); err == nil; conn, err = ln.Accept() {
			go s.door.ServeConn(conn)
		}
	}()
	b.Run("tcp", func(b *testing.B) {
		p := person{legacytest.NewClient(b, dial(b, ln.Addr()), maxMessage), b}
		p.want("username exists", "yoda")
		p.want("OK", forumtest.Password("yoda"))
		echo := legacytest.NewClient(b, dial(b, echoTCP(b)), maxMessage)
		ofEcho(b, func() { p.want("The list of active threads:", "LST") }, func() {
			echo.Send("The list of active threads:")
			echo.Expect("The list of active threads:")
		})
	})
	b.Run("udp", func(b *testing.B) {
		c := s.login(newClient(b, s.dialUDP(), udp.door.LocalAddr()), "yoda")
		port, echo := s.dialUDP(), echoUDP(b)
		buffer := make([]byte, maxAnswer)
		ofEcho(b, func() { c.want("The list of active threads:", "LST") }, func() {
			if _, err := port.WriteTo([]byte("The list of active threads:"), echo); err != nil {
				b.Fatal(err)
			}
			if _, _, err := port.ReadFrom(buffer); err != nil {
				b.Fatal(err)
			}
		})
	})
}

// ofEcho compares what is measured with what is echoed.
func ofEcho(b *testing.B, ask, echo func()) {
	for b.Loop() {
		ask()
	}
	asked, start := b.Elapsed(), time.Now()
	for range b.N {
		echo()
	}
	b.ReportMetric(float64(b.N)/asked.Seconds(), "requests/s")
	b.ReportMetric(time.Since(start).Seconds()/asked.Seconds(), "of-echo")
}

func dial(b *testing.B, addr net.Addr) net.Conn {
	b.Helper()
	conn, err := net.Dial(addr.Network(), addr.String())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	return conn
}

func echoTCP(b *testing.B) net.Addr {
	b.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = ln.Close() })
	go func() {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		buffer := make([]byte, maxMessage)
		for {
			n, err := conn.Read(buffer)
			if err != nil {
				return
			}
			_, _ = conn.Write(buffer[:n])
		}
	}()
	return ln.Addr()
}

func echoUDP(b *testing.B) net.Addr {
	b.Helper()
	port, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = port.Close() })
	go func() {
		buffer := make([]byte, maxMessage)
		for {
			n, from, err := port.ReadFrom(buffer)
			if err != nil {
				return
			}
			_, _ = port.WriteTo(buffer[:n], from)
		}
	}()
	return port.LocalAddr()
}

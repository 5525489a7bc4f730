package udpforum

import (
	"bytes"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"testing"
	"time"
)

// network carries datagrams in memory. Made of channels and timers, it works within
// testing/synctest.
type network struct {
	// Of every datagram: how likely it is lost, how likely it comes twice, and how long
	// it takes at most. Those on their way overtake each other.
	loss, double float64
	delay        time.Duration

	mu     sync.Mutex
	ports  map[string]*port
	random *rand.Rand
	lost   int
	bytes  map[string]traffic // of each port
}

// traffic counts bytes before any are lost or doubled.
type traffic struct{ sent, received int }

func newNetwork() *network {
	return &network{ports: make(map[string]*port), random: rand.New(rand.NewPCG(1, 2)), bytes: make(map[string]traffic)}
}

// datagram is one on its way.
type datagram struct {
	from net.Addr
	text []byte
}

// port is one end of a network.
type port struct {
	network *network
	addr    *net.UDPAddr
	in      chan datagram
	once    sync.Once
	closed  chan struct{}

	mu       sync.Mutex
	deadline time.Time
	changed  chan struct{} // closed when the deadline changes
}

// The machine of the server, and that of all its clients.
var serverIP, clientIP = net.IPv4(192, 0, 2, 1), net.IPv4(192, 0, 2, 7)

// listen opens a port of a client, which is closed when the test ends.
func (n *network) listen(t testing.TB) *port { return n.listenAt(t, clientIP) }

func (n *network) listenAt(t testing.TB, ip net.IP) *port {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := &port{
		network: n, addr: &net.UDPAddr{IP: ip, Port: 1024 + len(n.ports)},
		in: make(chan datagram, 256), closed: make(chan struct{}), changed: make(chan struct{}),
	}
	n.ports[p.addr.String()] = p
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// traffic returns the datagrams that a port has sent and received.
func (n *network) traffic(addr net.Addr) traffic {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.bytes[addr.String()]
}

// send puts a datagram on its ways.
func (n *network) send(d datagram, to net.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	from, receiver := n.bytes[d.from.String()], n.bytes[to.String()]
	from.sent += len(d.text)
	receiver.received += len(d.text)
	n.bytes[d.from.String()], n.bytes[to.String()] = from, receiver
	target := n.ports[to.String()]
	if target == nil || n.random.Float64() < n.loss {
		n.lost++
		return
	}
	n.carry(d, target)
	if n.random.Float64() < n.double {
		n.carry(d, target)
	}
}

func (n *network) carry(d datagram, target *port) {
	deliver := func() {
		select {
		case target.in <- d:
		default: // it has no room, as a socket
		}
	}
	if n.delay == 0 {
		deliver()
		return
	}
	time.AfterFunc(time.Duration(n.random.Int64N(int64(n.delay))), deliver)
}

func (p *port) WriteTo(text []byte, to net.Addr) (int, error) {
	p.network.send(datagram{p.addr, bytes.Clone(text)}, to)
	return len(text), nil
}

func (p *port) ReadFrom(text []byte) (int, net.Addr, error) {
	for {
		p.mu.Lock()
		deadline, changed := p.deadline, p.changed
		p.mu.Unlock()
		var late <-chan time.Time
		if !deadline.IsZero() {
			timer := time.NewTimer(time.Until(deadline))
			defer timer.Stop()
			late = timer.C
		}
		select {
		case d := <-p.in:
			return copy(text, d.text), d.from, nil
		case <-p.closed:
			return 0, nil, net.ErrClosed
		case <-late:
			return 0, nil, os.ErrDeadlineExceeded
		case <-changed:
		}
	}
}

func (p *port) SetReadDeadline(t time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deadline = t
	close(p.changed)
	p.changed = make(chan struct{})
	return nil
}

func (p *port) SetDeadline(t time.Time) error    { return p.SetReadDeadline(t) }
func (p *port) SetWriteDeadline(time.Time) error { return nil }
func (p *port) LocalAddr() net.Addr              { return p.addr }

func (p *port) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

package udpforum

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"sshforum/legacy"
)

// idleLife is how long a conversation lasts without a datagram.
const idleLife = 10 * time.Minute

// UDP is the part of the door that is reached by datagrams: conversations on its own port, and
// a hello on the port before, which clients send without expecting an answer.
type UDP struct {
	server *legacy.Server
	log    *slog.Logger
	max    int // maximum number of conversations, including those that ended within cookieLife
	hello  net.PacketConn
	door   net.PacketConn
	baker  *baker

	serving sync.WaitGroup

	mu            sync.Mutex
	conversations map[string]*conversation // by cookie
	full          bool                     // the limit is reached, which was logged
}

// ListenUDP opens both ports for a door that listens on addr by TCP. It allows max
// conversations at once. The conversations are served by server.
func (Dialect) ListenUDP(server *legacy.Server, log *slog.Logger, addr *net.TCPAddr, max int) (*UDP, error) {
	door, err := net.ListenUDP("udp", &net.UDPAddr{IP: addr.IP, Port: addr.Port, Zone: addr.Zone})
	if err != nil {
		return nil, err
	}
	hello, err := net.ListenUDP("udp", &net.UDPAddr{IP: addr.IP, Port: addr.Port - 1, Zone: addr.Zone})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the port before, for hello: %w", err), door.Close())
	}
	return newUDP(server, log, hello, door, max), nil
}

func newUDP(server *legacy.Server, log *slog.Logger, hello, door net.PacketConn, max int) *UDP {
	return &UDP{
		server: server, log: log.With("door", doorName), max: max, hello: hello, door: door,
		baker: newBaker(), conversations: make(map[string]*conversation),
	}
}

// Close closes both ports of a UDP that is not served.
func (u *UDP) Close() error { return errors.Join(u.hello.Close(), u.door.Close()) }

// Serve receives datagrams until ctx ends or a port fails. Then it waits for the conversations,
// which the server ends, and closes both ports. It must run beside the Serve of the server,
// with the same ctx. The error is nil if ctx ended.
func (u *UDP) Serve(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var hellos sync.WaitGroup
	var helloErr error
	hellos.Go(func() {
		helloErr = u.listen(ctx, u.hello, func(_ string, from net.Addr) { u.log.Debug("hello", "source", from) })
		stop()
	})
	err := u.listen(ctx, u.door, u.receive)
	stop()
	hellos.Wait()
	u.serving.Wait()
	return errors.Join(err, helloErr, u.Close())
}

// listen calls take with every datagram of a port, until ctx ends or the port is closed. After
// a temporary error it waits and tries again.
func (u *UDP) listen(ctx context.Context, port net.PacketConn, take func(datagram string, from net.Addr)) error {
	defer context.AfterFunc(ctx, func() { _ = port.SetReadDeadline(time.Now()) })()
	buffer := make([]byte, maxDatagram+1) // one byte more, to recognize a text that is too long
	for pause := time.Duration(0); ; {
		n, from, err := port.ReadFrom(buffer)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil:
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			u.log.Error("cannot receive datagrams", "error", err, "retry", pause)
			select {
			case <-time.After(pause):
			case <-ctx.Done():
			}
			continue
		}
		pause = 0
		take(string(buffer[:n]), from)
	}
}

// receive handles a datagram. Only a sender with a valid cookie, which proves its address, gets
// more bytes than it sent.
func (u *UDP) receive(datagram string, from net.Addr) {
	if isHello(datagram) {
		u.send(from, []string{u.baker.bake(from.String())})
		return
	}
	cookie, number, text, ok := parseRequest(datagram)
	fresh, valid := u.baker.check(cookie, from.String())
	if !ok || !valid {
		u.log.Debug("datagram passed over", "source", from, "bytes", len(datagram))
		return
	}
	if c := u.conversation(cookie, from, fresh); c != nil {
		c.receive(number, text)
	}
}

func (u *UDP) send(to net.Addr, datagrams []string) {
	for _, d := range datagrams {
		if _, err := u.door.WriteTo([]byte(d), to); err != nil {
			u.log.Debug("cannot send a datagram", "to", to, "error", err)
		}
	}
}

// conversation returns the conversation of a cookie. If there is none, it begins one if the
// cookie is fresh and there are not too many. Otherwise it returns nil.
func (u *UDP) conversation(cookie string, peer net.Addr, fresh bool) *conversation {
	u.mu.Lock()
	defer u.mu.Unlock()
	if c, found := u.conversations[cookie]; found || !fresh {
		return c
	}
	full := len(u.conversations) >= u.max
	if full && !u.full {
		u.log.Warn("refusing conversations by UDP: there are too many", "limit", u.max)
	}
	if u.full = full; full {
		return nil
	}
	c := newConversation(peer, u.door.LocalAddr(), u.send)
	u.conversations[cookie] = c
	u.serving.Go(func() {
		if !u.server.ServeOutside(c) {
			u.forget(cookie) // so that one source cannot take all places
			return
		}
		// Late datagrams must find the ended conversation, and not begin another.
		time.AfterFunc(cookieLife, func() { u.forget(cookie) })
	})
	return c
}

func (u *UDP) forget(cookie string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.conversations, cookie)
}

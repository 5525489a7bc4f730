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

// idleLife is how long a conversation by datagrams may be without one.
const idleLife = 10 * time.Minute

// UDP is what of the door is reached by datagrams: conversations on its own port, and a
// hello on the port before, which clients send and expect no answer to.
type UDP struct {
	server *legacy.Server
	log    *slog.Logger
	max    int // conversations, with those that ended lately
	hello  net.PacketConn
	door   net.PacketConn
	baker  *baker

	serving sync.WaitGroup

	mu            sync.Mutex
	conversations map[string]*conversation // by cookie
	full          bool                     // and said so in the log
}

// ListenUDP opens both ports for a door that listens on addr by TCP, for so many
// conversations at once. What it hears is served by server.
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

// Close closes both ports, for one that is not served.
func (u *UDP) Close() error { return errors.Join(u.hello.Close(), u.door.Close()) }

// Serve hears datagrams until ctx ends or a port fails; then it waits for the
// conversations, which the server ends, and closes both ports. It must run beside the
// Serve of the server, with the same ctx. The error is nil when ctx ended.
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

// listen hands every datagram of a port to take, until ctx ends or the port is closed. An
// error that can pass is waited out.
func (u *UDP) listen(ctx context.Context, port net.PacketConn, take func(datagram string, from net.Addr)) error {
	defer context.AfterFunc(ctx, func() { _ = port.SetReadDeadline(time.Now()) })()
	buffer := make([]byte, maxDatagram+1) // one more tells that a text is too long
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

// receive takes a datagram. Only who shows a cookie, which proves the address it comes
// from, is ever sent more bytes than came.
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

// conversation returns the one of a cookie. If there is none it begins one, when the
// cookie is fresh and there are not too many; else it returns nil.
func (u *UDP) conversation(cookie string, peer net.Addr, fresh bool) *conversation {
	u.mu.Lock()
	defer u.mu.Unlock()
	if c, there := u.conversations[cookie]; there || !fresh {
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
			u.forget(cookie) // one source shall not take the places of all
			return
		}
		// What is still on its way must find that it has ended, not begin another.
		time.AfterFunc(cookieLife, func() { u.forget(cookie) })
	})
	return c
}

func (u *UDP) forget(cookie string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.conversations, cookie)
}

package udpforum

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/legacy"
	"sshforum/legacy/legacytest"
)

// stage is a forum with the door open, to connections and to datagrams.
type stage struct {
	*forumtest.Forum
	t     testing.TB
	door  *legacytest.Door
	net   *network
	udp   *UDP
	addr  net.Addr // for conversations by datagrams
	hello net.Addr // where the old clients send theirs
}

// Low limits, for tests to reach.
const (
	maxConversations = 8
	maxClients       = 20
)

// newStage opens a forum. Conversations by datagrams end with it.
func newStage(t testing.TB, set ...func(*legacy.Config)) *stage {
	return newStageWith(t, func(*rules.Config) {}, set...)
}

// newStageWith is newStage with rules of its own.
func newStageWith(t testing.TB, with func(*rules.Config), set ...func(*legacy.Config)) *stage {
	s := &stage{t: t, net: newNetwork()}
	s.Forum = forumtest.New(t, with, func(c *rules.Config) { c.Clock, c.Steady, c.DuplicatesWithin = time.Now, time.Now, 10*time.Minute })
	config := Config(legacy.SSH{Host: "forum.example", Port: "2222"})
	config.MaxClients = maxClients
	for _, set := range set {
		set(&config)
	}
	s.door = legacytest.Open(t, s.Forum, config, 0)
	hello, door := s.net.listenAt(t, serverIP), s.net.listenAt(t, serverIP)
	s.hello, s.addr = hello.LocalAddr(), door.LocalAddr()
	log := slog.New(slog.NewTextHandler(s.door.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.udp = newUDP(s.door.Server, log, hello, door, maxConversations)
	s.serve(s.udp)
	return s
}

// serve serves datagrams until the test ends, and the door with them.
func (s *stage) serve(udp *UDP) {
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- udp.Serve(ctx) }()
	s.t.Cleanup(func() {
		stop()
		s.door.Close()
		if err := <-served; err != nil && !errors.Is(err, net.ErrClosed) {
			s.t.Error(err)
		}
	})
}

// play runs a test with a door in time of its own.
func play(t *testing.T, test func(s *stage), set ...func(*legacy.Config)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(newStage(t, set...)) })
}

// playWith is play in a forum with rules of its own.
func playWith(t *testing.T, with func(*rules.Config), test func(s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(newStageWith(t, with)) })
}

// AsPassword makes an account with a password.
func (s *stage) AsPassword(name, password string) {
	s.t.Helper()
	if _, err := s.Service.AddUser(s.t.Context(), rules.Operator(), name, password, forum.Member); err != nil {
		s.t.Fatal(err)
	}
}

// person is one connection of somebody, without a client's sleeps.
type person struct {
	*legacytest.Client
	t testing.TB
}

func (s *stage) connect() person {
	return person{legacytest.NewClient(s.t, s.door.Dial(), maxMessage), s.t}
}

// as is a connection that is logged in.
func (s *stage) as(name string) person {
	s.t.Helper()
	s.As(name)
	p := s.connect()
	p.want("username exists", name)
	p.want("OK", forumtest.Password(name))
	return p
}

// ask sends a request and returns the reply.
func (p person) ask(request string) string {
	p.t.Helper()
	p.Send(request)
	return p.Recv()
}

// want fails the test unless the reply to a request is that.
func (p person) want(reply, request string) {
	p.t.Helper()
	if got := p.ask(request); got != reply {
		p.t.Fatalf("the reply to %.60q is %q; want %q", request, got, reply)
	}
}

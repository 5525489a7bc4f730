package udpforum

import (
	"context"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/gate"
	"sshforum/forum/rules"
	"sshforum/legacy"
)

// here reports whether somebody is in the forum.
func (s *stage) here(name string) (here bool) {
	_ = s.Store.View(func(r forum.Reader) error {
		u, _ := r.UserByName(forum.NameKey(name))
		here = r.IsHere(u.ID)
		return nil
	})
	return here
}

// TestConversationsExpire has one end that says nothing more, however often an answer was
// asked for again until then, and one that says nothing at all.
func TestConversationsExpire(t *testing.T) {
	play(t, func(s *stage) {
		c := s.login(s.client(), "yoda")
		for range 5 {
			time.Sleep(idleLife - time.Second)
			c.want("The list of active threads:", "LST")
		}
	})
	play(t, func(s *stage) {
		c := s.login(s.client(), "yoda")
		other := s.client().begin()
		other.want("username exists", "luke")
		time.Sleep(idleLife - time.Second)
		synctest.Wait()
		if !s.here("yoda") {
			t.Error("the conversation ended early")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if s.here("yoda") {
			t.Error("the conversation does not end")
		}
		c.want("", "LST")
		time.Sleep(cookieLife)
		synctest.Wait()
		c.send(c.request(c.number, "LST"))
		if got := c.receive(time.Now().Add(time.Second)); got != "" {
			t.Errorf("what is forgotten is answered %q", got)
		}
		if n := len(s.udp.conversations); n > 0 {
			t.Errorf("%d conversations are kept", n)
		}
	})
}

// TestLateDatagramsBeginNothing has all that a client sent come once more, in order, after
// it has left: nothing happens twice.
func TestLateDatagramsBeginNothing(t *testing.T) {
	play(t, func(s *stage) {
		s.As("yoda")
		c := s.client().begin()
		requests := []string{"yoda", forumtest.Password("yoda"), "MSG lobby hello", "XIT"}
		c.askAll(requests...)
		for _, pause := range []time.Duration{0, cookieLife / 2, cookieLife - time.Second, 2 * cookieLife} {
			time.Sleep(pause)
			for i, request := range requests {
				c.send(c.request(uint64(i)+1, request))
				synctest.Wait()
			}
		}
		if got := s.texts("lobby"); len(got) != 1 {
			t.Errorf("posted are %q", got)
		}
	})
}

// TestLoginGraceByDatagrams ends a conversation that nobody logs in to.
func TestLoginGraceByDatagrams(t *testing.T) {
	play(t, func(s *stage) {
		c := s.client().begin()
		c.want("username exists", "yoda")
		time.Sleep(time.Minute + time.Second)
		c.want("", "guess")
	})
}

// TestConversationsPassTheGate as connections do: here a source may have two. Those that do
// not pass take no place.
func TestConversationsPassTheGate(t *testing.T) {
	g, err := gate.New(gate.Config{
		Connections: 100, PerSource: 2, StartupsPerSource: 1, Tries: 6, Startups: gate.Startups{Start: 100, Rate: 100, Full: 100},
		IPv4Bits: 32, IPv6Bits: 64,
		Logger: slog.New(slog.DiscardHandler), Clock: time.Now, Random: func(int) int { return 0 },
	})
	if err != nil {
		t.Fatal(err)
	}
	play(t, func(s *stage) {
		first := s.client().begin()
		s.As("yoda")
		first.want("username exists", "yoda")
		first.want("OK", forumtest.Password("yoda"))
		second := s.client().begin()
		second.want("username exists", "yoda")
		for range maxConversations {
			s.client().begin().want("", "luke")
		}
		first.want("", "XIT")
		synctest.Wait()
		s.client().begin().want("username exists", "yoda")
	}, func(c *legacy.Config) { c.Gate = g })
}

// TestExitIsAnswered: XIT is answered at once, and not only when the client repeats it.
func TestExitIsAnswered(t *testing.T) {
	play(t, func(s *stage) {
		c := s.login(s.client(), "yoda")
		c.send(c.request(3, "XIT"))
		c.send(c.request(4, "LST"))
		for _, want := range []string{"3 ", "4 "} {
			if got := c.receive(time.Now().Add(time.Second)); got != want {
				t.Errorf("%q came; want %q", got, want)
			}
		}
		synctest.Wait()
		if s.here("yoda") {
			t.Error("yoda is still here")
		}
	})
}

// TestServeWaitsForConversations keeps the port open until the server has ended them.
func TestServeWaitsForConversations(t *testing.T) {
	play(t, func(s *stage) {
		port := s.net.listen(s.t)
		u := newUDP(s.door.Server, s.udp.log, s.net.listen(s.t), port, maxConversations)
		ctx, stop := context.WithCancel(context.Background())
		served := make(chan error, 1)
		go func() { served <- u.Serve(ctx) }()
		s.login(newClient(s.t, s.net.listen(s.t), port.LocalAddr()), "yoda")
		stop()
		synctest.Wait()
		select {
		case err := <-served:
			t.Errorf("Serve returned %v before", err)
		default:
		}
		s.door.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

// TestStopEndsConversations stops the server during a conversation: the last request is
// answered, and later ones get empty answers.
func TestStopEndsConversations(t *testing.T) {
	play(t, func(s *stage) {
		c := s.login(s.client(), "yoda")
		c.number++
		c.send(c.request(c.number, "MSG lobby hello"))
		synctest.Wait()
		s.door.Stop()
		if got := c.receive(time.Now().Add(time.Second)); got != "3 thread exist" {
			t.Errorf("the answer is %q", got)
		}
		s.door.Close()
		if s.here("yoda") {
			t.Error("the visit did not end")
		}
		c.want("", "LST")
	})
}

func TestClosedAccountByDatagrams(t *testing.T) {
	play(t, func(s *stage) {
		c := s.login(s.client(), "yoda")
		if _, err := s.Service.CloseAccount(s.t.Context(), rules.Operator(), "yoda"); err != nil {
			t.Fatal(err)
		}
		c.want("Your account has been closed.", "MSG lobby hello")
		c.want("", "LST")
	})
}

// TestConversationsFromABannedNetwork end, and no other begins.
func TestConversationsFromABannedNetwork(t *testing.T) {
	var banned atomic.Bool
	g, err := gate.New(gate.Config{
		Connections: 100, PerSource: 100, StartupsPerSource: 100, Tries: 6, Startups: gate.Startups{Start: 100, Rate: 100, Full: 100},
		IPv4Bits: 32, IPv6Bits: 64, Banned: func(netip.Addr) bool { return banned.Load() },
		Logger: slog.New(slog.DiscardHandler), Clock: time.Now, Random: func(int) int { return 0 },
	})
	if err != nil {
		t.Fatal(err)
	}
	play(t, func(s *stage) {
		yoda := s.login(s.client(), "yoda")
		begun := s.client().begin()
		begun.want("username exists", "yoda")
		banned.Store(true)
		g.Evict()
		yoda.want("Your network is banned from this forum.", "LST")
		time.Sleep(time.Second)
		if s.here("yoda") {
			t.Error("yoda is still here")
		}
		begun.want("", "guess")
		s.client().begin().want("", "yoda")
		banned.Store(false)
		s.login(s.client(), "yoda")
	}, func(c *legacy.Config) { c.Gate = g })
}

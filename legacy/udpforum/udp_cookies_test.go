package udpforum

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum/forumtest"
)

// TestNothingWithoutACookie says all kinds of things from addresses that have shown none:
// nothing but cookies is answered, and an address is never sent more than it sent.
func TestNothingWithoutACookie(t *testing.T) {
	play(t, func(s *stage) {
		victim, idle := s.login(s.client(), "yoda"), s.client().begin()
		stolen, unused := victim.cookie, idle.cookie
		before := s.net.traffic(victim.port.LocalAddr())
		hello := helloText + strings.Repeat(" ", helloBytes-len(helloText))
		for _, said := range []string{
			"", " ", "secret", "UDP client send msg!", "HELLO", hello[:helloBytes-1], hello + " ", strings.ToLower(hello),
			"HELLO" + strings.Repeat("\x00", helloBytes-len(helloText)), strings.Repeat(" ", helloBytes),
			unused + " 1 luke", stolen, stolen + " 3 LST", stolen + " 1 yoda", stolen + " 4", strings.Repeat("A", cookieText) + " 1 yoda", " 1 yoda",
			strings.Repeat("x", maxDatagram+100), strings.Repeat("x", 60_000),
		} {
			c := s.client()
			for range 3 {
				c.send(said)
			}
			synctest.Wait()
			if got := s.net.traffic(c.port.LocalAddr()); got.received > 0 {
				t.Errorf("%.60q is answered with %d bytes", said, got.received)
			}
		}
		if got := s.net.traffic(victim.port.LocalAddr()); got != before {
			t.Errorf("what others say with a cookie reaches its owner: %+v, then %+v", before, got)
		}
		c := s.client()
		for range 100 {
			c.send(hello)
		}
		synctest.Wait()
		if got := s.net.traffic(c.port.LocalAddr()); got.received == 0 || got.received > got.sent {
			t.Errorf("%d bytes are answered with %d", got.sent, got.received)
		}
		if got := s.net.traffic(s.hello); got.sent > 0 {
			t.Errorf("the port for hello has sent %d bytes", got.sent)
		}
	})
}

// TestRequestsThatAreNone shows a good cookie with them.
func TestRequestsThatAreNone(t *testing.T) {
	play(t, func(s *stage) {
		c := s.client().begin()
		before := s.net.traffic(c.port.LocalAddr()).received
		for _, rest := range []string{"", " ", " 0 yoda", " 01 yoda", " -1 yoda", " +1 yoda", " 1.0 yoda", " x yoda", "  1 yoda", " 18446744073709551616 yoda", "\n1 yoda"} {
			c.send(c.cookie + rest)
		}
		c.send(c.cookie + " 18446744073709551615 yoda")
		synctest.Wait()
		if got := s.net.traffic(c.port.LocalAddr()).received; got != before {
			t.Errorf("they are answered with %d bytes", got-before)
		}
		c.want("username exists", "yoda")
	})
}

// TestOneCookieOneConversation has a client say hello twice and the first cookie come
// late: each cookie has a conversation of its own.
func TestOneCookieOneConversation(t *testing.T) {
	play(t, func(s *stage) {
		c := s.login(s.client(), "yoda")
		first, number := c.cookie, c.number
		c.number = 0
		s.login(c, "luke")
		c.want("thread exist", "MSG lobby of luke")
		c.cookie, c.number = first, number
		c.want("thread exist", "MSG lobby of yoda")
		if got := s.as("yoda").ask("RDT lobby"); got != "1 luke: of luke\n2 yoda: of yoda\n" {
			t.Error(got)
		}
	})
}

func TestCookiesGrowOld(t *testing.T) {
	play(t, func(s *stage) {
		s.As("yoda")
		c := s.client().begin()
		time.Sleep(cookieLife)
		c.send(c.request(1, "yoda"))
		if got := c.receive(time.Now().Add(time.Second)); got != "" {
			t.Errorf("an old cookie is answered %q", got)
		}
		c = s.client().begin()
		time.Sleep(cookieLife - 2*time.Second)
		c.want("username exists", "yoda")
		time.Sleep(cookieLife)
		c.want("OK", forumtest.Password("yoda"))
	})
}

// TestTooManyConversations fills the table: no more conversations begin, existing ones
// continue, and there is room again after they have ended.
func TestTooManyConversations(t *testing.T) {
	play(t, func(s *stage) {
		var clients []*client
		for range maxConversations {
			clients = append(clients, s.login(s.client(), "yoda"))
		}
		one := s.client().begin()
		one.send(one.request(1, "luke"))
		if got := one.receive(time.Now().Add(time.Second)); got != "" {
			t.Errorf("one more is answered %q", got)
		}
		if log := s.door.Log.String(); !strings.Contains(log, "refusing conversations by UDP") {
			t.Error("the log does not say so")
		}
		for _, c := range clients {
			c.want("The list of active threads:", "LST")
			c.want("", "XIT")
		}
		time.Sleep(cookieLife + time.Second)
		s.login(s.client(), "luke")
	})
}

// TestFullServer shares the limit of connections with TCP.
func TestFullServer(t *testing.T) {
	play(t, func(s *stage) {
		for range maxClients {
			s.connect()
		}
		synctest.Wait()
		s.client().begin().want("", "yoda")
	})
}

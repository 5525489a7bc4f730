package udpforum

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// login logs somebody in by datagrams.
func (s *stage) login(c *client, name string) *client {
	s.t.Helper()
	s.As(name)
	c.begin()
	c.want("username exists", name)
	c.want("OK", forumtest.Password(name))
	return c
}

// texts returns the messages of a thread.
func (s *stage) texts(thread string) (texts []string) {
	s.t.Helper()
	reading, err := s.Service.Read(s.t.Context(), s.As("reader"), thread, rules.Range{})
	if err != nil {
		s.t.Fatal(err)
	}
	for e, err := range reading.Entries {
		if err != nil {
			s.t.Fatal(err)
		}
		texts = append(texts, e.Message.Text)
	}
	return texts
}

// TestPostsThroughALossyNetwork: a thousand posts arrive exactly once and in order although
// datagrams are lost, duplicated and reordered in both directions, whether the client waits for
// each answer or not.
func TestPostsThroughALossyNetwork(t *testing.T) {
	for _, ahead := range []int{1, window / 2, window} {
		t.Run(fmt.Sprintf("%d ahead", ahead), func(t *testing.T) {
			play(t, func(s *stage) {
				s.net.loss, s.net.double, s.net.delay = 0.3, 0.2, 40*time.Millisecond
				c := s.client()
				c.ahead = ahead
				s.login(c, "yoda")
				var requests, want []string
				for i := range 1000 {
					want = append(want, fmt.Sprintf("post %d", i+1))
					requests = append(requests, "MSG lobby "+want[i])
				}
				for i, answer := range c.askAll(requests...) {
					if answer != "thread exist" {
						t.Errorf("post %d is answered %q", i+1, answer)
					}
				}
				if got := s.texts("lobby"); !slices.Equal(got, want) {
					t.Errorf("%d posts arrived, or in another order", len(got))
				}
				if s.net.lost < 500 {
					t.Errorf("only %d datagrams were lost", s.net.lost)
				}
			})
		})
	}
}

// TestConversationByDatagrams has the same conversation as over TCP.
func TestConversationByDatagrams(t *testing.T) {
	play(t, func(s *stage) {
		c := s.client().begin()
		if len(c.cookie) > 32 {
			t.Errorf("a cookie of %d bytes", len(c.cookie))
		}
		for _, line := range []struct{ request, answer string }{
			{"newbie", "username exists"},
			{"pw1", "OK"},
			{"CRT t1", "Thread t1 created"},
			{"MSG t1 hello", "thread exist"},
			{"", "Incorrect input"},
			{strings.Repeat("x", maxRequest+1), "Incorrect input"},
			{"MSG t1 " + strings.Repeat("x", maxRequest-len("MSG t1 ")), "thread exist"},
			{"DLT t1 2", "The message has been deleted"},
			{"DWN t1 1/2 x", "1/2 x does not exist in Thread t1"}, // which is sent as one piece of one
			{"RDT t1", "1 newbie: hello\n"},
			{"LST", "The list of active threads:"},
			{"active threads", "t1\nlobby\n"},
			{"XIT", ""},
			{"LST", ""}, // nobody is there any more
		} {
			c.want(line.answer, line.request)
		}
	})
}

// TestLongAnswersComeInPieces reads an answer of two datagrams, one of which is lost now and
// then.
func TestLongAnswersComeInPieces(t *testing.T) {
	play(t, func(s *stage) {
		c := s.login(s.client(), "yoda")
		for i := range 100 {
			c.want("thread exist", fmt.Sprintf("MSG lobby message number %d", i))
		}
		whole := s.as("yoda").ask("RDT lobby")
		if len(whole) <= maxAnswer {
			t.Fatalf("%d bytes are no long answer", len(whole))
		}
		s.net.loss, s.net.double, s.net.delay = 0.3, 0.3, 40*time.Millisecond
		for range 50 {
			c.want(whole, "RDT lobby")
		}
	})
}

// TestRepeatedRequestIsNotExecutedTwice sends requests again long after their answers: the
// answer is the same while it is kept, and a refusal after that.
func TestRepeatedRequestIsNotExecutedTwice(t *testing.T) {
	play(t, func(s *stage) {
		c := s.login(s.client(), "yoda")
		again := func(number uint64, want string) {
			t.Helper()
			c.send(c.request(number, "MSG lobby something else"))
			if got := c.receive(time.Now().Add(time.Second)); got != want {
				t.Errorf("number %d is answered %q; want %q", number, got, want)
			}
		}
		c.want("Thread t1 created", "CRT t1")
		again(3, "3 Thread t1 created")
		for range window - 1 {
			c.want("thread exist", "MSG t1 hello")
		}
		again(3, "3 Thread t1 created")
		c.want("thread exist", "MSG t1 hello")
		again(3, "3 Incorrect input")
		again(4, "4 thread exist")
		again(1, "1 Incorrect input")
		if got := len(s.texts("t1")) + len(s.texts("lobby")); got != window {
			t.Errorf("there are %d messages; want %d", got, window)
		}
	})
}

// TestNumbersAhead has requests come before those that they follow: as many as the window
// has wait, and the rest is passed over.
func TestNumbersAhead(t *testing.T) {
	play(t, func(s *stage) {
		c := s.login(s.client(), "yoda")
		next := c.number + 1
		for _, ahead := range []uint64{window + 1, window, 2, 1, 1, 0} {
			c.send(c.request(next+ahead, fmt.Sprintf("MSG lobby %d ahead", ahead)))
		}
		synctest.Wait()
		if got, want := s.texts("lobby"), []string{"0 ahead", "1 ahead", "2 ahead"}; !slices.Equal(got, want) {
			t.Errorf("posted are %q; want %q", got, want)
		}
		c.send(c.request(next+3, "LST")) // after which the window has room for what was too far ahead
		for number := next + 4; number < next+window; number++ {
			c.send(c.request(number, "LST"))
		}
		synctest.Wait()
		if got := s.texts("lobby"); len(got) != 3 {
			t.Errorf("posted are %q", got)
		}
	})
}

// listenUDP opens the door on real ports next to one of TCP.
func (s *stage) listenUDP() (at *net.TCPAddr, udp *UDP) {
	s.t.Helper()
	for range 100 { // until the ports next to a free one are free too
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			s.t.Fatal(err)
		}
		at := ln.Addr().(*net.TCPAddr)
		udp, err := Dialect{}.ListenUDP(s.door.Server, s.udp.log, at, maxConversations)
		if err == nil {
			s.t.Cleanup(func() { _ = ln.Close() })
			s.serve(udp)
			return at, udp
		}
		_ = ln.Close()
	}
	s.t.Fatal("no ports are free")
	return nil, nil
}

// TestPortsOfThisMachine has the same door on real sockets.
func TestPortsOfThisMachine(t *testing.T) {
	s := newStage(t)
	at, udp := s.listenUDP()
	port, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer port.Close()
	for _, to := range []net.Addr{&net.UDPAddr{IP: at.IP, Port: at.Port - 1}, udp.door.LocalAddr()} { // as the old clients do
		if _, err := port.WriteTo([]byte("UDP client send msg!"), to); err != nil {
			t.Fatal(err)
		}
	}
	c := s.login(newClient(t, port, udp.door.LocalAddr()), "yoda")
	for i := range 100 {
		c.want("thread exist", fmt.Sprintf("MSG lobby post %d", i+1))
	}
	if got := s.texts("lobby"); len(got) != 100 {
		t.Errorf("%d posts arrived", len(got))
	}
	if _, err := (Dialect{}).ListenUDP(s.door.Server, s.udp.log, at, maxConversations); err == nil {
		t.Error("the ports can be opened twice")
	}
}

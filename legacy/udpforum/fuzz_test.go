package udpforum

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/legacy/legacytest"
)

// FuzzConversation sends requests, one a line, to a door: the server takes them without a
// panic or a fault of its own, each has one reply that fits one read, and the connection
// ends.
func FuzzConversation(f *testing.F) {
	f.Add([]byte(strings.Join(legacytest.Typed(legacytest.Session(f)), "\n")), false)
	f.Fuzz(func(t *testing.T, said []byte, loggedIn bool) {
		play(t, func(s *stage) {
			p := s.connect()
			if loggedIn {
				p = s.as("yoda")
			}
			for request := range bytes.SplitSeq(said, []byte("\n")) {
				if len(request) == 0 {
					continue
				}
				if _, err := p.Write(request); err != nil {
					break
				}
				reply := p.RecvWithin(time.Second)
				if reply == "" && !bytes.Equal(bytes.TrimSpace(request), []byte("XIT")) {
					s.t.Fatalf("%q has no reply", request)
				}
				if reply == "" || len(request) > maxLogin {
					break
				}
			}
			_ = p.CloseWrite()
			_, _ = io.Copy(io.Discard, p)
			s.door.Sound()
		})
	})
}

// FuzzDatagrams sends datagrams, one a line, in which % stands for a valid cookie, from two
// addresses in turn. The server must not panic, must execute no number twice, and must send no
// more bytes than it got to an address without a cookie.
func FuzzDatagrams(f *testing.F) {
	var session strings.Builder
	for i, request := range legacytest.Typed(legacytest.Session(f)) {
		fmt.Fprintf(&session, "%% %d %s\n", i+1, request)
	}
	f.Add([]byte(session.String()))
	f.Fuzz(func(t *testing.T, said []byte) {
		play(t, func(s *stage) {
			s.As("yoda")
			shows, stranger := s.client().begin(), s.client()
			asked := make(map[uint64]bool)
			for i, said := range slices.Collect(bytes.SplitSeq(said, []byte("\n"))) {
				c := shows
				if i%2 == 1 && !bytes.HasPrefix(said, []byte("%")) {
					c = stranger
				}
				sent := strings.ReplaceAll(string(said), "%", shows.cookie)
				if _, number, _, ok := parseRequest(sent); ok && c == shows {
					asked[number] = true
				}
				c.send(sent)
				synctest.Wait()
			}
			if got := s.net.traffic(stranger.port.LocalAddr()); got.received > got.sent {
				s.t.Errorf("a stranger sent %d bytes and was sent %d", got.sent, got.received)
			}
			for d := shows.receive(time.Now()); d != ""; d = shows.receive(time.Now()) {
				digits, _, _ := strings.Cut(d, " ")
				if _, err := strconv.ParseUint(digits, 10, 64); len(d) > maxAnswer || err != nil && len(d) != cookieText {
					s.t.Errorf("an answer of %d bytes: %.60q", len(d), d)
				}
			}
			if got := s.texts("lobby"); len(got) > len(asked) {
				s.t.Errorf("%d numbers were used, and %d posts made", len(asked), len(got))
			}
			s.door.Sound()
		})
	})
}

// FuzzHeader takes datagrams apart and puts answers together.
func FuzzHeader(f *testing.F) {
	for _, seed := range []string{
		strings.Repeat("A", cookieText) + " 1 text", "", " ", "A 0 x", "A 18446744073709551616 x", "A 1", "A 1 ", "A  1 x",
		helloText + strings.Repeat(" ", helloBytes-len(helloText)), "A 7 1/2 x", "A 18446744073709551615 " + strings.Repeat("x", 2500),
	} {
		f.Add(seed)
	}
	bakery := newBaker()
	f.Fuzz(func(t *testing.T, said string) {
		if _, ok := bakery.check(said, "192.0.2.7:1024"); ok {
			t.Error("a cookie is guessed")
		}
		cookie, number, text, ok := parseRequest(said)
		if !ok {
			return
		}
		if whole := fmt.Sprintf("%s %d %s", cookie, number, text); whole != said && strings.TrimSuffix(whole, " ") != said && len(text) > 0 {
			t.Errorf("%q is taken apart as %q", said, whole)
		}
		x := exchange{pieces: make(map[int]string)}
		for _, d := range answer(number, text) {
			digits, rest, _ := strings.Cut(d, " ")
			if len(d) > maxAnswer || digits != strconv.FormatUint(number, 10) {
				t.Errorf("an answer of %d bytes: %.60q", len(d), d)
			}
			x.take(rest)
		}
		if x.answer == nil || *x.answer != text {
			t.Errorf("%q comes as something else", text)
		}
	})
}

package udpforum

import (
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// client converses by datagrams. It asks again until it has an answer.
type client struct {
	t      testing.TB
	port   net.PacketConn
	door   net.Addr
	cookie string
	number uint64 // of the last request

	ahead int           // requests that may be without an answer at a time
	retry time.Duration // until one is sent again
}

const (
	cookiePatience = 40  // hellos
	patience       = 200 // times that one request is sent
)

func newClient(t testing.TB, port net.PacketConn, door net.Addr) *client {
	return &client{t: t, port: port, door: door, ahead: 1, retry: 60 * time.Millisecond}
}

func (s *stage) client() *client { return newClient(s.t, s.net.listen(s.t), s.addr) }

func (c *client) send(datagram string) {
	c.t.Helper()
	if _, err := c.port.WriteTo([]byte(datagram), c.door); err != nil {
		c.t.Fatal(err)
	}
}

// receive returns the next datagram that comes before a time, or "".
func (c *client) receive(before time.Time) string {
	c.t.Helper()
	_ = c.port.SetReadDeadline(before)
	buffer := make([]byte, 64<<10)
	n, _, err := c.port.ReadFrom(buffer)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		c.t.Fatal(err)
	}
	if n > maxAnswer {
		c.t.Errorf("a datagram of %d bytes came", n)
	}
	return string(buffer[:n])
}

// begin asks for a cookie.
func (c *client) begin() *client {
	c.t.Helper()
	hello := helloText + strings.Repeat(" ", helloBytes-len(helloText))
	for range cookiePatience {
		c.send(hello)
		if c.cookie = c.receive(time.Now().Add(c.retry)); c.cookie != "" {
			return c
		}
	}
	c.t.Fatal("no cookie comes")
	return nil
}

func (c *client) request(number uint64, text string) string {
	return c.cookie + " " + strconv.FormatUint(number, 10) + " " + text
}

func (c *client) ask(text string) string {
	c.t.Helper()
	return c.askAll(text)[0]
}

func (c *client) want(answer, text string) {
	c.t.Helper()
	if got := c.ask(text); got != answer {
		c.t.Fatalf("the answer to %.60q is %q; want %q", text, got, answer)
	}
}

// exchange is one request on its way.
type exchange struct {
	text   string
	sent   time.Time
	times  int
	pieces map[int]string
	answer *string
}

// askAll keeps as many requests on their way as the client sends ahead.
func (c *client) askAll(texts ...string) (answers []string) {
	c.t.Helper()
	asked := make([]exchange, len(texts))
	for i, text := range texts {
		asked[i] = exchange{text: text, pieces: make(map[int]string)}
	}
	first := c.number + 1
	c.number += uint64(len(texts))
	for done := 0; done < len(asked); {
		for i := done; i < min(done+c.ahead, len(asked)); i++ {
			if x := &asked[i]; x.answer == nil && time.Since(x.sent) >= c.retry {
				if x.sent, x.times = time.Now(), x.times+1; x.times > patience {
					c.t.Fatalf("no answer to %.60q comes", x.text)
				}
				c.send(c.request(first+uint64(i), x.text))
			}
		}
		number, text := c.parse(c.receive(time.Now().Add(c.retry / 4)))
		if number >= first && number < first+uint64(len(asked)) {
			asked[number-first].take(text)
		}
		for done < len(asked) && asked[done].answer != nil {
			answers = append(answers, *asked[done].answer)
			done++
		}
	}
	return answers
}

func (c *client) parse(datagram string) (number uint64, text string) {
	digits, text, _ := strings.Cut(datagram, " ")
	number, _ = strconv.ParseUint(digits, 10, 64)
	return number, text
}

// take puts an answer together.
func (x *exchange) take(text string) {
	if x.answer != nil {
		return
	}
	if !likePiece.MatchString(text) {
		x.answer = &text
		return
	}
	head, piece, _ := strings.Cut(text, " ")
	which, of, _ := strings.Cut(head, "/")
	i, _ := strconv.Atoi(which)
	pieces, _ := strconv.Atoi(of)
	x.pieces[i] = piece
	if len(x.pieces) == pieces {
		var whole strings.Builder
		for i := range pieces {
			whole.WriteString(x.pieces[i+1])
		}
		answer := whole.String()
		x.answer = &answer
	}
}

// Package oldclient has old programs as clients of a server that runs, many at once.
package oldclient

import (
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"sshforum/e2e"
	"sshforum/forum/forumtest"
)

// Program is one of the programs that the doors are for.
type Program struct {
	Door  string
	enter func(c *Client) error // until it can ask
}

// Programs are all of them.
var Programs = []Program{
	{
		"udpforum",
		func(c *Client) error {
			return c.Dialogue("username exists", c.Name, "OK", forumtest.Password(c.Name))
		},
	}, {
		"jsonforum",
		func(c *Client) error {
			return c.Dialogue("PWD", fmt.Sprintf(`{"type": "login-N", "username": %q}`, c.Name),
				"Y", fmt.Sprintf(`{"type": "login-P", "password": %q}`, forumtest.Password(c.Name)))
		},
	}, {
		"textchat",
		func(c *Client) error {
			return c.Dialogue("Please enter a name: ", "", "Your name is set as: guest-"+c.Name, "guest-"+c.Name)
		},
	}, {
		"picklechat",
		func(c *Client) error {
			return c.Dialogue(PickleReply("", "Successfully connected to server"), "",
				PickleReply("LOGIN-A", ""), PickleRequest("LOGIN", c.Name+" "+forumtest.Password(c.Name)))
		},
	}, {
		"jsonchat",
		func(c *Client) error {
			return c.Dialogue(`{"action":"login","status":"SUCCESS"}`,
				fmt.Sprintf(`{"action": "login", "username": %q, "password": %q, "private_port": 40001}`, c.Name, forumtest.Password(c.Name)))
		},
	},
}

// PickleRequest is what a client of picklechat sends, in full: a short pickle of protocol 4.
func PickleRequest(kind, body string) string {
	text := func(s string) string { return "\x8c" + string([]byte{byte(len(s))}) + s + "\x94" }
	return "\x80\x04}\x94(" + text("type") + text(kind) + text("body") + text(body) + "u."
}

// PickleReply is what the server of picklechat sends, in full.
func PickleReply(kind, body string) string {
	text := func(s string) string { return fmt.Sprintf("X%c\x00\x00\x00%s", len(s), s) }
	return "\x80\x02}(" + text("type") + text(kind) + text("body") + text(body) + "u."
}

// Client is a client on a machine that may be too busy for it to receive each message
// alone, as those programs need it. That they can is for the tests of the doors.
type Client struct {
	net.Conn
	Name string
}

// EnterAt connects a client to a door and logs it in.
func (p Program) EnterAt(server *e2e.Server, name string) (*Client, error) {
	conn, err := net.DialTimeout("tcp", server.Doors[p.Door], e2e.Patience)
	if err != nil {
		return nil, err
	}
	return p.EnterOn(conn, name)
}

// EnterOn logs a client in on a connection.
func (p Program) EnterOn(conn net.Conn, name string) (*Client, error) {
	c := &Client{conn, name}
	if err := p.enter(c); err != nil {
		return nil, fmt.Errorf("%s enters: %w", name, err)
	}
	return c, nil
}

// Recv returns what is received next.
func (c *Client) Recv() (string, error) {
	_ = c.SetDeadline(time.Now().Add(e2e.Patience))
	buffer := make([]byte, 2048)
	n, err := c.Read(buffer)
	return string(buffer[:n]), err
}

// Ask sends a request and returns what is received next.
func (c *Client) Ask(request string) (reply string, err error) {
	if request != "" {
		if _, err := c.Write([]byte(request)); err != nil {
			return "", err
		}
	}
	return c.Recv()
}

// Dialogue has pairs of a reply and the request that it must answer; "" for what comes
// unasked.
func (c *Client) Dialogue(pairs ...string) error {
	for pair := range slices.Chunk(pairs, 2) {
		if _, err := io.WriteString(c, pair[1]); err != nil {
			return err
		}
		_ = c.SetDeadline(time.Now().Add(e2e.Patience))
		got := make([]byte, len(pair[0]))
		n, err := io.ReadFull(c, got)
		if err != nil || string(got) != pair[0] {
			return fmt.Errorf("%q is answered %q, %v; want %q", pair[1], got[:n], err, pair[0])
		}
	}
	return nil
}

package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sshforum/forum/forumtest"
)

// oldPeople is how many clients of each old program come at once.
const oldPeople = 200

// startWithDoors starts a server whose doors are all open to so many clients each, for
// people person0 and so on.
func startWithDoors(t testing.TB, people int) (server *running, dir string) {
	t.Helper()
	dir = t.TempDir()
	var credentials strings.Builder
	for i := range people {
		fmt.Fprintf(&credentials, "%s %s\n", oldName(i), forumtest.Password(oldName(i)))
	}
	if err := os.WriteFile(filepath.Join(dir, "credentials"), []byte(credentials.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{
		"--auth-import-credentials=credentials", "--ssh-max-startups=2000:100:2000", "--limits-connections=2000",
		"--legacy-textchat-max-clients=" + fmt.Sprint(oldPeople), "--legacy-picklechat-thread=board",
	}
	for _, p := range oldPrograms {
		args = append(args, "--legacy-"+p.door+"-enabled=true", "--legacy-"+p.door+"-listen=127.0.0.1:0")
	}
	cmd := exec.Command("sshforum", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), testSettings...)
	server, err := startServer(cmd)
	if err != nil {
		t.Fatal(err)
	}
	return server, dir
}

func oldName(i int) string { return fmt.Sprintf("person%d", i) }

// oldProgram is one of the programs that the doors are for.
type oldProgram struct {
	door  string
	enter func(c *oldClient) error // until it can ask
}

var oldPrograms = []oldProgram{
	{
		"udpforum",
		func(c *oldClient) error {
			return c.dialogue("username exists", c.name, "OK", forumtest.Password(c.name))
		},
	}, {
		"jsonforum",
		func(c *oldClient) error {
			return c.dialogue("PWD", fmt.Sprintf(`{"type": "login-N", "username": %q}`, c.name),
				"Y", fmt.Sprintf(`{"type": "login-P", "password": %q}`, forumtest.Password(c.name)))
		},
	}, {
		"textchat",
		func(c *oldClient) error {
			return c.dialogue("Please enter a name: ", "", "Your name is set as: guest-"+c.name, "guest-"+c.name)
		},
	}, {
		"picklechat",
		func(c *oldClient) error {
			return c.dialogue(oldPickle("", "Successfully connected to server"), "",
				oldPickle("LOGIN-A", ""), dict("LOGIN", c.name+" "+forumtest.Password(c.name)))
		},
	}, {
		"jsonchat",
		func(c *oldClient) error {
			return c.dialogue(`{"action":"login","status":"SUCCESS"}`,
				fmt.Sprintf(`{"action": "login", "username": %q, "password": %q, "private_port": 40001}`, c.name, forumtest.Password(c.name)))
		},
	},
}

// oldPickle is what the server sends, in full.
func oldPickle(kind, body string) string {
	text := func(s string) string { return fmt.Sprintf("X%c\x00\x00\x00%s", len(s), s) }
	return "\x80\x02}(" + text("type") + text(kind) + text("body") + text(body) + "u."
}

// oldClient is a client on a machine that may be too busy for it to receive each message
// alone, as those programs need it. That they can is for the tests of the doors.
type oldClient struct {
	net.Conn
	name string
}

// enterAt connects a client to a door and logs it in.
func (p oldProgram) enterAt(server *running, name string) (*oldClient, error) {
	conn, err := net.DialTimeout("tcp", server.doors[p.door], patience)
	if err != nil {
		return nil, err
	}
	return p.enterOn(conn, name)
}

func (p oldProgram) enterOn(conn net.Conn, name string) (*oldClient, error) {
	c := &oldClient{conn, name}
	if err := p.enter(c); err != nil {
		return nil, fmt.Errorf("%s enters: %w", name, err)
	}
	return c, nil
}

func (c *oldClient) recv() (string, error) {
	_ = c.SetDeadline(time.Now().Add(patience))
	buffer := make([]byte, 2048)
	n, err := c.Read(buffer)
	return string(buffer[:n]), err
}

// ask sends a request and returns what is received next.
func (c *oldClient) ask(request string) (reply string, err error) {
	if request != "" {
		if _, err := c.Write([]byte(request)); err != nil {
			return "", err
		}
	}
	return c.recv()
}

// dialogue has pairs of a reply and the request that it must answer; "" for what comes
// unasked.
func (c *oldClient) dialogue(pairs ...string) error {
	for pair := range slices.Chunk(pairs, 2) {
		if _, err := io.WriteString(c, pair[1]); err != nil {
			return err
		}
		_ = c.SetDeadline(time.Now().Add(patience))
		got := make([]byte, len(pair[0]))
		n, err := io.ReadFull(c, got)
		if err != nil || string(got) != pair[0] {
			return fmt.Errorf("%q is answered %q, %v; want %q", pair[1], got[:n], err, pair[0])
		}
	}
	return nil
}

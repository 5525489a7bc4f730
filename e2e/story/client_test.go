package story

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"

	"sshforum/e2e"
)

// connectClient connects an old program to a door.
func (s *story) connectClient(ts *testscript.TestScript, args []string) error {
	if len(args) != 2 || s.clients[args[0]] != nil {
		return errors.New("usage: client NAME DOOR, with another name for each")
	}
	conn, err := net.Dial("tcp", "127.0.0.1:"+ts.Getenv(strings.ToUpper(args[1])))
	if err != nil {
		return err
	}
	if s.clients == nil {
		s.clients = make(map[string]net.Conn)
	}
	s.clients[args[0]] = conn
	return nil
}

func (s *story) client(name string) (net.Conn, error) {
	if conn := s.clients[name]; conn != nil {
		return conn, nil
	}
	return nil, fmt.Errorf("there is no client %s", name)
}

// unquoted returns the text that a story has for bytes, with escapes as in Go.
func unquoted(text string) (string, error) {
	var raw []byte
	for rest := text; rest != ""; {
		r, multibyte, tail, err := strconv.UnquoteChar(rest, 0)
		if err != nil {
			return "", fmt.Errorf("%s: %w", text, err)
		}
		if rest = tail; multibyte {
			raw = utf8.AppendRune(raw, r)
		} else {
			raw = append(raw, byte(r))
		}
	}
	return string(raw), nil
}

// spoken is the client and the text of a line such as: say NAME TEXT. From now on the
// client has time for it.
func (s *story) spoken(args []string) (conn net.Conn, text string, err error) {
	if len(args) != 2 {
		return nil, "", errors.New("usage: NAME TEXT")
	}
	if conn, err = s.client(args[0]); err != nil {
		return nil, "", err
	}
	text, err = unquoted(args[1])
	return conn, text, errors.Join(err, conn.SetDeadline(time.Now().Add(e2e.Patience)))
}

// say has a client send a text.
func (s *story) say(_ *testscript.TestScript, args []string) error {
	conn, text, err := s.spoken(args)
	if err != nil {
		return err
	}
	_, err = io.WriteString(conn, text)
	return err
}

// hear waits until a client has received a text, and fails on any other.
func (s *story) hear(_ *testscript.TestScript, args []string) error {
	conn, text, err := s.spoken(args)
	if err != nil {
		return err
	}
	heard := make([]byte, len(text))
	n, err := io.ReadFull(conn, heard)
	if err != nil || string(heard) != text {
		return fmt.Errorf("%s heard %q, %v", args[0], heard[:n], err)
	}
	return nil
}

// away closes the connection of a client.
func (s *story) away(_ *testscript.TestScript, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: away NAME")
	}
	conn, err := s.client(args[0])
	if err != nil {
		return err
	}
	delete(s.clients, args[0])
	return conn.Close()
}

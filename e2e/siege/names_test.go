//go:build linux

package siege

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"sshforum/e2e/oldclient"
	"sshforum/forum/forumtest"
)

// prober asks an old door about a name, with a password that is wrong.
type prober struct {
	door string
	ask  func(name string) []string
}

var probers = append(proberList(), prober{"picklechat", func(name string) []string {
	return []string{oldclient.PickleRequest("LOGIN", "REGISTER "+name+" long-enough")}
}}, prober{"jsonforum", func(name string) []string {
	return []string{
		fmt.Sprintf(`{"type": "login-N", "username": %q}`, name), `{"type": "login-NP", "password": "long-enough"}`,
	}
}})

func proberList() (all []prober) {
	for _, door := range []string{"udpforum", "jsonforum", "jsonchat", "picklechat"} {
		all = append(all, prober{door, sprayers[door].try})
	}
	return all
}

// TestClosedDoorsTellNoNames: where nobody can register, names that have an account, had
// one, have one that is here now, or have none get the same answers, to the end.
func TestClosedDoorsTellNoNames(t *testing.T) {
	t.Parallel()
	for _, p := range probers {
		t.Run(p.door, func(t *testing.T) {
			t.Parallel()
			s := startWithOldDoors(t)
			here := &oldclient.Client{Conn: s.dial(t, "jsonforum")}
			if err := here.Dialogue("PWD", `{"type": "login-N", "username": "yoda"}`,
				"Y", fmt.Sprintf(`{"type": "login-P", "password": %q}`, forumtest.Password("yoda"))); err != nil {
				t.Fatal(err)
			}
			s.operate(t, forumtest.Password("gone"), "user", "add", "gone")
			s.operate(t, "", "user", "remove", "gone")
			s.operate(t, forumtest.Password("away"), "user", "add", "away")
			want := s.probe(t, p, "nobody")
			for _, name := range []string{"gone", "away", "yoda", "root", strings.Repeat("x", 100)} {
				if got := s.probe(t, p, name); !slices.Equal(got, want) {
					t.Errorf("%.20s is answered %q; nobody is answered %q", name, got, want)
				}
			}
		})
	}
}

// probe asks until the server has enough, and returns the answers.
func (s *besieged) probe(t *testing.T, p prober, name string) (answers []string) {
	t.Helper()
	c := &oldclient.Client{Conn: s.dial(t, p.door)}
	if p.door == "picklechat" {
		if _, err := c.Ask(""); err != nil {
			t.Fatal(err)
		}
	}
	for range 7 {
		for _, request := range p.ask(name) {
			answer, err := c.Ask(request)
			if err != nil {
				return answers
			}
			answers = append(answers, answer)
		}
	}
	return answers
}

func (s *besieged) dial(t *testing.T, door string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.Doors[door])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

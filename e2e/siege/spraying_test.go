//go:build linux

package siege

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/e2e"
	"sshforum/e2e/oldclient"
	"sshforum/forum/forumtest"
)

// sprayer is how a guesser tries to come in by an old door.
type sprayer struct {
	greeted bool                               // by the server, first
	try     func(name string) (asked []string) // the requests of one try
	wrong   []string                           // the answer to the last of them begins with one of these
}

var sprayers = map[string]sprayer{
	"udpforum": {false, func(name string) []string { return []string{name, "guess"} }, []string{"password incorrect"}},
	"jsonforum": {false, func(name string) []string {
		return []string{fmt.Sprintf(`{"type": "login-N", "username": %q}`, name), `{"type": "login-P", "password": "guess"}`}
	}, []string{"N"}},
	"jsonchat": {false, func(name string) []string {
		return []string{fmt.Sprintf(`{"action": "login", "username": %q, "password": "guess", "private_port": 1}`, name)}
	}, []string{`{"action":"login","status":"USERNAME_NOT_EXIST"}`, `{"action":"login","status":"INVALID_PASSWORD"}`}},
	"picklechat": {true, func(name string) []string { return []string{oldclient.PickleRequest("LOGIN", name+" guess")} },
		[]string{oldclient.PickleReply("LOGIN-N", ""), oldclient.PickleReply("LOGIN-F", "")}},
	"textchat": {true, func(string) []string { return []string{"yoda"} },
		[]string{"The name yoda is taken; choose another.\nPlease enter a name: "}},
}

// spray tries to come in under one name after the other until the server has enough, and
// returns how often it was told that it was wrong. On a busy machine the last answer may be
// received together with what the server says before it hangs up.
func (s sprayer) spray(t *testing.T, conn net.Conn, names string) (wrong int) {
	t.Helper()
	defer conn.Close()
	stuck := time.AfterFunc(e2e.Patience, func() { _ = conn.Close() })
	defer stuck.Stop()
	c := &oldclient.Client{Conn: conn}
	if s.greeted {
		if _, err := c.Ask(""); err != nil {
			t.Errorf("no greeting: %v", err)
		}
	}
	for ; wrong < 20; wrong++ {
		answer := ""
		for _, request := range s.try(fmt.Sprint(names, wrong)) {
			var err error
			if answer, err = c.Ask(request); err != nil {
				return wrong
			}
		}
		if !slices.ContainsFunc(s.wrong, func(w string) bool { return strings.HasPrefix(answer, w) }) {
			return wrong
		}
	}
	return wrong
}

// startWithOldDoors starts a server where nobody can register, with every door open.
func startWithOldDoors(t *testing.T, settings ...string) *besieged {
	t.Helper()
	settings = append(settings, "SSHFORUM_AUTH_REGISTRATION=closed", "SSHFORUM_AUTH_ARGON2_MEMORY_KIB=1024")
	for door := range sprayers {
		name := "SSHFORUM_LEGACY_" + strings.ToUpper(door)
		settings = append(settings, name+"_ENABLED=true", name+"_LISTEN=127.0.0.1:0")
	}
	return startBesieged(t, settings...)
}

// TestTriesOfAConnection are six, at every door.
func TestTriesOfAConnection(t *testing.T) {
	t.Parallel()
	s := startWithOldDoors(t)
	for door, guesser := range sprayers {
		conn, err := net.Dial("tcp", s.Doors[door])
		if err != nil {
			t.Fatal(err)
		}
		if wrong := guesser.spray(t, conn, door); wrong != 6 {
			t.Errorf("%s: %d tries, want 6", door, wrong)
		}
	}
}

// TestTriesThroughTunnels are those of the SSH connection, and its source has the penalty.
func TestTriesThroughTunnels(t *testing.T) {
	t.Parallel()
	s := startWithOldDoors(t, "SSHFORUM_SSH_PENALTIES_AUTHFAIL=1m")
	for n, door := range []string{"udpforum", "jsonforum", "jsonchat", "picklechat"} {
		source := fmt.Sprintf("127.0.1.%d", n)
		_, port, _ := net.SplitHostPort(s.Doors[door])
		through := s.enter(t, source, "yoda", forumtest.Password("yoda"))
		conn, err := through.Dial("tcp", "legacy:"+port)
		if err != nil {
			t.Fatal(err)
		}
		if wrong := sprayers[door].spray(t, conn, door); wrong != 6 {
			t.Errorf("%s: %d tries, want 6", door, wrong)
		}
		if _, err := through.Dial("tcp", "legacy:"+port); err == nil || !strings.Contains(err.Error(), "too many logins failed") {
			t.Errorf("%s: another tunnel: %v", door, err)
		}
		s.waitForLog(t, "network="+source+"/32 reason=authfail")
		if err := s.login(source, "yoda", forumtest.Password("yoda")); err == nil {
			t.Errorf("%s: the source has no penalty", door)
		}
	}
}

// enter is login for who stays.
func (s *besieged) enter(t *testing.T, source, name, password string) *gossh.Client {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}, Timeout: e2e.Patience}
	conn, err := dialer.Dial("tcp", "127.0.0.1:"+s.Port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	ssh, channels, requests, err := gossh.NewClientConn(conn, "", &gossh.ClientConfig{
		User: name, Auth: []gossh.AuthMethod{gossh.Password(password)}, HostKeyCallback: gossh.InsecureIgnoreHostKey(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return gossh.NewClient(ssh, channels, requests)
}

// waitForLog waits until the server has logged text.
func (s *besieged) waitForLog(t *testing.T, text string) {
	t.Helper()
	for deadline := time.Now().Add(e2e.Patience); ; time.Sleep(10 * time.Millisecond) {
		log, err := os.ReadFile(filepath.Join(s.dir, "server.log"))
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("the log does not say %q: %v", text, err)
		}
		if strings.Contains(string(log), text) {
			return
		}
	}
}

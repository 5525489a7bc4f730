//go:build linux

package siege

import (
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"sshforum/e2e"
	"sshforum/forum/forumtest"
)

// knownTo is a server where yoda and boss have logged in before, from 127.0.0.2 and 127.0.0.3.
func knownTo(t *testing.T, settings ...string) (s *besieged, come func(source, name string) error) {
	t.Helper()
	s = startBesieged(t, settings...)
	s.operate(t, forumtest.Password("boss"), "user", "add", "boss", "--role", "admin")
	come = func(source, name string) error { return s.login(source, name, forumtest.Password(name)) }
	if err := errors.Join(come("127.0.0.2", "yoda"), come("127.0.0.3", "boss"), come("127.0.0.4", "yoda")); err != nil {
		t.Fatal(err)
	}
	return s, come
}

// TestHalfOpenConnectionsLeaveRoom: those from two addresses cost strangers a third of
// their tries, and those none whose address somebody has logged in from.
func TestHalfOpenConnectionsLeaveRoom(t *testing.T) {
	t.Parallel()
	s, come := knownTo(t)
	for n := range 16 {
		for !s.halfOpen(t, fmt.Sprint("127.0.1.", 1+n/8)) {
		}
	}
	for range 40 {
		if err := errors.Join(come("127.0.0.2", "yoda"), come("127.0.0.3", "boss")); err != nil {
			t.Error(err)
		}
	}
}

// TestReservedPlacesRunOut for those who are known, be it by the fault of one, before those
// of admins do.
func TestReservedPlacesRunOut(t *testing.T) {
	t.Parallel()
	s, come := knownTo(t, "SSHFORUM_SSH_MAX_STARTUPS=8", "SSHFORUM_SSH_STARTUPS_FOR_KNOWN=8")
	fill := func(source string) {
		t.Helper()
		for range 8 {
			if !s.halfOpen(t, source) {
				t.Errorf("%s is not heard", source)
			}
		}
	}
	fill("127.0.1.1")
	if come("127.0.0.5", "yoda") == nil {
		t.Error("a stranger came in where all places are taken")
	}
	if err := come("127.0.0.2", "yoda"); err != nil {
		t.Error(err)
	}
	fill("127.0.0.4")
	if come("127.0.0.2", "yoda") == nil {
		t.Error("somebody came in where all places of those who are known are taken")
	}
	if err := come("127.0.0.3", "boss"); err != nil {
		t.Error(err)
	}
}

// halfOpen opens a connection that never logs in, and reports whether it is heard.
func (s *besieged) halfOpen(t *testing.T, source string) bool {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}, Timeout: e2e.Patience}
	conn, err := dialer.Dial("tcp", "127.0.0.1:"+s.Port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(e2e.Patience))
	said := make([]byte, 4)
	if _, err := io.ReadFull(conn, said); err != nil {
		t.Fatal(err)
	}
	return string(said) == "SSH-"
}

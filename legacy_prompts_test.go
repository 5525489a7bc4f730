//go:build linux

package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPromptsKeepNobodyOut has clients of every old program left at their prompts, on this
// machine, and go away again: whoever else comes is let in, by each door and by ssh.
func TestPromptsKeepNobodyOut(t *testing.T) {
	const atEachDoor, logins = 50, 3
	settings := byDefault(t, "LIMITS_CONNECTIONS", "SSH_STARTUPS_PER_SOURCE", "SSH_PER_SOURCE", "LEGACY_LOGIN_GRACE")
	for _, p := range oldPrograms {
		door := envPrefix + "LEGACY_" + strings.ToUpper(p.door)
		settings = append(settings, door+"_ENABLED=true", door+"_LISTEN=127.0.0.1:0")
	}
	s := startBesieged(t, settings...)
	enter := func() {
		t.Helper()
		for range logins {
			for _, p := range oldPrograms {
				c, err := p.enterAt(s.running, "yoda")
				if err != nil {
					t.Fatalf("%s: %v", p.door, err)
				}
				_ = c.Close()
			}
			client, err := dialSSH(s.running, "yoda")
			if err != nil {
				t.Fatal(err)
			}
			_ = client.Close()
		}
	}
	var waiting []net.Conn
	for range atEachDoor {
		for _, p := range oldPrograms {
			conn, err := net.Dial("tcp", s.doors[p.door])
			if err != nil {
				t.Fatal(err)
			}
			waiting = append(waiting, conn)
		}
	}
	enter()
	for _, conn := range waiting {
		_ = conn.Close()
	}
	enter()
	log, err := os.ReadFile(filepath.Join(s.dir, "server.log"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(log)) {
		warns := strings.Contains(line, "level=WARN") && !strings.Contains(line, "host keys were made anew")
		if warns || strings.Contains(line, "refused") {
			t.Errorf("the log says: %s", line)
		}
	}
	if n := strings.Count(string(log), "msg=login "); n < 2*logins*len(oldPrograms) {
		t.Error(fmt.Sprint("the log has only ", n, " logins"))
	}
}

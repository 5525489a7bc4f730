//go:build linux

package siege

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sshforum/e2e/oldclient"
)

// TestPromptsKeepNobodyOut has clients of every old program left at their prompts, on this
// machine, and go away again: whoever else comes is let in, by each door and by ssh.
func TestPromptsKeepNobodyOut(t *testing.T) {
	t.Parallel()
	const atEachDoor, logins = 50, 3
	var settings []string
	for _, p := range oldclient.Programs {
		door := "SSHFORUM_LEGACY_" + strings.ToUpper(p.Door)
		settings = append(settings, door+"_ENABLED=true", door+"_LISTEN=127.0.0.1:0")
	}
	s := startBesieged(t, settings...)
	enter := func() {
		t.Helper()
		for range logins {
			for _, p := range oldclient.Programs {
				c, err := p.EnterAt(s.Server, "yoda")
				if err != nil {
					t.Fatalf("%s: %v", p.Door, err)
				}
				_ = c.Close()
			}
			client, err := s.Dial("yoda")
			if err != nil {
				t.Fatal(err)
			}
			_ = client.Close()
		}
	}
	var waiting []net.Conn
	for range atEachDoor {
		for _, p := range oldclient.Programs {
			conn, err := net.Dial("tcp", s.Doors[p.Door])
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
		if strings.Contains(line, "level=WARN") || strings.Contains(line, "refused") {
			t.Errorf("the log says: %s", line)
		}
	}
	if n := strings.Count(string(log), "msg=login "); n < 2*logins*len(oldclient.Programs) {
		t.Error(fmt.Sprint("the log has only ", n, " logins"))
	}
}

package story

import (
	"bufio"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sshforum/e2e"
)

// A server whose terminal is closed goes on, and stops as any other. The kernel sends it
// SIGHUP, and it cannot write its log any more.
func TestClosedTerminal(t *testing.T) {
	t.Parallel()
	cmd := e2e.Command(e2e.Dir(t))
	term, err := e2e.OpenTerminal(cmd, filepath.Join(cmd.Dir, "record"))
	if err != nil {
		t.Fatal(err)
	}
	defer term.Close()
	if err := term.Expect("To enter: ssh -p "); err != nil {
		t.Fatal(err)
	}
	if err := term.Expect(" yoda@localhost"); err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(term.Text(), "To enter: ssh -p ")
	port = strings.Fields(port)[0]
	if err := term.Screen.Close(); err != nil {
		t.Fatal(err)
	}
	for range 3 { // each is a line of the log
		conn, err := net.DialTimeout("tcp", "127.0.0.1:"+port, e2e.Patience)
		if err != nil {
			t.Fatalf("the server is gone: %v", err)
		}
		_ = conn.SetDeadline(time.Now().Add(e2e.Patience))
		line, err := bufio.NewReader(conn).ReadString('\n')
		if err != nil || !strings.HasPrefix(line, "SSH-2.0-") {
			t.Errorf("the server says %q, %v", line, err)
		}
		_ = conn.Close()
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if status, err := term.Wait(); status != 0 || err != nil {
		t.Errorf("the server ended with %d, %v", status, err)
	}
}

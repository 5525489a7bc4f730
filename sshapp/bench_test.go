package sshapp

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"charm.land/ssh"
	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum/forumtest"
	"sshforum/forum/gate"
	"sshforum/forum/rules"
)

// BenchmarkTypedToShown measures the time from a line typed in one shell to its message shown
// in another. For comparison it measures a room that has only the same SSH library and a map of
// sessions, and stores nothing. The two take turns in the same run.
func BenchmarkTypedToShown(b *testing.B) {
	forum := typist(b, serveForum(b), "MSG lobby ")
	room := typist(b, serveRoom(b), "")
	var forumTook, roomTook []time.Duration
	for i := range b.N {
		forumTook = append(forumTook, forum(fmt.Sprintf("line-%d-", i)))
		roomTook = append(roomTook, room(fmt.Sprintf("line-%d-", i)))
	}
	b.ReportMetric(0, "ns/op")
	for name, took := range map[string][]time.Duration{"forum": forumTook, "bare": roomTook} {
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds()), name+"-p50-us")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), name+"-p99-us")
	}
	b.ReportMetric(forumTook[len(forumTook)/2].Seconds()/roomTook[len(roomTook)/2].Seconds(), "p50-ratio")
}

// typist opens two shells at addr. The function it returns types a line behind prefix in
// one of them and returns how long the other took to show it.
func typist(b *testing.B, addr, prefix string) func(token string) time.Duration {
	b.Helper()
	typed, _ := openShell(b, addr, "yoda")
	followed, shown := openShell(b, addr, "luke")
	if prefix != "" {
		fmt.Fprint(followed, "FOLLOW lobby\r")
	}
	see := func(token string) {
		for shown.Scan() {
			if strings.Contains(shown.Text(), token) {
				return
			}
		}
		b.Fatalf("%s was never shown: %v", token, shown.Err())
	}
	// The follower follows once it shows a line that was typed after it began.
	seen := make(chan struct{})
	go func() { see("ready"); close(seen) }()
	for waiting := true; waiting; {
		fmt.Fprint(typed, prefix+"ready\r")
		select {
		case <-seen:
			waiting = false
		case <-time.After(50 * time.Millisecond):
		}
	}
	return func(token string) time.Duration {
		start := time.Now()
		fmt.Fprint(typed, prefix+token+"\r")
		see(token)
		return time.Since(start)
	}
}

// openShell logs in with a password and opens a shell on a terminal, 80 by 24.
func openShell(b *testing.B, addr, name string) (io.Writer, *bufio.Scanner) {
	b.Helper()
	client, err := gossh.Dial("tcp", addr, &gossh.ClientConfig{
		User: name, Auth: []gossh.AuthMethod{gossh.Password(forumtest.Password(name))},
		HostKeyCallback: gossh.InsecureIgnoreHostKey(),
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { client.Close() })
	session, err := client.NewSession()
	if err != nil {
		b.Fatal(err)
	}
	in, err := session.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := session.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := session.RequestPty("xterm", 24, 80, gossh.TerminalModes{}); err != nil {
		b.Fatal(err)
	}
	if err := session.Shell(); err != nil {
		b.Fatal(err)
	}
	return in, bufio.NewScanner(out)
}

func serveForum(b *testing.B) (addr string) {
	b.Helper()
	f := forumtest.New(b, func(c *rules.Config) { c.Clock, c.Steady = time.Now, time.Now })
	f.As("yoda")
	f.As("luke")
	server, err := New(Config{
		Service: f.Service, HostKeys: []gossh.MultiAlgorithmSigner{newKey(b)}, Logger: slog.New(slog.DiscardHandler),
		LoginGrace: time.Minute, MaxAuthTries: 6, Cut: b.Context().Done(), Gate: newGate(b, func(*gate.Config) {}),
		SessionsPerConnection: 10, OpenFiles: openFilesInTests, EnvCount: 32, EnvBytes: 8192, LineBytes: 1 << 16,
	})
	if err != nil {
		b.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Serve(ctx, ln); err != nil {
			b.Error(err)
		}
	})
	b.Cleanup(func() { stop(); serving.Wait() })
	return ln.Addr().String()
}

// serveRoom serves the bare room: a line that comes from one session goes to the others.
func serveRoom(b *testing.B) (addr string) {
	b.Helper()
	var mu sync.Mutex
	members := make(map[ssh.Session]bool)
	room := &ssh.Server{
		PasswordHandler: func(ssh.Context, string) bool { return true },
		Handler: func(s ssh.Session) {
			mu.Lock()
			members[s] = true
			mu.Unlock()
			lines := bufio.NewReader(s)
			for {
				line, err := lines.ReadString('\r')
				mu.Lock()
				if err != nil {
					delete(members, s)
					mu.Unlock()
					return
				}
				for member := range members {
					if member != s {
						fmt.Fprintln(member, line)
					}
				}
				mu.Unlock()
			}
		},
	}
	room.AddHostKey(newKey(b))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go room.Serve(ln)
	b.Cleanup(func() { room.Close() })
	return ln.Addr().String()
}

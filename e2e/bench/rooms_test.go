//go:build linux

package bench

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"charm.land/ssh"
	"charm.land/wish/v2"
	gossh "golang.org/x/crypto/ssh"

	"sshforum/e2e"
)

// bareRoom is what others are measured by: a room of a few lines under the same SSH
// library. A line that comes from one session goes to all others, by way of a bounded
// queue that a goroutine empties, so that nobody waits for who is slow. Nothing is kept.
// With an argument it is a silent room: its sessions just read.
func bareRoom() {
	e2e.GiveBackOnSignal()
	r := &room{members: make(map[ssh.Session]chan string), silent: len(os.Args) > 1}
	if err := r.serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type room struct {
	mu      sync.Mutex
	members map[ssh.Session]chan string
	silent  bool
}

func (r *room) serve() error {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	block, err := gossh.MarshalPrivateKey(key, "")
	if err != nil {
		return err
	}
	server, err := wish.NewServer(
		wish.WithHostKeyPEM(pem.EncodeToMemory(block)),
		wish.WithPasswordAuth(func(ssh.Context, string) bool { return true }),
		wish.WithMiddleware(func(ssh.Handler) ssh.Handler { return r.handle }),
	)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("To enter: ssh -p %d room\n", ln.Addr().(*net.TCPAddr).Port)
	return server.Serve(ln)
}

func (r *room) handle(s ssh.Session) {
	if !r.silent {
		queue := make(chan string, 64)
		r.mu.Lock()
		r.members[s] = queue
		r.mu.Unlock()
		go func() {
			for line := range queue {
				fmt.Fprintln(s, line)
			}
		}()
	}
	lines := bufio.NewReader(s)
	for {
		line, err := lines.ReadString('\r')
		r.mu.Lock()
		if err != nil {
			if queue := r.members[s]; queue != nil {
				close(queue)
			}
			delete(r.members, s)
			r.mu.Unlock()
			return
		}
		for member, queue := range r.members {
			if member != s {
				select {
				case queue <- line:
				default:
				}
			}
		}
		r.mu.Unlock()
	}
}

// followed is a server whose sessions follow what one of them types.
type followed struct {
	name    string
	addr    string
	post    string        // before a line that goes to the others
	follow  string        // what a session types to follow; "" when it does so anyway
	pause   time.Duration // between two lines of one person; those that come sooner are refused
	process int
}

// followedForum starts this program with accounts for so many people.
func followedForum(b *testing.B, people, sessions int) *followed {
	dir := e2e.Dir(b)
	cmd := e2e.Command(dir, e2e.Credentials(b, dir, people))
	cmd.Path = measured(b)
	cmd.Env = append(cmd.Env, fmt.Sprintf("SSHFORUM_LIMITS_CONNECTIONS=%d", sessions+100), "SSHFORUM_SSH_EXEMPT=127.0.0.0/8")
	f := startFollowed(b, "forum", cmd, dir, (*e2e.Server).Stop)
	f.post, f.follow = "MSG lobby ", "FOLLOW lobby\r"
	return f
}

func followedRoom(b *testing.B, args ...string) *followed {
	return startFollowed(b, "bare", exec.Command("bareroom", args...), b.TempDir(), (*e2e.Server).Kill)
}

func startFollowed(b *testing.B, name string, cmd *exec.Cmd, dir string, stop func(*e2e.Server) error) *followed {
	cmd.Dir = dir
	server, err := e2e.Start(cmd)
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "server.log"))
		b.Fatalf("%v\n%s", err, log)
	}
	b.Cleanup(func() {
		if err := stop(server); err != nil {
			b.Error(err)
		}
	})
	return &followed{name: name, addr: "127.0.0.1:" + server.Port, process: server.Process()}
}

// settled returns how much anonymous memory a process has, in MiB, once it has given back
// what it does not need.
func (f *followed) settled(b *testing.B) float64 {
	last := 0.0
	for range 3 {
		if err := syscall.Kill(f.process, syscall.SIGUSR1); err != nil {
			b.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond) // the process does not say when it is done
		var err error
		if last, err = anonymous(f.process); err != nil {
			b.Fatal(err)
		}
	}
	return last
}

// cpu returns how long a process has had a processor (proc_pid_schedstat).
func (f *followed) cpu() (total time.Duration, err error) {
	err = f.threads("schedstat", func(stat []byte) error {
		n, err := strconv.ParseInt(string(bytes.Fields(stat)[0]), 10, 64)
		total += time.Duration(n)
		return err
	})
	return total, err
}

// wakeups returns how often the threads of a process gave up their processor by
// themselves, which is as often as they were woken up.
func (f *followed) wakeups() (total int, err error) {
	err = f.threads("status", func(status []byte) error {
		_, after, _ := bytes.Cut(status, []byte("\nvoluntary_ctxt_switches:"))
		fields := bytes.Fields(after)
		if len(fields) == 0 {
			return errors.New("the system does not count context switches")
		}
		n, err := strconv.Atoi(string(fields[0]))
		total += n
		return err
	})
	return total, err
}

func (f *followed) threads(file string, read func([]byte) error) error {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/%s", f.process, file))
	if err != nil {
		return err
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if errors.Is(err, os.ErrNotExist) {
			continue // the thread has ended
		}
		if err == nil {
			err = read(content)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

//go:build linux

package bench

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"sshforum/e2e"
	"sshforum/forum/forumtest"
)

// racer is one of the servers that are compared, while it runs.
type racer struct {
	name    string
	port    string
	user    string
	dir     string // where files go, on the server
	process int
	log     string
}

// startForum starts this program with an account that has the client's key.
func (r *race) startForum(b *testing.B, ciphers string) *racer {
	dir := e2e.Dir(b)
	e2e.Found(b, dir)
	e2e.AddUser(b, dir, "yoda")
	cmd := e2e.Command(dir)
	if r.program != "" {
		cmd.Path = r.program
	}
	cmd.Env = append(cmd.Env, "SSHFORUM_SSH_CIPHERS="+ciphers, "SSHFORUM_LIMITS_PERSON_MIB=1048576",
		"SSHFORUM_LIMITS_THREAD_MIB=1048576", "SSHFORUM_LIMITS_TOTAL_MIB=1048576", "GODEBUG=gctrace=1")
	server, err := e2e.Start(cmd)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := server.Stop(); err != nil {
			b.Error(err)
		}
	})
	if err := r.giveKey(server, "yoda"); err != nil {
		b.Fatal(err)
	}
	return &racer{
		name: "ours", port: server.Port, user: "yoda", dir: "/lobby",
		process: server.Process(), log: filepath.Join(dir, "server.log"),
	}
}

// giveKey lets an account log in with the client's key.
func (r *race) giveKey(server *e2e.Server, name string) error {
	key, err := os.ReadFile(filepath.Join(r.dir, "key.pub"))
	if err != nil {
		return err
	}
	client, err := server.Dial(name)
	if err != nil {
		return err
	}
	_, err = e2e.Exec(client, "KEYS add -", string(key))
	return errors.Join(err, client.Close())
}

// startSSHD starts OpenSSH's server with its defaults, as far as they can be without
// being installed, and the client's key.
func (r *race) startSSHD(b *testing.B, ciphers string) *racer {
	sshd, server := findProgram(b, "/usr/sbin/sshd", "/usr/bin/sshd"), findProgram(b,
		"/usr/lib/openssh/sftp-server", "/usr/lib/ssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/libexec/sftp-server")
	who, err := user.Current()
	if err != nil {
		b.Fatal(err)
	}
	if who.Uid == "0" {
		// Where sshd confines what is not logged in yet; the init scripts make it.
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			b.Fatal(err)
		}
	}
	port, err := freePort()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	config := fmt.Sprintf(`ListenAddress 127.0.0.1:%s
HostKey %s
AuthorizedKeysFile %s
PidFile none
StrictModes no
UsePAM no
Subsystem sftp %s
`, port, filepath.Join(r.dir, "host"), filepath.Join(r.dir, "key.pub"), server)
	if ciphers != "" {
		config += "Ciphers " + ciphers + "\n"
	}
	file, log := filepath.Join(dir, "sshd_config"), filepath.Join(dir, "sshd.log")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(sshd, "-D", "-f", file, "-E", log)
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if err := answers(port); err != nil {
		b.Fatal(err)
	}
	return &racer{name: "sshd", port: port, user: who.Username, dir: dir, process: cmd.Process.Pid, log: log}
}

// findProgram returns the first of the paths at which a program is.
func findProgram(b *testing.B, paths ...string) string {
	for _, path := range paths {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	forumtest.NeedsProgram(b, paths[0])
	return ""
}

func freePort() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer ln.Close()
	_, port, err := net.SplitHostPort(ln.Addr().String())
	return port, err
}

// answers returns when a server accepts connections at a port.
func answers(port string) error {
	for deadline := time.Now().Add(e2e.Patience); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			return conn.Close()
		}
		if time.Now().After(deadline) {
			return err
		}
	}
}

// anonymous returns how much memory a process has that no file is behind, in MiB.
func anonymous(process int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process))
	if err != nil {
		return 0, err
	}
	_, after, _ := bytes.Cut(status, []byte("RssAnon:"))
	fields := bytes.Fields(after)
	if len(fields) == 0 {
		return 0, errors.New("the system does not say how much memory is anonymous")
	}
	kib, err := strconv.ParseFloat(string(fields[0]), 64)
	return kib / 1024, err
}

// watchMemory watches how much anonymous memory a process has until most is called,
// which returns the most it had.
func watchMemory(b *testing.B, process int) (most func() float64) {
	stop, done := make(chan struct{}), make(chan struct{})
	peak := 0.0
	go func() {
		defer close(done)
		ticker := time.NewTicker(10 * time.Millisecond)
		defer ticker.Stop()
		for {
			if now, err := anonymous(process); err == nil {
				peak = max(peak, now)
			}
			select {
			case <-stop:
				return
			case <-ticker.C:
			}
		}
	}()
	most = sync.OnceValue(func() float64 {
		close(stop)
		<-done
		return peak
	})
	b.Cleanup(func() { most() })
	return most
}

// heapSizes are what GODEBUG=gctrace=1 tells of the heap: at the beginning of a
// collection, at its end, and what of it is in use.
var heapSizes = regexp.MustCompile(`(?m)^gc .* (\d+)->(\d+)->(\d+) MB`)

// mostHeap returns the largest heap that a log tells of, in MiB.
func mostHeap(log string) (most float64) {
	text, _ := os.ReadFile(log)
	for _, sizes := range heapSizes.FindAllSubmatch(text, -1) {
		if size, err := strconv.ParseFloat(string(sizes[2]), 64); err == nil {
			most = max(most, size)
		}
	}
	return most
}

// used returns how long a process and the children it had have used the processors. It
// waits for children to end.
func used(b *testing.B, process int) time.Duration {
	children := fmt.Sprintf("/proc/%d/task/%d/children", process, process)
	for deadline := time.Now().Add(e2e.Patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if list, err := os.ReadFile(children); err != nil || len(list) == 0 {
			break
		}
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", process))
	if err != nil {
		b.Fatal(err)
	}
	// proc_pid_stat(5): the name may have spaces; utime, stime, cutime and cstime are the
	// fields 14 to 17, in ticks.
	_, after, _ := bytes.Cut(stat, []byte(") "))
	const tick = 10 * time.Millisecond
	var total time.Duration
	for _, field := range bytes.Fields(after)[11:15] {
		n, err := strconv.Atoi(string(field))
		if err != nil {
			b.Fatal(err)
		}
		total += time.Duration(n) * tick
	}
	return total
}

func median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

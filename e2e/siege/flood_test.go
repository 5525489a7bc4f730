//go:build linux

// Package siege has a server besieged: by floods, by those who guess, and by those who wait at
// its doors; and looks whether people come in meanwhile.
package siege

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"
	"golang.org/x/sync/errgroup"

	"sshforum/e2e"
	"sshforum/forum/forumtest"
)

func TestMain(m *testing.M) { e2e.Main(m, nil) }

// besieged is a server with the limits and the cost of a password that it has by default,
// and an account, yoda.
type besieged struct {
	*e2e.Server
	dir     string
	command func(args ...string) *exec.Cmd // with the same settings
}

func startBesieged(t testing.TB, settings ...string) *besieged {
	t.Helper()
	s := &besieged{dir: e2e.Dir(t)}
	env := append(os.Environ(), e2e.Settings("SSHFORUM_SSH_EXEMPT", "SSHFORUM_SSH_MAX_STARTUPS", "SSHFORUM_AUTH_ARGON2_MEMORY_KIB", "SSHFORUM_AUTH_ARGON2_TIME")...)
	s.command = func(args ...string) *exec.Cmd {
		cmd := exec.Command("sshforum", args...)
		cmd.Dir, cmd.Env = s.dir, append(env, settings...)
		return cmd
	}
	e2e.Found(t, s.dir)
	s.operate(t, forumtest.Password("yoda"), "user", "add", "yoda")
	var err error
	if s.Server, err = e2e.Start(s.command()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(s.dir, "server.log"))
			t.Logf("the end of server.log:\n%s", log[max(0, len(log)-4000):])
		}
	})
	return s
}

// operate runs a subcommand, which reads one line.
func (s *besieged) operate(t testing.TB, line string, args ...string) {
	t.Helper()
	cmd := s.command(args...)
	cmd.Stdin = strings.NewReader(line + "\n")
	if err := e2e.Quietly(cmd); err != nil {
		t.Fatal(err)
	}
}

// login logs in from an address of the loopback network and leaves.
func (s *besieged) login(source, name, password string) error {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}, Timeout: e2e.Patience}
	conn, err := dialer.Dial("tcp", "127.0.0.1:"+s.Port)
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(e2e.Patience))
	client, _, _, err := gossh.NewClientConn(conn, "", &gossh.ClientConfig{
		User: name, Auth: []gossh.AuthMethod{gossh.Password(password)},
		HostKeyCallback: gossh.InsecureIgnoreHostKey(),
	})
	if err != nil {
		return err
	}
	return client.Close()
}

// flood tries so many bad logins from one source, nearly as many at a time as are let in,
// each with another name. It returns how many the server heard.
func (s *besieged) flood(logins int) (heard int64, err error) {
	var flooding errgroup.Group
	flooding.SetLimit(6)
	var counted atomic.Int64
	for i := range logins {
		flooding.Go(func() error {
			err := s.login("127.0.0.66", "intruder"+strconv.Itoa(i), "wrong")
			switch {
			case err == nil:
				return errors.New("a wrong password got in")
			case strings.Contains(err.Error(), "unable to authenticate"):
				counted.Add(1)
			}
			return nil
		})
	}
	err = flooding.Wait()
	return counted.Load(), err
}

// people log in from another source, one after the other, until stop is closed. The
// result is how long each took.
func (s *besieged) people(stop <-chan struct{}) (took []time.Duration, err error) {
	for {
		began := time.Now()
		if err := s.login("127.0.0.2", "yoda", forumtest.Password("yoda")); err != nil {
			return took, fmt.Errorf("yoda cannot log in: %w", err)
		}
		took = append(took, time.Since(began))
		select {
		case <-stop:
			return took, nil
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// siege is what people felt of a flood.
type siege struct {
	heard int64           // of the bad logins
	took  []time.Duration // by the logins of people, meanwhile
	peak  float64         // of the server's resident memory, in MiB
}

func (s *besieged) besiege(t testing.TB, logins int) (result siege) {
	t.Helper()
	stop := make(chan struct{})
	var floodErr, peopleErr error
	var all sync.WaitGroup
	all.Go(func() {
		defer close(stop)
		result.heard, floodErr = s.flood(logins)
	})
	all.Go(func() { result.took, peopleErr = s.people(stop) })
	all.Wait()
	if err := errors.Join(floodErr, peopleErr); err != nil {
		t.Fatal(err)
	}
	peak, err := peakMemory(s.Process())
	if err != nil {
		t.Fatal(err)
	}
	result.peak = peak
	return result
}

// peakMemory returns the most memory a process has had resident, in MiB.
func peakMemory(process int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process))
	if err != nil {
		return 0, err
	}
	_, after, _ := bytes.Cut(status, []byte("VmHWM:"))
	fields := bytes.Fields(after)
	if len(fields) == 0 {
		return math.Inf(1), errors.New("the system does not say how much memory was resident")
	}
	kib, err := strconv.ParseFloat(string(fields[0]), 64)
	return kib / 1024, err
}

// sieges are a flood that penalties end, which last longer than it, and one that is heard
// for as long as it lasts.
var sieges = map[string]struct {
	settings      []string
	test, measure int // bad logins
}{
	"penalties":    {[]string{"SSHFORUM_SSH_PENALTIES_AUTHFAIL=10m", "SSHFORUM_SSH_PENALTIES_INVALIDUSER=10m"}, 5000, 5000},
	"no-penalties": {[]string{"SSHFORUM_SSH_PENALTIES_MAX=0s"}, 100, 1000},
}

// TestFloodOfBadLogins leaves people from elsewhere, and the server's memory, alone. How
// long a login takes is BenchmarkFlood's; here each is one that patience has room for.
func TestFloodOfBadLogins(t *testing.T) {
	t.Parallel()
	for name, siege := range sieges {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startBesieged(t, siege.settings...)
			result := s.besiege(t, siege.test)
			t.Logf("%d of %d bad logins were heard; people logged in %d times, in %v at most; %.0f MiB at most",
				result.heard, siege.test, len(result.took), slices.Max(result.took), result.peak)
			if result.peak > 300 && !e2e.DetectsRaces() {
				t.Errorf("the server took %.0f MiB", result.peak)
			}
			log, err := os.ReadFile(filepath.Join(s.dir, "server.log"))
			if err != nil {
				t.Fatal(err)
			}
			penalized := bytes.Contains(log, []byte(`msg="connections refused for a penalty" network=127.0.0.66/32`))
			if few := result.heard <= 20; penalized != (name == "penalties") || penalized != few {
				t.Errorf("%d of %d were heard, penalties: %t", result.heard, siege.test, penalized)
			}
			if lines := bytes.Count(log, []byte("\n")); lines > 50+12*(int(result.heard)+len(result.took)) {
				t.Errorf("the log has %d lines", lines)
			}
		})
	}
}

// BenchmarkFlood is bad logins from one source, and what people from another feel.
// The baseline is their login while nobody else is there.
func BenchmarkFlood(b *testing.B) {
	for name, siege := range sieges {
		b.Run(name, func(b *testing.B) {
			milliseconds := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
			for b.Loop() {
				s := startBesieged(b, siege.settings...)
				alone := make(chan struct{})
				time.AfterFunc(2*time.Second, func() { close(alone) })
				quiet, err := s.people(alone)
				if err != nil {
					b.Fatal(err)
				}
				result := s.besiege(b, siege.measure)
				slices.Sort(quiet)
				slices.Sort(result.took)
				b.ReportMetric(milliseconds(quiet[len(quiet)/2]), "ms/login-alone")
				b.ReportMetric(milliseconds(result.took[len(result.took)/2]), "ms/login-median")
				b.ReportMetric(milliseconds(result.took[len(result.took)-1]), "ms/login-worst")
				b.ReportMetric(float64(result.heard), "heard")
				b.ReportMetric(result.peak, "MiB-peak")
			}
		})
	}
}

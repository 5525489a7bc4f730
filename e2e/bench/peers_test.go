//go:build linux

package bench

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/e2e"
	"sshforum/forum/forumtest"
)

// Variables with the paths of servers that are not packaged with most systems. Without its
// path, a server is left out.
const (
	sshChatVariable = "PEER_SSHCHAT" // https://github.com/shazow/ssh-chat
	sftpgoVariable  = "PEER_SFTPGO"  // https://github.com/drakkan/sftpgo
)

// BenchmarkPeers measures this program beside other servers, in turns and with the same clients:
// sshd, and those whose paths are given. Nothing is fetched. Each metric has the name of its
// server; docs/performance.md has the results.
func BenchmarkPeers(b *testing.B) {
	for _, program := range []string{"ssh", "ssh-keygen", "sftp"} {
		forumtest.NeedsProgram(b, program)
	}
	r := newRace(b)
	b.Run("logins", r.compareLogins)
	b.Run("commands", r.compareCommands)
	b.Run("idle", r.compareIdle)
	b.Run("lines", compareLines)
}

// shells returns the servers that give a shell.
func (r *race) shells(b *testing.B) []*racer {
	return append([]*racer{r.startForum(b, ""), r.startSSHD(b, "")}, r.startSSHChat(b)...)
}

// startSSHChat starts ssh-chat, which lets every key in. It returns nothing without its path.
func (r *race) startSSHChat(b *testing.B) []*racer {
	path := os.Getenv(sshChatVariable)
	if path == "" {
		return nil
	}
	port, err := freePort()
	if err != nil {
		b.Fatal(err)
	}
	return []*racer{r.start(b, "ssh-chat", port, exec.Command(path, "--bind", "127.0.0.1:"+port, "--identity", filepath.Join(r.dir, "host")))}
}

// startSFTPGo starts sftpgo with an account for the client's key. It returns nothing without
// its path.
func (r *race) startSFTPGo(b *testing.B) []*racer {
	path := os.Getenv(sftpgoVariable)
	if path == "" {
		return nil
	}
	key, err := os.ReadFile(filepath.Join(r.dir, "key.pub"))
	if err != nil {
		b.Fatal(err)
	}
	port, err := freePort()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(path, "portable", "--sftpd-port", port, "--username", "yoda", "--public-key", strings.TrimSpace(string(key)),
		"--directory", b.TempDir(), "--permissions", "*", "--log-file-path", filepath.Join(b.TempDir(), "log"))
	return []*racer{r.start(b, "sftpgo", port, cmd)}
}

// start starts a server that others wrote, and returns when it answers.
func (r *race) start(b *testing.B, name, port string, cmd *exec.Cmd) *racer {
	cmd.Dir = b.TempDir()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if err := answers(port); err != nil {
		b.Fatalf("%s: %v", name, err)
	}
	return &racer{name: name, port: port, user: "yoda", dir: "/", process: cmd.Process.Pid}
}

// dial logs in with the client's key. The key exchange, the kind of host key and the cipher are
// the same for all servers.
func (r *race) dial(to *racer) (*gossh.Client, error) {
	text, err := os.ReadFile(filepath.Join(r.dir, "key"))
	if err != nil {
		return nil, err
	}
	key, err := gossh.ParsePrivateKey(text)
	if err != nil {
		return nil, err
	}
	return gossh.Dial("tcp", "127.0.0.1:"+to.port, &gossh.ClientConfig{
		User: to.user, Auth: []gossh.AuthMethod{gossh.PublicKeys(key)}, HostKeyCallback: gossh.InsecureIgnoreHostKey(),
		HostKeyAlgorithms: []string{gossh.KeyAlgoED25519},
		Config:            gossh.Config{KeyExchanges: []string{"curve25519-sha256"}, Ciphers: []string{"aes128-gcm@openssh.com"}},
	})
}

// inTurns has each server do a round of work b.N times, and returns the results by server.
func inTurns(b *testing.B, servers []*racer, round func(*racer) (float64, error)) map[*racer][]float64 {
	results := make(map[*racer][]float64)
	for range b.N {
		for _, to := range servers {
			result, err := round(to)
			if err != nil {
				b.Fatalf("%s: %v", to.name, err)
			}
			results[to] = append(results[to], result)
		}
		slices.Reverse(servers)
	}
	b.ReportMetric(0, "ns/op")
	return results
}

// reportEach reports the median of each server, and those of the first by the others'.
func reportEach(b *testing.B, servers []*racer, results map[*racer][]float64, unit string) {
	ours := servers[slices.IndexFunc(servers, func(r *racer) bool { return r.name == "ours" })]
	for _, to := range servers {
		b.ReportMetric(median(results[to]), to.name+"-"+unit)
		if to != ours {
			b.ReportMetric(median(results[ours])/median(results[to]), "by-"+to.name)
		}
	}
}

// compareLogins has four clients log in and leave, one login after the other.
func (r *race) compareLogins(b *testing.B) {
	const clients, logins = 4, 50
	servers := append(r.shells(b), r.startSFTPGo(b)...)
	results := inTurns(b, servers, func(to *racer) (float64, error) {
		started, failed := time.Now(), make([]error, clients)
		var all sync.WaitGroup
		for i := range clients {
			all.Go(func() {
				for range logins {
					client, err := r.dial(to)
					if err == nil {
						err = client.Close()
					}
					failed[i] = cmp.Or(failed[i], err)
				}
			})
		}
		all.Wait()
		return clients * logins / time.Since(started).Seconds(), errors.Join(failed...)
	})
	reportEach(b, servers, results, "logins/s")
}

// compareCommands runs a command with ssh, from its start to its end.
func (r *race) compareCommands(b *testing.B) {
	servers := []*racer{r.startForum(b, ""), r.startSSHD(b, "")}
	results := inTurns(b, servers, func(to *racer) (float64, error) {
		started := time.Now()
		err := e2e.Quietly(exec.Command("ssh", "-F", "none", "-p", to.port, "-i", filepath.Join(r.dir, "key"),
			"-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none",
			"-o", "LogLevel=ERROR", to.user+"@127.0.0.1", "true || help"))
		if err != nil && to.name == "ours" { // the forum has no such command, and says so
			err = nil
		}
		return time.Since(started).Seconds() * 1e3, err
	})
	reportEach(b, servers, results, "ms/command")
}

// compareIdle opens shells that do nothing.
func (r *race) compareIdle(b *testing.B) {
	const shells = 25
	servers := r.shells(b)
	results := inTurns(b, servers, func(to *racer) (_ float64, err error) {
		before, err := family(to.process)
		if err != nil {
			return 0, err
		}
		var clients []*gossh.Client
		defer func() {
			for _, client := range clients {
				err = errors.Join(err, client.Close())
			}
		}()
		for range shells {
			client, err := r.dial(to)
			if err != nil {
				return 0, err
			}
			clients = append(clients, client)
			if err := (&member{conn: client}).shell(); err != nil {
				return 0, err
			}
		}
		time.Sleep(time.Second) // no server says when it has nothing more to do
		after, err := family(to.process)
		return (after - before) * 1024 / shells, err
	})
	reportEach(b, servers, results, "KiB/shell")
}

// family returns how much anonymous memory a process and its descendants have, in MiB.
func family(process int) (float64, error) {
	total, err := anonymous(process)
	if err != nil {
		return 0, err
	}
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", process))
	for _, list := range lists {
		text, _ := os.ReadFile(list) // a thread may have ended
		for _, child := range strings.Fields(string(text)) {
			id, err := strconv.Atoi(child)
			if err != nil {
				return 0, err
			}
			if more, err := family(id); err == nil {
				total += more
			}
		}
	}
	return total, err
}

// compareLines has 50 clients read what one or eight others type, at this program, a bare room
// and ssh-chat, which takes one line a second from a person.
func compareLines(b *testing.B) {
	const sessions = 50
	crowds := []*crowd{newCrowd(b, followedForum(b, benchPeople, sessions), sessions), newCrowd(b, followedRoom(b), sessions)}
	if path := os.Getenv(sshChatVariable); path != "" {
		crowds = append(crowds, newCrowd(b, followedSSHChat(b, path), sessions))
	}
	for _, c := range crowds {
		c.follow(b)
	}
	for _, typists := range []int{1, maxTypists} {
		tallies := make([]tally, len(crowds))
		for range b.N {
			for i, c := range crowds {
				tallies[i].add(c.post(b, typists, "text"))
			}
			time.Sleep(time.Second)
		}
		for i, c := range crowds {
			b.ReportMetric(tallies[i].cpuPerLine().Seconds()*1e6, fmt.Sprintf("%s-us/line-of-%d", c.name, typists))
		}
	}
	b.ReportMetric(0, "ns/op")
	for _, c := range crowds {
		c.leave()
	}
}

func followedSSHChat(b *testing.B, path string) *followed {
	r := &race{dir: b.TempDir()}
	if err := e2e.Quietly(exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(r.dir, "host"))); err != nil {
		b.Fatal(err)
	}
	b.Setenv(sshChatVariable, path)
	chat := r.startSSHChat(b)[0]
	return &followed{name: chat.name, addr: "127.0.0.1:" + chat.port, process: chat.process, pause: time.Second}
}

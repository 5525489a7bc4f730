//go:build linux

package bench

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sshforum/e2e"
	"sshforum/forum/forumtest"
)

// benchSize is how much each transfer moves, in bytes.
const benchSize = 256 << 20

// BenchmarkSFTP moves a file to and from this program and OpenSSH's sshd in turns, each a
// process of its own, with the same clients and files on the same disk. -benchtime 5x
// makes five rounds. Before each transfer all that is to be written back is, so that
// neither pays for the other. When a client has its last answer this program has made the
// file durable, sshd has not. The metrics, medians of the rounds:
//
//	ours-MB/s, sshd-MB/s   the whole command, with its login
//	ratio                  of these
//	transfer-ratio         the same without login and end of the client
//	ours-cpu, sshd-cpu     seconds of a processor that the server takes for 1 GB
//	anon-MiB               the most anonymous memory (RssAnon of proc_pid_status(5), which
//	                       leaves out the mapped store) of this program over its first
//	heap-MiB               its largest heap so far
func BenchmarkSFTP(b *testing.B) {
	for _, program := range []string{"ssh", "ssh-keygen", "sftp"} {
		forumtest.NeedsProgram(b, program)
	}
	r := newRace(b)
	const gcm, chacha = "aes128-gcm@openssh.com", "chacha20-poly1305@openssh.com"
	for _, test := range []struct{ name, cipher string }{{"defaults", ""}, {"aes128-gcm", gcm}, {"chacha20", chacha}} {
		b.Run(test.name, func(b *testing.B) {
			r.run(b, test.cipher, sftpClient)
		})
	}
	b.Run("rclone", func(b *testing.B) {
		forumtest.NeedsProgram(b, "rclone")
		r.run(b, "", rcloneClient)
	})
}

// race is a directory with the programs that are compared.
type race struct {
	dir     string
	program string // the profiled one; "" for that in $PATH
	source  string // a file
	sum     [sha256.Size]byte
	number  int // of files ever sent
}

// client moves a file and says how long that took after the login, if it can tell.
type client func(r *race, to *racer, cipher, direction, name string) (time.Duration, error)

// lap is one transfer.
type lap struct{ command, transfer time.Duration }

// laps are those of one server in one direction.
type laps []lap

// rate returns the median in MB/s.
func (l laps) rate(of func(lap) time.Duration) float64 {
	var rates []float64
	for _, one := range l {
		rates = append(rates, benchSize/1e6/of(one).Seconds())
	}
	return median(rates)
}

func ofCommand(l lap) time.Duration  { return l.command }
func ofTransfer(l lap) time.Duration { return l.transfer }

func newRace(b *testing.B) *race {
	dir := b.TempDir()
	r := &race{dir: dir, source: filepath.Join(dir, "source")}
	content := make([]byte, benchSize)
	rand.NewChaCha8([32]byte{}).Read(content)
	r.sum = sha256.Sum256(content)
	err := errors.Join(
		os.WriteFile(r.source, content, 0o600),
		e2e.Quietly(exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(r.dir, "key"))),
		e2e.Quietly(exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(r.dir, "host"))),
	)
	if os.Getenv(profileVariable) != "" {
		r.program = measured(b)
	}
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// run has both servers and a client move files in turns.
func (r *race) run(b *testing.B, cipher string, move client) {
	ours, theirs := r.startForum(b, cipher), r.startSSHD(b, cipher)
	idle, err := anonymous(ours.process)
	if err != nil {
		b.Fatal(err)
	}
	for _, to := range []*racer{ours, theirs} {
		if _, err := sftpClient(r, to, cipher, "up", "down"); err != nil {
			b.Fatal(err)
		}
	}
	for _, direction := range []string{"up", "down"} {
		b.Run(direction, func(b *testing.B) {
			memory := watchMemory(b, ours.process)
			done := map[*racer]laps{}
			before := map[*racer]time.Duration{ours: used(b, ours.process), theirs: used(b, theirs.process)}
			for round := range b.N {
				turns := []*racer{ours, theirs}
				if round%2 == 1 {
					slices.Reverse(turns)
				}
				for _, to := range turns {
					done[to] = append(done[to], r.move(b, to, cipher, direction, move))
				}
			}
			b.ReportMetric(0, "ns/op")
			rate := func(to *racer) float64 { return done[to].rate(ofCommand) }
			b.ReportMetric(rate(ours), "ours-MB/s")
			b.ReportMetric(rate(theirs), "sshd-MB/s")
			b.ReportMetric(rate(ours)/rate(theirs), "ratio")
			if done[ours][0].transfer > 0 {
				b.ReportMetric(done[ours].rate(ofTransfer)/done[theirs].rate(ofTransfer), "transfer-ratio")
			}
			for _, to := range []*racer{ours, theirs} {
				cpu := used(b, to.process) - before[to]
				b.ReportMetric(cpu.Seconds()/float64(b.N)/(benchSize/1e9), to.name+"-cpu")
			}
			b.ReportMetric(memory()-idle, "anon-MiB")
			b.ReportMetric(mostHeap(ours.log), "heap-MiB")
		})
	}
}

// move moves one file, under a name that is new where it arrives.
func (r *race) move(b *testing.B, to *racer, cipher, direction string, move client) lap {
	name := "down"
	local := filepath.Join(r.dir, name)
	if direction == "up" {
		r.number++
		name = fmt.Sprint("up", r.number)
	} else if err := os.Remove(local); err != nil && !errors.Is(err, os.ErrNotExist) {
		b.Fatal(err)
	}
	unix.Sync()
	started := time.Now()
	transfer, err := move(r, to, cipher, direction, name)
	command := time.Since(started)
	if err != nil {
		b.Fatalf("%s %s: %v", to.name, direction, err)
	}
	if direction == "down" {
		content, err := os.ReadFile(local)
		if err != nil || sha256.Sum256(content) != r.sum {
			b.Fatalf("%s: another content came back; %v", to.name, err)
		}
	}
	return lap{command, transfer}
}

// sftpClient is OpenSSH's.
func sftpClient(r *race, to *racer, cipher, direction, name string) (time.Duration, error) {
	s, err := r.openSFTP(to, cipher)
	if err != nil {
		return 0, err
	}
	started := time.Now()
	remote := to.dir + "/" + name
	if direction == "up" {
		err = s.do("put %s %s", r.source, remote)
	} else {
		err = s.do("get %s %s", remote, filepath.Join(r.dir, name))
	}
	took := time.Since(started)
	return took, errors.Join(err, s.close())
}

// sftpSession is a sftp that waits for commands.
type sftpSession struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *bufio.Scanner
	log     bytes.Buffer
}

// openSFTP returns when the client is logged in.
func (r *race) openSFTP(to *racer, cipher string) (*sftpSession, error) {
	args := []string{
		"-q", "-P", to.port, "-i", filepath.Join(r.dir, "key"), "-F", "none", "-b", "-",
		"-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none",
	}
	if cipher != "" {
		args = append(args, "-o", "Ciphers="+cipher)
	}
	s := &sftpSession{cmd: exec.Command("sftp", append(args, to.user+"@127.0.0.1")...)}
	s.cmd.Stderr = &s.log
	in, inErr := s.cmd.StdinPipe()
	out, outErr := s.cmd.StdoutPipe()
	if err := errors.Join(inErr, outErr); err != nil {
		return nil, err
	}
	s.in, s.answers = in, bufio.NewScanner(out)
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	return s, s.do("cd /")
}

// do returns when a command is done: the client answers the next one then.
func (s *sftpSession) do(format string, args ...any) error {
	fmt.Fprintf(s.in, format+"\nlpwd\n", args...)
	for s.answers.Scan() {
		if strings.HasPrefix(s.answers.Text(), "Local working directory") {
			return nil
		}
	}
	return fmt.Errorf("sftp ended: %v, %s", s.answers.Err(), s.log.String())
}

func (s *sftpSession) close() error {
	return errors.Join(s.in.Close(), s.cmd.Wait())
}

// rcloneClient is rclone with its defaults: it logs in, and has the server sum up what
// was sent.
func rcloneClient(r *race, to *racer, _, direction, name string) (time.Duration, error) {
	remote := fmt.Sprintf(":sftp,host=127.0.0.1,port=%s,user=%s,key_file=%q:%s", to.port, to.user, filepath.Join(r.dir, "key"), to.dir+"/"+name)
	from, into := r.source, remote
	if direction == "down" {
		from, into = remote, filepath.Join(r.dir, name)
	}
	return 0, e2e.Quietly(exec.Command("rclone", "--config", os.DevNull, "copyto", from, into))
}

//go:build linux

package bench

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sshforum/e2e"
	"sshforum/forum/forumtest"
)

const (
	smallFiles    = 1000
	smallFileSize = 4 << 10
)

// BenchmarkSmallFiles sends smallFiles files to this program, to OpenSSH's sshd and to sftpgo, if
// its path is given, in turns and from the same client. This program has made each file durable
// when the client has its answer; the others flush nothing. The metrics, medians of the rounds:
//
//	ours-s, sshd-s         seconds for all files; rclone's with its logins
//	by-sshd                ours by sshd's: less than 1 is faster
//	KB/file                what this program wrote to its files, its log and the network, in
//	                       1,000 bytes (wchar of proc_pid_io(5))
//	ours-cpu-ms/file       processor time of a file
func BenchmarkSmallFiles(b *testing.B) {
	for _, program := range []string{"ssh", "ssh-keygen", "sftp"} {
		forumtest.NeedsProgram(b, program)
	}
	r := newRace(b)
	for _, client := range []struct {
		name string
		send func(r *race, to *racer, from string) (time.Duration, error)
	}{{"sftp", sftpPut}, {"rclone", rcloneCopy}} {
		b.Run(client.name, func(b *testing.B) {
			if client.name == "rclone" {
				forumtest.NeedsProgram(b, "rclone")
			}
			r.sendSmallFiles(b, client.send)
		})
	}
}

// sent is what it cost to send the files once.
type sent struct{ seconds, cpu, written float64 }

func (r *race) sendSmallFiles(b *testing.B, send func(r *race, to *racer, from string) (time.Duration, error)) {
	servers := append([]*racer{r.startForum(b, ""), r.startSSHD(b, "")}, r.startSFTPGo(b)...)
	seconds, cpu, written := make(map[*racer][]float64), make(map[*racer][]float64), make(map[*racer][]float64)
	for range b.N {
		for _, to := range servers {
			s, err := r.sendOnce(b, to, send)
			if err != nil {
				b.Fatalf("%s: %v", to.name, err)
			}
			seconds[to] = append(seconds[to], s.seconds)
			cpu[to] = append(cpu[to], s.cpu*1e3/smallFiles)
			written[to] = append(written[to], s.written/1e3/smallFiles)
		}
		slices.Reverse(servers)
	}
	b.ReportMetric(0, "ns/op")
	reportEach(b, servers, seconds, "s")
	for _, to := range servers {
		b.ReportMetric(median(cpu[to]), to.name+"-cpu-ms/file")
		if to.name == "ours" {
			b.ReportMetric(median(written[to]), "KB/file")
		}
	}
}

// sendOnce sends the files to one server.
func (r *race) sendOnce(b *testing.B, to *racer, send func(r *race, to *racer, from string) (time.Duration, error)) (sent, error) {
	from := r.makeSmallFiles(b)
	defer os.RemoveAll(from)
	unix.Sync()
	cpu, written := used(b, to.process), writtenBy(b, to)
	took, err := send(r, to, from)
	unix.Sync()
	return sent{took.Seconds(), (used(b, to.process) - cpu).Seconds(), writtenBy(b, to) - written}, err
}

// makeSmallFiles returns a directory of files that are new in name and content.
func (r *race) makeSmallFiles(b *testing.B) string {
	r.number++
	dir := filepath.Join(r.dir, fmt.Sprint("small", r.number))
	if err := os.Mkdir(dir, 0o700); err != nil {
		b.Fatal(err)
	}
	random := rand.NewChaCha8([32]byte{byte(r.number)})
	content := make([]byte, smallFileSize)
	for i := range smallFiles {
		random.Read(content)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d-%d.txt", r.number, i)), content, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

// sftpPut sends the files one after the other. The time is without the login.
func sftpPut(r *race, to *racer, from string) (time.Duration, error) {
	s, err := r.openSFTP(to, "")
	if err != nil {
		return 0, err
	}
	started := time.Now()
	err = s.do("put %s/* %s", from, to.dir)
	took := time.Since(started)
	return took, errors.Join(err, s.close())
}

// rcloneCopy sends four files at once. It asks for no hashes: for each, sshd would start a
// shell, with what that reads at its start.
func rcloneCopy(r *race, to *racer, from string) (time.Duration, error) {
	remote := fmt.Sprintf(":sftp,host=127.0.0.1,port=%s,user=%s,key_file=%q:%s", to.port, to.user, filepath.Join(r.dir, "key"), to.dir)
	started := time.Now()
	err := e2e.Quietly(exec.Command("rclone", "--config", os.DevNull, "--sftp-disable-hashcheck", "copy", from, remote))
	return time.Since(started), err
}

// writtenBy returns how many bytes a server has written. Of the bytes that reach the disk, the
// system counts whole folios of the page cache, which is more than is written to them.
func writtenBy(b *testing.B, to *racer) float64 {
	io, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", to.process))
	if err != nil {
		b.Fatal(err)
	}
	_, after, _ := bytes.Cut(io, []byte("\nwchar: "))
	count, _, _ := bytes.Cut(after, []byte("\n"))
	n, err := strconv.ParseFloat(string(count), 64)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

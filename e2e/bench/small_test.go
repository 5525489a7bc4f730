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

// BenchmarkSmallFiles sends smallFiles files to this program and to OpenSSH's sshd in turns,
// from the same client. This program has made each file durable when the client has its
// answer; sshd flushes nothing. The metrics, medians of the rounds:
//
//	ours-s, sshd-s     seconds for all files, with the login
//	ratio              of these: less than 1 is faster than sshd
//	KB/file, sshd-KB/file  what the system says that the servers had written to the disk, by
//	                   1,000 bytes (write_bytes of proc_pid_io(5); 0 in memory)
//	ours-cpu-ms, sshd-cpu-ms   processor time of a file
func BenchmarkSmallFiles(b *testing.B) {
	for _, program := range []string{"ssh", "ssh-keygen", "sftp"} {
		forumtest.NeedsProgram(b, program)
	}
	r := newRace(b)
	for _, client := range []struct {
		name string
		send func(r *race, to *racer, from string) error
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

func (r *race) sendSmallFiles(b *testing.B, send func(r *race, to *racer, from string) error) {
	ours, theirs := r.startForum(b, ""), r.startSSHD(b, "")
	all := map[*racer][]sent{}
	for round := range b.N {
		turns := []*racer{ours, theirs}
		if round%2 == 1 {
			slices.Reverse(turns)
		}
		for _, to := range turns {
			from := r.makeSmallFiles(b)
			unix.Sync()
			cpu, written, started := used(b, to.process), writtenBy(b, to), time.Now()
			if err := send(r, to, from); err != nil {
				b.Fatalf("%s: %v", to.name, err)
			}
			took := time.Since(started)
			unix.Sync()
			all[to] = append(all[to], sent{took.Seconds(), (used(b, to.process) - cpu).Seconds(), writtenBy(b, to) - written})
			if err := os.RemoveAll(from); err != nil {
				b.Fatal(err)
			}
		}
	}
	of := func(to *racer, what func(sent) float64) float64 {
		var values []float64
		for _, one := range all[to] {
			values = append(values, what(one))
		}
		return median(values)
	}
	seconds := func(s sent) float64 { return s.seconds }
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(of(ours, seconds), "ours-s")
	b.ReportMetric(of(theirs, seconds), "sshd-s")
	b.ReportMetric(of(ours, seconds)/of(theirs, seconds), "ratio")
	b.ReportMetric(of(ours, func(s sent) float64 { return s.written / 1e3 / smallFiles }), "KB/file")
	for _, to := range []*racer{ours, theirs} {
		b.ReportMetric(of(to, func(s sent) float64 { return s.cpu * 1e3 / smallFiles }), to.name+"-cpu-ms")
	}
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

// sftpPut sends the files one after the other.
func sftpPut(r *race, to *racer, from string) error {
	s, err := r.openSFTP(to, "")
	if err != nil {
		return err
	}
	return errors.Join(s.do("put %s/* %s", from, to.dir), s.close())
}

// rcloneCopy sends four files at once. It asks for no hashes: for each, sshd would start a
// shell, with what that reads at its start.
func rcloneCopy(r *race, to *racer, from string) error {
	remote := fmt.Sprintf(":sftp,host=127.0.0.1,port=%s,user=%s,key_file=%q:%s", to.port, to.user, filepath.Join(r.dir, "key"), to.dir)
	return e2e.Quietly(exec.Command("rclone", "--config", os.DevNull, "--sftp-disable-hashcheck", "copy", from, remote))
}

// writtenBy returns how many bytes a server has had written to its disk, with the children it
// waited for.
func writtenBy(b *testing.B, to *racer) float64 {
	io, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", to.process))
	if err != nil {
		b.Fatal(err)
	}
	_, after, _ := bytes.Cut(io, []byte("\nwrite_bytes: "))
	count, _, _ := bytes.Cut(after, []byte("\n"))
	n, err := strconv.ParseFloat(string(count), 64)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

//go:build linux

package bench

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pkg/sftp"
	gossh "golang.org/x/crypto/ssh"

	"sshforum/e2e"
	"sshforum/forum/rules"
)

const (
	posters     = 4
	uploaders   = 10
	uploadBytes = 64 << 20 // of each uploader, each time
	quietTime   = 3 * time.Second
)

// BenchmarkPostsDuringUploads measures how long four people wait for each of their posts
// to be acknowledged: while nothing else happens, and while ten others upload. All come
// over SSH to a server of their own process; posts follow each other without a pause.
func BenchmarkPostsDuringUploads(b *testing.B) {
	dir := e2e.Dir(b)
	server, err := e2e.Start(e2e.Command(dir, e2e.Credentials(b, dir, posters+uploaders)))
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := server.Stop(); err != nil {
			b.Error(err)
		}
	}()
	quiet := postWhile(b, server, func() error { time.Sleep(quietTime); return nil })
	var busy []time.Duration
	b.SetBytes(uploaders * uploadBytes)
	for b.Loop() {
		busy = append(busy, postWhile(b, server, func() error { return uploadAll(server) })...)
	}
	report(b, "quiet", quiet)
	report(b, "busy", busy)
}

// report adds to the results of b how long it took half of them, 99 of 100, and the worst.
func report(b *testing.B, name string, took []time.Duration) {
	slices.Sort(took)
	for _, at := range []struct {
		name  string
		index int
	}{{"p50", len(took) / 2}, {"p99", len(took) * 99 / 100}, {"max", len(took) - 1}} {
		b.ReportMetric(took[at.index].Seconds()*1000, name+"-"+at.name+"-ms")
	}
}

// postWhile lets everybody post for as long as do takes, and returns how long each post
// did.
func postWhile(b *testing.B, server *e2e.Server, do func() error) (took []time.Duration) {
	var mu sync.Mutex
	var posting sync.WaitGroup
	over := make(chan struct{})
	for i := range posters {
		client, err := server.Dial(e2e.Person(i))
		if err != nil {
			b.Fatal(err)
		}
		posting.Go(func() {
			defer client.Close()
			waits, err := timedPosts(client, over)
			if err != nil {
				b.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, waits...)
		})
	}
	if err := do(); err != nil {
		b.Error(err)
	}
	close(over)
	posting.Wait()
	if len(took) == 0 {
		b.Fatal("nobody posted")
	}
	return took
}

// timedPosts posts in a session of its own until over is closed.
func timedPosts(client *gossh.Client, over <-chan struct{}) (took []time.Duration, err error) {
	session, err := client.NewSession()
	if err != nil {
		return nil, err
	}
	in, inErr := session.StdinPipe()
	out, outErr := session.StdoutPipe()
	if err := errors.Join(inErr, outErr, session.Shell()); err != nil {
		return nil, err
	}
	answers := bufio.NewReader(out)
	for {
		select {
		case <-over:
			return took, nil
		default:
		}
		start := time.Now()
		_, sendErr := fmt.Fprintf(in, "MSG %s post %d\n", rules.Lobby, len(took))
		answer, err := answers.ReadString('\n')
		if err := errors.Join(sendErr, err); err != nil || answer != "Message posted to lobby thread\n" {
			return took, fmt.Errorf("answer %q, %w", answer, err)
		}
		took = append(took, time.Since(start))
	}
}

// uploadAll uploads for each uploader a file in which nothing repeats, all at once.
func uploadAll(server *e2e.Server) error {
	errs := make(chan error)
	for i := range uploaders {
		go func() {
			name := e2e.Person(posters + i)
			client, err := server.Dial(name)
			if err == nil {
				err = errors.Join(uploadNoise(client, "/lobby/"+name), client.Close())
			}
			errs <- err
		}()
	}
	var err error
	for range uploaders {
		err = errors.Join(err, <-errs)
	}
	return err
}

func uploadNoise(client *gossh.Client, path string) error {
	files, err := sftp.NewClient(client, sftp.UseConcurrentWrites(true))
	if err != nil {
		return err
	}
	defer files.Close()
	file, err := files.Create(path)
	if err != nil {
		return err
	}
	block := make([]byte, 1<<20)
	rand.Read(block)
	for n := range uploadBytes / len(block) {
		block[0]++ // so that no two are the same
		if _, err := file.ReadFrom(io.LimitReader(bytes.NewReader(block), int64(len(block)))); err != nil {
			return fmt.Errorf("after %d MiB: %w", n, err)
		}
	}
	return file.Close()
}

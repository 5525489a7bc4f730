//go:build linux

package bench

import (
	"bytes"
	"context"
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
	"sshforum/forum/forumtest"
)

// BenchmarkBusyServer runs a command over and over, each in a session of its own, first on a
// server with nothing else to do, and then for as long beside 500 shells that follow a thread
// with a line a second, and ten uploads one after the other of 8 MiB each. The metrics are
// how long a command takes.
func BenchmarkBusyServer(b *testing.B) {
	const shells, uploads, watched = 500, 10, 15 * time.Second
	f := followedForum(b, benchPeople, shells+uploads)
	reader := dialAs(b, f, e2e.Person(0))
	for range b.N {
		idle := commandsFor(b, reader, watched/3)
		c := newCrowd(b, f, shells)
		c.follow(b)
		ctx, stop := context.WithCancel(b.Context())
		var others sync.WaitGroup
		others.Go(func() {
			for ctx.Err() == nil {
				c.post(b, 1, "text")
				time.Sleep(time.Second)
			}
		})
		for i := range uploads {
			client := dialAs(b, f, e2e.Person(i%benchPeople))
			others.Go(func() {
				defer client.Close()
				if err := uploadUntil(ctx, client, fmt.Sprintf("/lobby/%d", i)); err != nil {
					b.Error(err)
				}
			})
		}
		busy := commandsFor(b, reader, watched)
		stop()
		others.Wait()
		c.leave()
		for name, took := range map[string][]time.Duration{"idle": idle, "busy": busy} {
			b.ReportMetric(took[len(took)/2].Seconds()*1e3, name+"-p50-ms")
			b.ReportMetric(took[len(took)*99/100].Seconds()*1e3, name+"-p99-ms")
		}
	}
	b.ReportMetric(0, "ns/op")
}

func dialAs(b *testing.B, f *followed, name string) *gossh.Client {
	client, err := gossh.Dial("tcp", f.addr, &gossh.ClientConfig{
		User: name, Auth: []gossh.AuthMethod{gossh.Password(forumtest.Password(name))}, HostKeyCallback: gossh.InsecureIgnoreHostKey(),
	})
	if err != nil {
		b.Fatal(err)
	}
	return client
}

// commandsFor returns how long each command took, in order of that.
func commandsFor(b *testing.B, client *gossh.Client, watched time.Duration) (took []time.Duration) {
	for began := time.Now(); time.Since(began) < watched; time.Sleep(20 * time.Millisecond) {
		started := time.Now()
		session, err := client.NewSession()
		if err != nil {
			b.Fatal(err)
		}
		if out, err := session.CombinedOutput("WHO"); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		took = append(took, time.Since(started))
	}
	slices.Sort(took)
	return took
}

// uploadUntil sends a file over and over until ctx ends.
func uploadUntil(ctx context.Context, conn *gossh.Client, path string) error {
	client, err := sftp.NewClient(conn)
	if err != nil {
		return err
	}
	defer client.Close()
	content := make([]byte, 8<<20)
	for n := byte(0); ctx.Err() == nil; n++ {
		content[0] = n // another content each time
		file, err := client.Create(path)
		if err != nil {
			return err
		}
		_, err = io.Copy(file, bytes.NewReader(content))
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
	}
	return nil
}

//go:build linux

package bench

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/e2e"
	"sshforum/forum"
	"sshforum/forum/storetest"
	"sshforum/storage"
)

const (
	listedThreads  = 100_000
	listedMessages = 200_000
	longThread     = "long"
)

// BenchmarkLongOutput measures commands with much to show that run without a terminal: LST
// of many threads, and RDT of many messages. ms is the median time from the request to the end
// of the output. The ratio is that to the time of DWN, in the same run, of a file with as many
// bytes. anon-MiB is the most anonymous memory that the server had meanwhile, less what it had
// before.
func BenchmarkLongOutput(b *testing.B) {
	dir := e2e.Dir(b)
	e2e.Found(b, dir)
	fillForum(b, filepath.Join(dir, "data"))
	server, err := e2e.Start(e2e.Command(dir, e2e.Credentials(b, dir, 1)))
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := server.Stop(); err != nil {
			b.Error(err)
		}
	}()
	client, err := server.Dial(e2e.Person(0))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	for i, command := range []string{"RDT " + longThread, "LST"} {
		b.Run(command, func(b *testing.B) {
			out := run(b, client, command, "")
			file := fmt.Sprintf("output%d", i)
			run(b, client, "UPD "+longThread+" "+file, out)
			var shown, downloaded []float64 // seconds
			before, err := anonymous(server.Process())
			if err != nil {
				b.Fatal(err)
			}
			memory := watchMemory(b, server.Process())
			for b.Loop() {
				shown = append(shown, took(func() { run(b, client, command, "") }))
				downloaded = append(downloaded, took(func() { run(b, client, "DWN "+longThread+" "+file, "") }))
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(len(out)), "bytes")
			b.ReportMetric(median(shown)*1e3, "ms")
			b.ReportMetric(median(shown)/median(downloaded), "ratio")
			b.ReportMetric(memory()-before, "anon-MiB")
		})
	}
}

// took returns how long f took, in seconds.
func took(f func()) float64 {
	begun := time.Now()
	f()
	return time.Since(begun).Seconds()
}

func run(b *testing.B, client *gossh.Client, command, input string) string {
	b.Helper()
	out, err := e2e.Exec(client, command, input)
	if err != nil {
		b.Fatal(command, err)
	}
	return out
}

// fillForum writes the threads, and the messages of one of them, a thousand in a change.
func fillForum(b *testing.B, dir string) {
	b.Helper()
	store, err := storage.Open(dir, storage.Options{})
	if err != nil {
		b.Fatal(err)
	}
	text := string(bytes.Repeat([]byte("do or do not "), 5))
	var thread forum.Thread
	write := func(n int, do func(tx forum.Tx, i int)) { writeRows(b, store, n, do) }
	write(listedThreads, func(tx forum.Tx, i int) {
		tx.PutThread(forum.Thread{ID: tx.NewThreadID(), Title: fmt.Sprintf("thread%d", i), Created: tx.Time(), Active: tx.Time()})
	})
	write(1, func(tx forum.Tx, _ int) {
		thread = forum.Thread{ID: tx.NewThreadID(), Title: longThread, Created: tx.Time(), Active: tx.Time()}
		tx.PutThread(thread)
	})
	write(listedMessages, func(tx forum.Tx, i int) {
		thread.Last++
		thread.Messages++
		tx.AddMessage(forum.Message{ID: forum.MessageID{Thread: thread.ID, Seq: thread.Last}, Author: 1, Text: text, Posted: tx.Time()})
		tx.PutThread(thread)
	})
	if err := store.Close(); err != nil {
		b.Fatal(err)
	}
}

// writeRows calls do n times with the number of the call from 0, a thousand times in a change.
func writeRows(b *testing.B, store *storage.DB, n int, do func(tx forum.Tx, i int)) {
	b.Helper()
	for from := 0; from < n; from += 1000 {
		_, err := store.Submit(b.Context(), storetest.Write(func(tx forum.Tx) {
			for i := from; i < min(from+1000, n); i++ {
				do(tx, i)
			}
		}))
		if err != nil {
			b.Fatal(err)
		}
	}
}

package jsonforum

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sshforum/forum/forumtest"
	"sshforum/legacy/legacytest"
)

// BenchmarkReplyLatency measures over TCP the reply times for a client that reads the reply
// after 10 ms, with and without others who post. Besides the percentiles it reports how many
// replies were later than 10 ms.
func BenchmarkReplyLatency(b *testing.B) {
	read, upload := object{"type": "RDT", "thread": "t1"}, object{"type": "UPD", "thread": "t1"}
	for _, others := range []int{0, 20} {
		b.Run(fmt.Sprintf("RDT/others=%d", others), func(b *testing.B) { latency(b, others, read) })
		b.Run(fmt.Sprintf("UPD/others=%d", others), func(b *testing.B) { latency(b, others, upload) })
	}
	// The client's first command, typed ahead, follows a request that has no answer.
	b.Run("RDT/first", func(b *testing.B) { latency(b, 0, object{"type": "login-S"}, read) })
}

// latency measures how long the reply to the last of some requests takes.
func latency(b *testing.B, others int, requests ...object) {
	f := forumtest.New(b)
	addr := legacytest.Listen(b, f, Config())
	client := dial(b, f, addr, "yoda")
	exchange(b, client, object{"type": "CRT", "name": "t1"})
	for range 100 {
		exchange(b, client, object{"type": "MSG", "thread": "t1", "message": "a line of some length, such as people write"})
	}
	var posting sync.WaitGroup
	stop := make(chan struct{})
	for i := range others {
		other := dial(b, f, addr, fmt.Sprintf("user%d", i))
		posting.Go(func() {
			for {
				exchange(b, other, object{"type": "MSG", "thread": "lobby", "message": "hello"})
				select {
				case <-stop:
					return
				case <-time.After(10 * time.Millisecond):
				}
			}
		})
	}
	var took []time.Duration
	for b.Loop() {
		for _, o := range requests[:len(requests)-1] {
			send(b, client, o)
		}
		began := time.Now()
		exchange(b, client, requests[len(requests)-1])
		took = append(took, time.Since(began))
	}
	close(stop)
	posting.Wait()
	legacytest.Latency(b, took)
	late := len(took) - slices.IndexFunc(append(took, time.Hour), func(d time.Duration) bool { return d > shortSleep })
	b.ReportMetric(float64(late), "late")
}

// BenchmarkLongMessages compares reading a thread of the longest messages, each character
// of which takes six bytes of a reply, with one of short lines: of-short is how many times
// as long it takes. The reply has the same length.
func BenchmarkLongMessages(b *testing.B) {
	f := forumtest.New(b)
	addr := legacytest.Listen(b, f, Config())
	yoda := f.As("yoda")
	for thread, text := range map[string]string{"short": "a line of some length, such as people write", "long": strings.Repeat("é", f.Service.MessageBytes()/2)} {
		if _, err := f.Service.CreateThread(b.Context(), yoda, thread); err != nil {
			b.Fatal(err)
		}
		for range 128 {
			if _, err := f.Service.Post(b.Context(), yoda, thread, text); err != nil {
				b.Fatal(err)
			}
		}
	}
	client := dial(b, f, addr, "yoda")
	took := make(map[string]time.Duration)
	for b.Loop() {
		for _, thread := range []string{"short", "long"} {
			began := time.Now()
			exchange(b, client, object{"type": "RDT", "thread": thread})
			took[thread] += time.Since(began)
		}
	}
	b.ReportMetric(took["long"].Seconds()/took["short"].Seconds(), "of-short")
	b.ReportMetric(float64(took["long"].Microseconds())/float64(b.N), "long-us")
}

// dial logs in.
func dial(b *testing.B, f *forumtest.Forum, addr, name string) net.Conn {
	f.As(name)
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	_ = conn.(*net.TCPConn).SetNoDelay(false) // as it is in the client
	exchange(b, conn, object{"type": "login-N", "username": name})
	if got := exchange(b, conn, object{"type": "login-P", "password": forumtest.Password(name)}); got != "Y" {
		b.Fatalf("%s is told %q", name, got)
	}
	return conn
}

// exchange sends a request and returns the reply.
func exchange(b *testing.B, conn net.Conn, o object) string {
	send(b, conn, o)
	buffer := make([]byte, maxMessage)
	n, err := conn.Read(buffer)
	if err != nil && err != io.EOF {
		b.Error(err)
	}
	return string(buffer[:n])
}

func send(b *testing.B, conn net.Conn, o object) {
	text, err := json.Marshal(o)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := conn.Write(text); err != nil {
		b.Error(err)
	}
}

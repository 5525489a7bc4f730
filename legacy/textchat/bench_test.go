package textchat

import (
	"net"
	"testing"
	"time"

	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/legacy/legacytest"
)

// BenchmarkReplyLatency measures over TCP how long the acknowledgement of a message takes, and
// reports the percentiles.
func BenchmarkReplyLatency(b *testing.B) {
	f := forumtest.New(b, func(c *rules.Config) { c.GuestThread = rules.Lobby })
	conn, err := net.Dial("tcp", legacytest.Listen(b, f, Config(Room{Thread: rules.Lobby, Zone: time.UTC})))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	client := legacytest.NewClient(b, conn, recvBytes)
	client.Recv()
	client.Send("Brandon")
	client.Recv()
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		client.Send("a line of some length, such as people write")
		client.Recv()
		took = append(took, time.Since(began))
	}
	legacytest.Latency(b, took)
}

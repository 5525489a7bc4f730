package picklechat

import (
	"net"
	"testing"
	"time"

	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/legacy/legacytest"
)

// BenchmarkReplyLatency measures over TCP how long a client waits for a reply, and
// reports the percentiles.
func BenchmarkReplyLatency(b *testing.B) {
	for name, request := range map[string]string{
		"MSG": python38("MSG", "a line of some length, such as people write"),
		"RDM": python38("RDM", "01 Jan 2020 00:00:00"),
	} {
		b.Run(name, func(b *testing.B) {
			f := forumtest.New(b)
			f.As("yoda")
			conn, err := net.Dial("tcp", legacytest.Listen(b, f, Config(rules.Lobby, time.UTC)))
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close()
			client := legacytest.NewClient(b, conn, maxMessage)
			client.Recv()
			client.Send(python38("LOGIN", "yoda "+forumtest.Password("yoda")))
			client.Recv()
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				client.Send(request)
				client.Recv()
				took = append(took, time.Since(began))
			}
			legacytest.Latency(b, took)
		})
	}
}

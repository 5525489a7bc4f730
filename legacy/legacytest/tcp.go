package legacytest

import (
	"context"
	"log/slog"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"sshforum/forum/forumtest"
	"sshforum/legacy"
)

// Listen opens a door on f that clients reach by TCP, for benchmarks, until the test ends. It
// returns the address.
func Listen(t testing.TB, f *forumtest.Forum, cfg legacy.Config) string {
	t.Helper()
	cfg.Service, cfg.Logger = f.Service, slog.New(slog.DiscardHandler)
	cfg.MaxClients, cfg.LoginGrace = 1000, time.Minute
	ctx, stop := context.WithCancel(context.Background())
	cfg.Cut = ctx.Done()
	server, err := legacy.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Serve(ctx, ln); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		stop()
		serving.Wait()
	})
	return ln.Addr().String()
}

// Latency reports percentiles of the reply times. It sorts them.
func Latency(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	for unit, part := range map[string]float64{"p50-us": 0.5, "p99-us": 0.99, "max-us": 1} {
		at := took[int(part*float64(len(took)-1))]
		b.ReportMetric(float64(at)/float64(time.Microsecond), unit)
	}
}

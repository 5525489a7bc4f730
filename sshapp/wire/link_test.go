package wire

import (
	"bytes"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// A connection sends and receives at the rates that are set.
func TestRates(t *testing.T) {
	const rate, total = 100 << 10, 10 * 100 << 10
	synctest.Test(t, func(t *testing.T) {
		for what, transfer := range map[string]func(l *Link) (int64, error){
			"sending":   func(l *Link) (int64, error) { return io.Copy(l, bytes.NewReader(make([]byte, total))) },
			"receiving": func(l *Link) (int64, error) { return io.CopyN(io.Discard, l, total) },
		} {
			near, far := net.Pipe()
			l := NewLink(near, rate, rate, nil, nil)
			go func() { _, _ = far.Write(make([]byte, total)) }()
			go func() { _, _ = io.CopyN(io.Discard, far, total) }()
			began := time.Now()
			n, err := transfer(l)
			if took := time.Since(began); n != total || err != nil || took != 9*time.Second {
				t.Errorf("%s %d bytes took %v, %v", what, n, took, err)
			}
			_ = near.Close()
		}
	})
}

// nowhere is a connection and a channel that take and give as fast as memory.
type nowhere struct {
	gossh.Channel
	net.Conn
}

func (nowhere) Read(p []byte) (int, error)         { return len(p), nil }
func (nowhere) Write(p []byte) (int, error)        { return len(p), nil }
func (nowhere) SetWriteDeadline(t time.Time) error { return nil }
func (nowhere) Stderr() io.ReadWriter              { return nil }
func (nowhere) Close() error                       { return nil }
func (nowhere) CloseWrite() error                  { return nil }

// BenchmarkLimits measures the cost of a link and a stream without rates for a piece of a
// transfer, over a connection that does nothing. Encrypting and sending that piece takes about
// 20 microseconds.
func BenchmarkLimits(b *testing.B) {
	l := NewLink(nowhere{}, 0, 0, func() {}, func() {})
	l.SetStall(time.Hour)
	s, over := l.Stream(nowhere{}, time.Hour)
	defer over()
	piece := make([]byte, outletPiece)
	for what, transfer := range map[string]func([]byte) (int, error){
		"link/in": l.Read, "link/out": l.Write, "stream/in": s.Read, "stream/out": s.Write,
	} {
		b.Run(what, func(b *testing.B) {
			b.SetBytes(outletPiece)
			for b.Loop() {
				if _, err := transfer(piece); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package files

import (
	"bytes"
	"encoding/binary"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"sshforum/forum/forumtest"
)

// shared is an output for goroutines of package sftp, which may go on after the client has sent
// its last request.
type shared struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *shared) Close() error { return nil }

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// FuzzSFTP sends any bytes to the file tree; its corpus has the requests of real clients. The
// server must not fail internally, must answer each packet at most once, with a packet of a
// known type, and must leave the store sound and no file open.
func FuzzSFTP(f *testing.F) {
	f.Fuzz(func(t *testing.T, sent []byte) {
		f, said, log := forumtest.New(t), &shared{}, &shared{}
		yoda := f.As("Yoda")
		if _, err := f.Service.CreateThread(t.Context(), yoda, "3331"); err != nil {
			t.Fatal(err)
		}
		on := NewLimits(8)
		newHandler(t, f, cap(on.handles)).ServeSFTP(t.Context(), &talk{
			in: bytes.NewReader(sent), out: said, log: slog.New(slog.NewTextHandler(log, nil)), limits: on,
		}, yoda)
		if strings.Contains(log.String(), "level=ERROR") {
			t.Errorf("a fault of the server:\n%s", log)
		}
		if n := len(on.handles) + len(on.texts); n > 0 {
			t.Errorf("%d files are open", n)
		}
		answers := packets([]byte(said.String()))
		for _, p := range answers {
			if kind := p[4]; kind != 2 && (kind < 101 || kind > 105) && kind != 201 {
				t.Errorf("an answer of kind %d", kind)
			}
		}
		if requests := packets(sent); len(answers) > len(requests) {
			t.Errorf("%d answers to %d requests", len(answers), len(requests))
		}
	})
}

// packets are the whole packets that b begins with.
func packets(b []byte) (all [][]byte) {
	for len(b) > 4 {
		size := 4 + uint64(binary.BigEndian.Uint32(b))
		if size < 5 || size > uint64(len(b)) {
			return all
		}
		all, b = append(all, b[:size]), b[size:]
	}
	return all
}

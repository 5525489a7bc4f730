package sshapp

import (
	"bytes"
	"encoding/binary"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"charm.land/ssh"

	"sshforum/forum/forumtest"
)

// spoken is a session in which all was said beforehand.
type spoken struct {
	ssh.Session
	in  io.Reader
	mu  sync.Mutex
	out bytes.Buffer
}

func (s *spoken) Read(p []byte) (int, error) { return s.in.Read(p) }
func (s *spoken) Stderr() io.ReadWriter      { return &bytes.Buffer{} }
func (s *spoken) Close() error               { return nil }

func (s *spoken) SendRequest(string, bool, []byte) (bool, error) { return false, nil }

func (s *spoken) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(p)
}

// heard returns what was answered by now: package sftp may still be sending when the
// client has said its last.
func (s *spoken) heard() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.out.Bytes())
}

// FuzzSFTP says anything to the file tree; its corpus has what real clients say. The server
// has no fault of its own, answers in packets of the kinds there are, at most once for
// each that it was sent, and leaves the store sound and no file open.
func FuzzSFTP(f *testing.F) {
	f.Fuzz(func(t *testing.T, sent []byte) {
		f, logs, sess := forumtest.New(t), &logs{}, &spoken{in: bytes.NewReader(sent)}
		yoda := f.As("Yoda")
		if _, err := f.Service.CreateThread(t.Context(), yoda, "3331"); err != nil {
			t.Fatal(err)
		}
		s := &Server{cfg: Config{Service: f.Service, OpenFiles: 8}, log: slog.New(slog.NewTextHandler(logs, nil)), threads: newThreadFiles(), stopping: t.Context()}
		c := &channel{ctx: t.Context(), accepted: sess, server: s, connection: &connection{
			limits: newLimits(s.cfg.OpenFiles), budget: newLogBudget(),
		}}
		s.serveFiles(t.Context(), &session{Session: sess, channel: c}, yoda)
		if strings.Contains(logs.String(), "level=ERROR") {
			t.Errorf("a fault of the server:\n%s", logs)
		}
		if n := len(c.connection.limits.handles) + len(c.connection.limits.texts); n > 0 {
			t.Errorf("%d files are open", n)
		}
		answers := packets(sess.heard())
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

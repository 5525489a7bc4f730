package textchat

import (
	"bytes"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"
)

// FuzzConversation says anything, cut in any way, to a door: the server takes it without
// a panic or a fault of its own, every message is UTF-8 and fits one read, no control
// character comes back, and the connection ends.
func FuzzConversation(f *testing.F) {
	script, err := os.ReadFile("testdata/session.txt")
	if err != nil {
		f.Fatal(err)
	}
	var session strings.Builder
	for line := range strings.Lines(string(script)) {
		if _, typed, ok := strings.Cut(strings.TrimSpace(line), "> "); ok {
			session.WriteString(typed)
		}
	}
	f.Add([]byte(session.String()), uint16(40), true)
	f.Fuzz(func(t *testing.T, heard []byte, size uint16, named bool) {
		synctest.Test(t, func(t *testing.T) {
			s := newStage(t, 0)
			p := s.door.Dial()
			listening := make(chan struct{})
			go func() {
				defer close(listening)
				for {
					buffer := make([]byte, recvBytes)
					n, err := p.Read(buffer)
					if err != nil {
						return
					}
					if m := buffer[:n]; !utf8.Valid(m) || bytes.ContainsFunc(m, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }) {
						t.Errorf("received %q", m)
					}
				}
			}()
			if named {
				synctest.Wait()
				_, _ = io.WriteString(p, "Brandon")
			}
			synctest.Wait()
			for piece := range slices.Chunk(heard, int(size)+1) {
				if _, err := p.Write(piece); err != nil {
					break
				}
				time.Sleep(gap)
			}
			_ = p.(interface{ CloseWrite() error }).CloseWrite()
			<-listening
			s.door.Close()
			if log := s.door.Log.String(); s.door.Panics() > 0 || strings.Contains(log, "level=ERROR") {
				t.Error("a fault of the server")
			}
		})
	})
}

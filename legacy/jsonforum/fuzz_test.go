package jsonforum

import (
	"bytes"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"sshforum/forum/forumtest"
)

// FuzzConversation says anything, cut in any way, to a door: the server takes it without
// a panic or a fault of its own, every reply fits one read, and the connection ends.
func FuzzConversation(f *testing.F) {
	script, err := os.ReadFile("testdata/session.txt")
	if err != nil {
		f.Fatal(err)
	}
	var session strings.Builder
	for line := range strings.Lines(string(script)) {
		if _, typed, ok := strings.Cut(line, "> "); ok {
			session.WriteString(typed)
		}
	}
	f.Add([]byte(session.String()), uint16(7), true)
	f.Fuzz(func(t *testing.T, said []byte, size uint16, loggedIn bool) {
		synctest.Test(t, func(t *testing.T) {
			s := newStage(t)
			p := s.connect()
			if loggedIn {
				s.As("yoda")
				p.ask(object{"type": "login-N", "username": "yoda"})
				p.ask(object{"type": "login-P", "password": forumtest.Password("yoda")})
			}
			var heard bytes.Buffer
			done := make(chan struct{})
			go func() {
				defer close(done)
				_, _ = io.Copy(&heard, p)
			}()
			for piece := range slices.Chunk(said, int(size)+1) {
				if _, err := p.Write(piece); err != nil {
					break
				}
				synctest.Wait()
			}
			_ = p.CloseWrite()
			<-done
			s.door.Close()
			if log := s.door.Log.String(); s.door.Panics() > 0 || strings.Contains(log, "level=ERROR") {
				t.Error("a fault of the server")
			}
		})
	})
}

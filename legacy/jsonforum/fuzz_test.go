package jsonforum

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"sshforum/forum/forumtest"
	"sshforum/legacy/legacytest"
)

// FuzzConversation says anything, cut in any way, to a door: the server takes it without
// a panic or a fault of its own, every reply fits one read, and the connection ends.
func FuzzConversation(f *testing.F) {
	f.Add([]byte(strings.Join(legacytest.Typed(legacytest.Session(f)), "\n")), uint16(7), true)
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
			legacytest.Feed(p, said, int(size)+1, synctest.Wait)
			_ = p.CloseWrite()
			<-done
			s.door.Sound()
		})
	})
}

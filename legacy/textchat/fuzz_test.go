package textchat

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"sshforum/legacy/legacytest"
)

// FuzzConversation says anything, cut in any way, to a door: the server takes it without
// a panic or a fault of its own, every message is UTF-8 and fits one read, no control
// character comes back, and the connection ends.
func FuzzConversation(f *testing.F) {
	f.Add([]byte(strings.Join(legacytest.Typed(legacytest.Session(f)), "\n")), uint16(40), true)
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
			legacytest.Feed(p, heard, int(size)+1, func() { time.Sleep(gap) })
			_ = p.(interface{ CloseWrite() error }).CloseWrite()
			<-listening
			s.door.Sound()
		})
	})
}

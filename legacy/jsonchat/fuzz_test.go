package jsonchat

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum/forumtest"
	"sshforum/legacy/legacytest"
)

// FuzzConversation says anything, cut in any way, to a door: the server takes it without
// a panic or a fault of its own, every message is one JSON object in ASCII that fits one
// read, and the connection ends.
func FuzzConversation(f *testing.F) {
	f.Add(requests(legacytest.Session(f)), uint16(7), true)
	f.Fuzz(func(t *testing.T, said []byte, size uint16, loggedIn bool) {
		synctest.Test(t, func(t *testing.T) {
			s := newStage(t)
			s.As("hans")
			s.tell("hans", "yoda", "before")
			p := s.connect()
			if loggedIn {
				p = s.as("yoda")
			}
			done := make(chan struct{})
			go func() {
				defer close(done)
				for {
					buffer := make([]byte, 64<<10)
					n, err := p.Read(buffer)
					if err == io.EOF {
						return
					}
					if text := buffer[:n]; n > maxMessage || !json.Valid(text) || slices.ContainsFunc(text, func(b byte) bool { return b < ' ' || b > '~' }) {
						t.Errorf("%d bytes: %q", n, text)
					}
				}
			}()
			legacytest.Feed(p, said, int(size)+1, synctest.Wait)
			time.Sleep(time.Second)
			_ = p.CloseWrite()
			<-done
			s.door.Sound()
			if strings.Contains(s.door.Log.String(), forumtest.Password("yoda")) {
				t.Error("a password in the log")
			}
		})
	})
}

// requests returns the requests of the clients of a session.
func requests(session string) (all []byte) {
	for _, typed := range legacytest.Typed(session) {
		words := strings.SplitN(typed, " ", 3)
		text, _ := json.Marshal(object{"action": words[0], "user": append(words, "")[1], "message": words[len(words)-1], "since": "100"})
		all = append(all, text...)
	}
	return all
}

package jsonchat

import (
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum/forumtest"
)

// FuzzConversation says anything, cut in any way, to a door: the server takes it without
// a panic or a fault of its own, every message is one JSON object in ASCII that fits one
// read, and the connection ends.
func FuzzConversation(f *testing.F) {
	session, err := os.ReadFile("testdata/session.txt")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(requests(string(session)), uint16(7), true)
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
			for piece := range slices.Chunk(said, int(size)+1) {
				if _, err := p.Write(piece); err != nil {
					break
				}
				synctest.Wait()
			}
			time.Sleep(time.Second)
			_ = p.CloseWrite()
			<-done
			s.door.Close()
			if log := s.door.Log.String(); s.door.Panics() > 0 || strings.Contains(log, "level=ERROR") || strings.Contains(log, forumtest.Password("yoda")) {
				t.Error("a fault of the server, or a password in its log")
			}
		})
	})
}

// requests is what the clients of a script send.
func requests(script string) []byte {
	var all []byte
	for line := range strings.Lines(script) {
		_, typed, _ := strings.Cut(strings.TrimSpace(line), "> ")
		if words := strings.SplitN(typed, " ", 3); typed != "" {
			text, _ := json.Marshal(object{"action": words[0], "user": append(words, "")[1], "message": words[len(words)-1], "since": "100"})
			all = append(all, text...)
		}
	}
	return all
}

package picklechat

import (
	"bytes"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"sshforum/forum"
	"sshforum/forum/forumtest"
)

// FuzzUnpickle reads anything: what is refused is refused with a reason, and what is read
// is a message that comes back the same from a pickle of ours.
func FuzzUnpickle(f *testing.F) {
	for _, p := range attacks {
		f.Add([]byte(p))
	}
	f.Add([]byte(python38("MSG", "hello")))
	f.Add([]byte(python37("UDP_PORT", 70000)))
	f.Fuzz(func(t *testing.T, p []byte) {
		m, err := unpickle(string(p), maxRequest)
		switch {
		case err == io.EOF, err == io.ErrUnexpectedEOF, forum.KindOf(err) == forum.Invalid && err != nil:
			return
		case err != nil:
			t.Fatal(err)
		}
		if body, ok := m.body.(string); ok {
			if again, err := unpickle(pickle(m.kind, body), 2*maxRequest); err != nil || again != m {
				t.Errorf("%+v came back as %+v, %v", m, again, err)
			}
		}
	})
}

// FuzzConversation says anything, cut in any way, to a door: the server takes it without
// a panic or a fault of its own, every reply is a pickle that fits one read, and the
// connection ends.
func FuzzConversation(f *testing.F) {
	script, err := os.ReadFile("testdata/session.txt")
	if err != nil {
		f.Fatal(err)
	}
	var session strings.Builder
	for line := range strings.Lines(string(script)) {
		if _, typed, ok := strings.Cut(strings.TrimSpace(line), "> "); ok {
			kind, body, _ := strings.Cut(typed, " ")
			session.WriteString(python38(kind, body))
		}
	}
	f.Add([]byte(session.String()), uint16(7), true)
	f.Fuzz(func(t *testing.T, said []byte, size uint16, login bool) {
		synctest.Test(t, func(t *testing.T) {
			s := newStage(t)
			p := s.connect()
			if login {
				s.As("yoda")
				p.ask("LOGIN", "yoda "+forumtest.Password("yoda"))
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
			u := newUnpickler(&heard)
			for heard.Len() > 0 || u.in.Buffered() > 0 {
				if _, err := u.next(maxMessage); err != nil {
					t.Fatalf("not a reply: %v", err)
				}
			}
			s.door.Close()
			if log := s.door.Log.String(); s.door.Panics() > 0 || strings.Contains(log, "level=ERROR") {
				t.Error("a fault of the server")
			}
		})
	})
}

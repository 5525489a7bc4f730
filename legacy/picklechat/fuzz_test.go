package picklechat

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/legacy/legacytest"
)

// FuzzUnpickle reads any bytes. They are refused with a reason, or they are a message that
// stays the same when it is pickled and read again.
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
	var session strings.Builder
	for _, typed := range legacytest.Typed(legacytest.Session(f)) {
		kind, body, _ := strings.Cut(typed, " ")
		session.WriteString(python38(kind, body))
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
			legacytest.Feed(p, said, int(size)+1, synctest.Wait)
			_ = p.CloseWrite()
			<-done
			u := newUnpickler(&heard)
			for heard.Len() > 0 || u.in.Buffered() > 0 {
				if _, err := u.next(maxMessage); err != nil {
					t.Fatalf("not a reply: %v", err)
				}
			}
			s.door.Sound()
		})
	})
}

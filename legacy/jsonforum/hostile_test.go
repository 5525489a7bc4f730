package jsonforum

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/legacy/legacytest"
)

// TestHostileClients runs each hostile client while another client reads a thread again and
// again. That client must not be disturbed, and the memory used is bounded.
func TestHostileClients(t *testing.T) {
	const (
		perSecond, seconds = 16 << 20, 64 // 1 GB of those that send what they can
		tooSlow            = "LDYou took too long to log in\n"
	)
	for name, hostile := range map[string]struct {
		login  bool
		begin  string
		repeat string
		pause  time.Duration // after repeat
		closed string        // what it hears at last; "" for one that may stay
	}{
		"says nothing":               {pause: time.Second, closed: tooSlow},
		"half an object":             {begin: `{"type": "login-N"`, pause: time.Second, closed: tooSlow},
		"a byte a second":            {begin: `{"type": "`, repeat: "x", pause: time.Second, closed: tooSlow},
		"a value without end":        {begin: `{"type": "login-N", "username": "`, repeat: strings.Repeat("x", perSecond/1000), pause: time.Millisecond, closed: "LDThe request is too long\n"},
		"no JSON":                    {repeat: "\x80\x04\x95", pause: time.Second, closed: "LDNot JSON\n"},
		"logged in, half an object":  {login: true, begin: `{"type": "LST"`, pause: time.Second},
		"logged in, a byte a second": {login: true, begin: `{"type": "`, repeat: "x", pause: time.Second},
		"logged in, without end":     {login: true, begin: `{"type": "MSG", "message": "`, repeat: strings.Repeat("x", perSecond/1000), pause: time.Millisecond, closed: "Invalid command|Goodbye"},
		"logged in, no JSON":         {login: true, begin: "GET / HTTP/1.1\r\n\r\n", pause: time.Second, closed: "Invalid command|Goodbye"},
		"logged in, brackets":        {login: true, repeat: strings.Repeat("[", perSecond/1000), pause: time.Millisecond, closed: "Invalid command|Goodbye"},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, func(t *testing.T, s *stage) {
				luke := s.as("luke")
				p := s.connect()
				if hostile.login {
					p = s.as("yoda")
				}
				before := legacytest.Heap()
				heard := p.Hear()
				sent := 0
				for end := time.Now().Add(seconds * time.Second); time.Now().Before(end); time.Sleep(hostile.pause) {
					n, err := io.WriteString(p, hostile.begin+hostile.repeat)
					if sent += n; err != nil {
						break
					}
					hostile.begin = ""
					if time.Now().Nanosecond() == 0 {
						luke.want(`["operator\n"]`, object{"type": "RDT", "thread": "lobby"})
					}
				}
				synctest.Wait()
				if held := legacytest.Heap() - before; held > 4<<20 {
					t.Errorf("%d MiB are held for %d MiB sent", held>>20, sent>>20)
				}
				if hostile.closed == "" {
					_ = p.Close()
				} else if got := <-heard; got != hostile.closed {
					t.Errorf("it heard %q", got)
				}
			})
		})
	}
}

package jsonchat

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
	"sshforum/legacy/legacytest"
)

// TestHostileClients runs each hostile client while another client asks again and again who is
// here. That client must not be disturbed, and the memory used is bounded.
func TestHostileClients(t *testing.T) {
	const (
		perSecond, seconds = 16 << 20, 70 // 1 GB of those that send what they can
		tooLong            = `{"action":"notice","message":"The request is too long"}|{"action":"timeout"}`
		noJSON             = `{"action":"notice","message":"Not JSON"}|{"action":"timeout"}`
		idle               = `{"action":"timeout"}`
		notLoggedIn        = `{"action":"login","status":"You took too long to log in"}`
	)
	most := strings.Repeat("x", perSecond/1000)
	for name, hostile := range map[string]struct {
		login  bool
		begin  string
		repeat string
		pause  time.Duration // after repeat
		heard  string
	}{
		"says nothing":               {pause: time.Second, heard: notLoggedIn},
		"half an object":             {begin: `{"action": "login"`, pause: time.Second, heard: notLoggedIn},
		"a byte a second":            {begin: `{"action": "`, repeat: "x", pause: time.Second, heard: notLoggedIn},
		"a value without end":        {begin: `{"action": "`, repeat: most, pause: time.Millisecond, heard: `{"action":"login","status":"The request is too long"}`},
		"no JSON":                    {repeat: "\x80\x04\x95", pause: time.Second, heard: `{"action":"login","status":"Not JSON"}`},
		"logged in, says nothing":    {login: true, pause: time.Second, heard: idle},
		"logged in, half an object":  {login: true, begin: `{"action": "whoelse"`, pause: time.Second, heard: idle},
		"logged in, a byte a second": {login: true, begin: `{"action": "`, repeat: "x", pause: time.Second, heard: idle},
		"logged in, without end":     {login: true, begin: `{"action": "message", "message": "`, repeat: most, pause: time.Millisecond, heard: tooLong},
		"logged in, spaces":          {login: true, repeat: strings.Repeat(" ", len(most)), pause: time.Millisecond, heard: tooLong},
		"logged in, brackets":        {login: true, repeat: strings.Repeat("[", len(most)), pause: time.Millisecond, heard: noJSON},
		"logged in, no JSON":         {login: true, begin: "GET / HTTP/1.1\r\n\r\n", pause: time.Second, heard: noJSON},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, func(s *stage) {
				s.does(func() error {
					_, err := s.Service.SetPreferences(s.t.Context(), s.As("luke"), forum.Preferences{NoPresence: true})
					return err
				})
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
						luke.want(`{"action":"whoelsesince","reply":"Unknown action"}`, object{"action": "whoelsesince", "since": 1})
					}
				}
				synctest.Wait()
				if held := legacytest.Heap() - before; held > 4<<20 {
					t.Errorf("%d MiB are held for %d MiB sent", held>>20, sent>>20)
				}
				if got := <-heard; got != hostile.heard {
					t.Errorf("it heard %q", got)
				}
			})
		})
	}
}

package udpforum

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/legacy/legacytest"
)

// replay plays a script of original clients on a door.
func replay(s *stage, script string) (clients map[string]*original) {
	clients = make(map[string]*original)
	lines := strings.Split(script, "\n")
	for i, line := range lines {
		name, text, _ := strings.Cut(line, " ")
		name, typed := strings.CutSuffix(name, ">")
		if !typed {
			continue
		}
		if clients[name] == nil {
			clients[name] = newOriginal(s.t, s.net.listen(s.t), s.hello, s.door.Dial)
		}
		clients[name].typed(text)
		synctest.Wait()
		legacytest.Expect(s.t, clients, lines[i+1:])
	}
	return clients
}

func TestRecordedSessions(t *testing.T) {
	script := legacytest.Session(t)
	for _, lag := range []time.Duration{0, time.Millisecond, 40 * time.Millisecond} {
		t.Run(lag.String(), func(t *testing.T) {
			play(t, func(s *stage) {
				s.door.Lag = lag
				s.AsPassword("test", "test")
				clients := replay(s, script)
				for name, o := range clients {
					if !o.ended {
						t.Errorf("client %s has not ended", name)
					}
				}
				if got := clients["A"].files["file_demo.txt"]; got != "demoall ready" {
					t.Errorf("the downloaded file is %q", got)
				}
			})
		})
	}
}

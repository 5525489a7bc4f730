package udpforum

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestHostilePeers runs each hostile peer beside a client that must not be disturbed.
func TestHostilePeers(t *testing.T) {
	for name, peer := range map[string]func(s *stage, p person){
		"says nothing": func(s *stage, p person) {
			time.Sleep(time.Minute)
			p.Expect("You took too long to log in")
			p.Expect("")
		},
		"one byte a second": func(s *stage, p person) {
			for range 60 {
				_, _ = p.Write([]byte("x"))
				time.Sleep(time.Second)
			}
			_ = p.Close()
		},
		"half a session": func(s *stage, p person) {
			s.As("luke")
			p.want("username exists", "luke")
			_ = p.Close()
		},
		"dies of a command": func(s *stage, _ person) {
			p := s.as("luke")
			p.Send("MSG")
			_ = p.Close()
		},
		"does not stop before login": func(_ *stage, p person) {
			p.Send(strings.Repeat("x", maxLogin+1))
			p.Expect("Incorrect input")
			p.Expect("")
		},
		"does not stop": func(s *stage, _ person) {
			p := s.as("luke")
			hungUp := make(chan struct{})
			go func() {
				defer close(hungUp)
				for chunk := strings.Repeat("x", 64<<10); ; time.Sleep(time.Millisecond) {
					if _, err := p.Write([]byte(chunk)); err != nil {
						return
					}
				}
			}()
			p.Expect("Incorrect input")
			p.Expect("")
			<-hungUp
		},
		"does not read": func(s *stage, _ person) {
			p := s.as("luke")
			for range 5000 {
				if _, err := p.Write([]byte("LST")); err != nil {
					return
				}
				synctest.Wait()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, func(s *stage) {
				other := s.as("yoda")
				peer(s, s.connect())
				other.want("The list of active threads:", "LST")
				synctest.Wait()
				if s.here("luke") && name != "does not read" {
					t.Error("luke is still here")
				}
				s.door.Sound()
			})
		})
	}
}

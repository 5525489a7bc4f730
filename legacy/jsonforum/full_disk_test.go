package jsonforum

import (
	"testing"
	"time"

	"sshforum/forum/forumtest"
)

const diskFull = "The server's disk is full; nothing more can be stored until space is freed."

// TestFullDisk: on a full disk, people can log in, read and download. Requests that must be
// stored are refused with a sentence, and succeed when there is space again.
func TestFullDisk(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		luke := s.as("luke")
		luke.want("Message posted to lobby thread", object{"type": "MSG", "thread": "lobby", "message": "one"})
		if got := luke.upload("lobby", "a.txt", "hello"); got != "a.txt uploaded to lobby thread" {
			t.Fatal(got)
		}
		s.As("yoda")
		s.SetFull(true)

		yoda := s.as("yoda")
		yoda.want(`{"lobby": {}}`, object{"type": "LST"})
		yoda.want(`["operator\n","1 luke: one\n","luke uploaded a.txt\n"]`, object{"type": "RDT", "thread": "lobby"})
		yoda.want(`{"filesize": 5}`, object{"type": "DWN", "thread": "lobby", "filename": "a.txt"})
		for _, reply := range []string{"starting", "hello", "a.txt successfully downloaded"} {
			yoda.Expect(reply)
		}
		for _, refused := range []object{
			{"type": "CRT", "name": "t1"},
			{"type": "MSG", "thread": "lobby", "message": "two"},
			{"type": "DLT", "thread": "lobby", "message_number": "1"},
			{"type": "EDT", "thread": "lobby", "message_number": "1", "message": "mine"},
			{"type": "RMV", "thread": "lobby"},
		} {
			yoda.want(diskFull, refused)
		}
		if got := yoda.upload("lobby", "b.txt", "hello"); got != diskFull {
			t.Error(got)
		}
		yoda.want("Goodbye", object{"type": "XIT"})

		newcomer := s.connect()
		newcomer.want("NUleia", object{"type": "login-N", "username": "leia"})
		newcomer.want(diskFull, object{"type": "login-NP", "password": "a password"})
		newcomer.want("PWD", object{"type": "login-N", "username": "yoda"})
		newcomer.want("N", object{"type": "login-P", "password": "guess"})
		newcomer.want("PWD", object{"type": "login-N", "username": "yoda"})
		newcomer.want("Y", object{"type": "login-P", "password": forumtest.Password("yoda")})

		s.SetFull(false)
		newcomer.want("Message posted to lobby thread", object{"type": "MSG", "thread": "lobby", "message": "two"})
		time.Sleep(time.Second)
		s.door.Sound()
	})
}

package legacy_test

import (
	"io"
	"testing"
	"testing/synctest"

	"sshforum/forum/gate"
)

// TestFullDiskPunishesNobody: on a full disk, people with an account can log in, and people who
// register are told why they cannot.
func TestFullDiskPunishesNobody(t *testing.T) {
	for _, reason := range []gate.Reason{gate.AuthFail, gate.NoAuth, gate.Refused} {
		play(t, behind(t, io.Discard, 100, reason), func(t *testing.T, s *stage) {
			s.As("yoda")
			s.SetFull(true)
			for range 2 {
				newcomer := s.client()
				newcomer.Send("register:luke")
				newcomer.Expect("unavailable")
				_ = newcomer.Close()
				synctest.Wait()
				yoda := s.as("yoda")
				yoda.Send("leave")
				yoda.Expect("bye")
				_ = yoda.Close()
				synctest.Wait()
			}
			s.SetFull(false)
			newcomer := s.client()
			newcomer.Send("register:luke")
			newcomer.Expect("made")
			s.Sound()
		})
	}
}

// TestGuessesOnAFullDiskArePunished, whatever else the connection requests.
func TestGuessesOnAFullDiskArePunished(t *testing.T) {
	for _, words := range []string{"login:nobody register:luke leave", "register:luke login:nobody leave"} {
		play(t, behind(t, io.Discard, 100, gate.AuthFail), func(t *testing.T, s *stage) {
			s.SetFull(true)
			client := s.client()
			client.Send(words)
			_, _ = io.ReadAll(client)
			_ = client.Close()
			synctest.Wait()
			s.client().Expect("")
		})
	}
}

package picklechat

import "testing"

const diskFull = "The server's disk is full; nothing more can be stored until space is freed."

// TestFullDisk: on a full disk, people can log in, read the board and see who is here. Requests
// that must be stored are refused with a sentence, and succeed when there is space again.
func TestFullDisk(t *testing.T) {
	play(t, func(s *stage) {
		s.As("yoda")
		luke := s.as("luke")
		want := func(o *original, kind, body, asked, with string) {
			s.t.Helper()
			if got := o.ask(asked, with); got != (message{kind, body}) {
				s.t.Errorf("the reply to %s %s is %+v", asked, with, got)
			}
		}
		want(luke, "MSGACK", "Message #1 posted at "+now+".", "MSG", "one")
		s.SetFull(true)

		yoda := s.as("yoda")
		want(yoda, "RDM", "#1, luke: \"one\", posted at "+now+".\n", "RDM", now)
		want(yoda, "ATU", "luke, 192.0.2.7, 40000, active since "+now+".\n", "ATU", "")
		want(yoda, "F", diskFull, "MSG", "two")
		want(luke, "F", diskFull, "DLT", "1 "+now)
		want(luke, "F", diskFull, "EDT", "1 "+now+" uno")
		if got := s.guess("yoda", 1); got.kind != "LOGIN-F" {
			s.t.Errorf("a wrong password: %+v", got)
		}
		want(yoda, "OUT", "Bye, yoda!", "OUT", "")

		s.SetFull(false)
		want(luke, "MSGACK", "Message #2 posted at "+now+".", "MSG", "two")
		s.door.Sound()
	})
}

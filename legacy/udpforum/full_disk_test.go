package udpforum

import (
	"testing"

	"sshforum/forum/forumtest"
)

const diskFull = "The server's disk is full; nothing more can be stored until space is freed."

// TestFullDisk: on a full disk, people can log in and read, by TCP and UDP. Requests that must
// be stored are refused with a sentence, and succeed when there is space again.
func TestFullDisk(t *testing.T) {
	play(t, func(s *stage) {
		luke := s.as("luke")
		luke.want("thread exist", "MSG lobby one")
		luke.want("a.txt uploaded to lobby thread", "UPD lobby a.txt")
		s.As("yoda")
		s.SetFull(true)

		yoda := s.as("yoda")
		yoda.want("The list of active threads:", "LST")
		yoda.want("lobby\n", "active threads")
		yoda.want("1 luke: one\nluke uploaded a.txt\n", "RDT lobby")
		yoda.want("all ready", "DWN lobby a.txt")
		for _, refused := range []string{"CRT t1", "DLT lobby 1", "EDT lobby 1 mine", "UPD lobby b.txt", "RMV lobby"} {
			yoda.want(diskFull, refused)
		}
		// The client does not show the reply to MSG, so the next reply repeats it.
		yoda.want(diskFull, "MSG lobby two")
		yoda.want("MSG lobby two: "+diskFull+"\n"+diskFull, "CRT t1")
		datagrams := s.login(s.client(), "yoda")
		datagrams.want("1 luke: one\nluke uploaded a.txt\n", "RDT lobby")

		newcomer := s.connect()
		newcomer.want("username exists", "leia") // as of any free name
		newcomer.want(diskFull, "a password")
		newcomer.want("username exists", "yoda")
		newcomer.want("password incorrect", "guess")
		newcomer.want("username exists", "yoda")
		newcomer.want("OK", forumtest.Password("yoda"))

		s.SetFull(false)
		yoda.want("thread exist", "MSG lobby two")
		s.door.Sound()
	})
}

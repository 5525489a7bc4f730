package textchat

import "testing"

const diskFull = "The server's disk is full; nothing more can be stored until space is freed."

// TestFullDisk: on a full disk, guests can come and read. Their messages are refused with a
// sentence, and posted when there is space again.
func TestFullDisk(t *testing.T) {
	play(t, func(s *stage) {
		s.upload("a.txt", "hello")
		s.SetFull(true)
		one, two := s.as("Brandon"), s.as("Ann")
		one.Send("list")
		one.want("list ACK", "a.txt")
		one.Send("get a.txt")
		one.want("get a.txt ACK", "hello")
		one.Send("hello?")
		one.want(diskFull)
		s.SetFull(false)
		one.Send("hello?")
		one.want("hello? ACK")
		two.want("Brandon (guest): hello?")
		s.door.Sound()
	})
}

package jsonchat

import "testing"

const diskFull = "The server's disk is full; nothing more can be stored until space is freed."

// TestFullDisk: on a full disk, people can log in, are told that nothing can be stored, and get
// the messages stored for them once. Requests that must be stored are refused with a sentence.
func TestFullDisk(t *testing.T) {
	play(t, func(s *stage) {
		s.tell("luke", "yoda", "psst")
		leia := s.as("leia")
		s.SetFull(true)

		yoda := s.as("yoda")
		yoda.hears(
			`{"action":"notice","message":"`+diskFull+` Reading goes on."}`,
			`{"action":"receive_message","from":"luke","message":"psst"}`,
		)
		yoda.want(`{"action":"whoelse","reply":["leia"]}`, object{"action": "whoelse"})
		yoda.want(`{"action":"startprivate","reply":"SUCCESS","address":"192.0.2.7","port":40002,"username":"leia"}`,
			object{"action": "startprivate", "user": "leia"})
		for _, refused := range []object{
			{"action": "message", "message": "hello", "user": "leia"},
			{"action": "broadcast", "message": "hello"},
			{"action": "block", "user": "leia"},
		} {
			yoda.want(`{"action":"notice","message":"`+diskFull+`"}`, refused)
		}
		yoda.want(`{"action":"logout","reply":"logged out"}`, object{"action": "logout"})
		yoda = s.as("yoda")
		yoda.hears(`{"action":"notice","message":"` + diskFull + ` Reading goes on."}`)
		guesser := s.connect()
		guesser.want(`{"action":"login","status":"INVALID_PASSWORD"}`, guesser.login("luke", "guess"))

		s.SetFull(false)
		s.does(func() error { return s.Service.StoreDeferred(s.t.Context()) })
		leia.hears(`{"action":"login_broadcast","from":"yoda","message":""}`)
		yoda.hears(`{"action":"notice","message":"Everything can be stored again."}`)
		s.door.Sound()
	})
}

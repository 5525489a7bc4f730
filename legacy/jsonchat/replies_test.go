package jsonchat

import (
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// answer is a message of the dialect: the action and status of a reply, or a push.
type answer struct{ action, status string }

// scenes lead to each answer, and to all that the client receives there.
var scenes = map[answer]struct {
	want string
	play func(*stage) string
}{
	{"login", "SUCCESS"}: {`{"action":"login","status":"SUCCESS"}`, func(s *stage) string {
		s.As("yoda")
		p := s.connect()
		return p.ask(p.login("YODA", forumtest.Password("yoda")))
	}},
	{"login", "USERNAME_NOT_EXIST"}: {`{"action":"login","status":"USERNAME_NOT_EXIST"}`, func(s *stage) string {
		p := s.connect()
		return p.ask(p.login("nobody", "guess"))
	}},
	{"login", "INVALID_PASSWORD"}: {`{"action":"login","status":"INVALID_PASSWORD"}`, func(s *stage) string {
		return s.guess("guess")
	}},
	{"login", "INVALID_PASSWORD_BLOCKED"}: {`{"action":"login","status":"INVALID_PASSWORD_BLOCKED"}`, func(s *stage) string {
		return s.guess("one", "two", "three")
	}},
	{"login", "BLOCKED"}: {`{"action":"login","status":"BLOCKED"}`, func(s *stage) string {
		return s.guess("one", "two", "three", forumtest.Password("yoda"))
	}},
	{"login", "ALREADY_LOGGED_IN"}: {`{"action":"login","status":"ALREADY_LOGGED_IN"}`, func(s *stage) string {
		s.as("yoda")
		p := s.connect()
		return p.ask(p.login("yoda", forumtest.Password("yoda")))
	}},
	{"logout", ""}: {`{"action":"logout","reply":"logged out"}`, func(s *stage) string {
		return s.as("yoda").ask(object{"action": "logout"})
	}},

	{"message", "SUCCESS"}: {`{"action":"message","status":"SUCCESS"}`, func(s *stage) string {
		s.As("luke") // who is not here
		return s.as("yoda").ask(object{"action": "message", "message": "hello", "user": "luke"})
	}},
	{"message", "MESSAGE_SELF"}: {`{"action":"message","status":"MESSAGE_SELF"}`, func(s *stage) string {
		return s.as("yoda").ask(object{"action": "message", "message": "hello", "user": "YODA"})
	}},
	{"message", "USER_NOT_EXIST"}: {`{"action":"message","status":"USER_NOT_EXIST"}`, func(s *stage) string {
		return s.as("yoda").ask(object{"action": "message", "message": "hello", "user": "nobody"})
	}},
	{"message", "USER_BLOCKED"}: {`{"action":"message","status":"USER_BLOCKED"}`, func(s *stage) string {
		s.block("luke", "yoda")
		return s.as("yoda").ask(object{"action": "message", "message": "hello", "user": "luke"})
	}},
	{"broadcast", ""}: {`{"action":"broadcast","n_sent":1,"n_blocked":1}`, func(s *stage) string {
		p := s.as("yoda")
		for _, name := range []string{"luke", "hans", "leia"} {
			defer s.arrive(name)()
		}
		s.block("hans", "yoda")
		s.block("leia", "yoda")
		time.Sleep(time.Second)
		drain(p)
		return p.ask(object{"action": "broadcast", "message": "hello"})
	}},
	{"whoelse", ""}: {`{"action":"whoelse","reply":[]}`, func(s *stage) string {
		return s.as("yoda").ask(object{"action": "whoelse"})
	}},
	{"whoelsesince", ""}: {`{"action":"whoelsesince","reply":["hans","luke"]}`, func(s *stage) string {
		s.arrive("leia")()
		time.Sleep(time.Minute)
		s.arrive("luke")()
		defer s.arrive("hans")()
		return s.as("yoda").ask(object{"action": "whoelsesince", "since": "30"})
	}},

	{"block", "SUCCESS"}: {`{"action":"block","status":"SUCCESS"}`, func(s *stage) string {
		s.As("luke")
		return s.as("yoda").ask(object{"action": "block", "user": "luke"})
	}},
	{"block", "MESSAGE_SELF"}: {`{"action":"block","status":"MESSAGE_SELF"}`, func(s *stage) string {
		return s.as("yoda").ask(object{"action": "block", "user": "yoda"})
	}},
	{"block", "USER_NOT_EXIST"}: {`{"action":"block","status":"USER_NOT_EXIST"}`, func(s *stage) string {
		return s.as("yoda").ask(object{"action": "block", "user": "nobody"})
	}},
	{"unblock", "SUCCESS"}: {`{"action":"unblock","status":"SUCCESS"}`, func(s *stage) string {
		s.block("yoda", "luke")
		return s.as("yoda").ask(object{"action": "unblock", "user": "luke"})
	}},
	{"unblock", "MESSAGE_SELF"}: {`{"action":"unblock","status":"MESSAGE_SELF"}`, func(s *stage) string {
		return s.as("yoda").ask(object{"action": "unblock", "user": "yoda"})
	}},
	{"unblock", "USER_NOT_EXIST"}: {`{"action":"unblock","status":"USER_NOT_EXIST"}`, func(s *stage) string {
		return s.as("yoda").ask(object{"action": "unblock", "user": "nobody"})
	}},

	{"startprivate", "SUCCESS"}: {`{"action":"startprivate","reply":"SUCCESS","address":"192.0.2.7","port":40002,"username":"luke"}`, func(s *stage) string {
		s.as("luke")
		return s.as("yoda").ask(object{"action": "startprivate", "user": "LUKE"})
	}},
	{"startprivate", "USER_NOT_EXIST"}: {`{"action":"startprivate","reply":"USER_NOT_EXIST"}`, func(s *stage) string {
		return s.as("yoda").ask(object{"action": "startprivate", "user": "nobody"})
	}},
	{"startprivate", "USER_SELF"}: {`{"action":"startprivate","reply":"USER_SELF"}`, func(s *stage) string {
		return s.as("yoda").ask(object{"action": "startprivate", "user": "yoda"})
	}},
	{"startprivate", "USER_BLOCKED"}: {`{"action":"startprivate","reply":"USER_BLOCKED"}`, func(s *stage) string {
		s.as("luke")
		s.block("luke", "yoda")
		return s.as("yoda").ask(object{"action": "startprivate", "user": "luke"})
	}},
	{"startprivate", "USER_OFFLINE"}: {`{"action":"startprivate","reply":"USER_OFFLINE"}`, func(s *stage) string {
		defer s.arrive("luke")()
		return s.as("yoda").ask(object{"action": "startprivate", "user": "luke"})
	}},
	{"anything else", ""}: {`{"action":"dance","reply":"Unknown action"}`, func(s *stage) string {
		return s.as("yoda").ask(object{"action": "dance"})
	}},

	{"receive_message", ""}: {`{"action":"receive_message","from":"luke","message":"gr\u00fc\u00dfe"}`, func(s *stage) string {
		p := s.as("yoda")
		s.tell("luke", "yoda", "grüße")
		return p.Recv()
	}},
	{"receive_broadcast", ""}: {`{"action":"receive_broadcast","from":"luke","message":"hello"}`, func(s *stage) string {
		p := s.as("yoda")
		s.does(func() error { _, err := s.Service.Say(s.t.Context(), s.As("luke"), "hello"); return err })
		return p.Recv()
	}},
	{"login_broadcast", ""}: {`{"action":"login_broadcast","from":"luke","message":""}`, func(s *stage) string {
		p := s.as("yoda")
		defer s.arrive("luke")()
		return p.Recv()
	}},
	{"logout_broadcast", ""}: {`{"action":"logout_broadcast","from":"luke","message":""}`, func(s *stage) string {
		leave := s.arrive("luke")
		p := s.as("yoda")
		leave()
		return p.Recv()
	}},
	{"timeout", ""}: {`{"action":"timeout"}`, func(s *stage) string { return s.as("yoda").Recv() }},
	{"notice", ""}: {`{"action":"notice","message":"luke asks for a private talk; answer with ssh: PRIVATE luke."}`, func(s *stage) string {
		visit, err := s.Service.Arrive(s.t.Context(), s.As("luke"), rules.Arrival{Stays: true})
		if err != nil {
			s.t.Fatal(err)
		}
		visit.Ready() // as a shell does
		p := s.as("yoda")
		s.does(func() error { _, _, err := visit.AskTalk(s.t.Context(), "yoda"); return err })
		got := p.Recv()
		s.does(func() error { return visit.Leave(s.t.Context()) })
		return got
	}},
}

// guess has a client log in as yoda with passwords that it asks for one after the other,
// and returns the last reply.
func (s *stage) guess(passwords ...string) (reply string) {
	s.As("yoda")
	p := s.connect()
	for _, password := range passwords {
		reply = p.ask(p.login("yoda", password))
	}
	return reply
}

// drain reads the messages that have arrived at a client.
func drain(p person) {
	for p.RecvWithin(time.Second) != "" {
	}
}

// TestEveryAnswerIsGiven plays the scenes, and looks for the statuses that no scene is
// about.
func TestEveryAnswerIsGiven(t *testing.T) {
	for action, cmd := range commands {
		statuses := []status{}
		if cmd.form != nil {
			statuses = append(statuses, success, cmd.self)
		}
		for _, refused := range cmd.refused {
			statuses = append(statuses, refused)
		}
		for _, status := range statuses {
			if _, there := scenes[answer{action, string(status)}]; !there {
				t.Errorf("no scene has %s answered with %s", action, status)
			}
		}
	}
	for name, scene := range scenes {
		t.Run(name.action+" "+name.status, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if got := scene.play(newStage(t)); got != scene.want {
					t.Errorf("the client receives %q", got)
				}
			})
		})
	}
}

// TestRefusals has the errors for which the original had no status.
func TestRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		o    object
		want string
	}{
		"empty message":   {object{"action": "message", "message": " ", "user": "luke"}, `{"action":"notice","message":"The message is empty; write something."}`},
		"empty broadcast": {object{"action": "broadcast"}, `{"action":"notice","message":"The message is empty; write something."}`},
		"empty, to self":  {object{"action": "message", "user": "yoda"}, `{"action":"message","status":"MESSAGE_SELF"}`},
		"message to whom I blocked": {object{"action": "message", "message": "hi", "user": "hans"},
			`{"action":"notice","message":"You have blocked hans; unblock hans first."}`},
		"block twice":       {object{"action": "block", "user": "HANS"}, `{"action":"block","status":"SUCCESS"}`},
		"unblock, for none": {object{"action": "unblock", "user": "luke"}, `{"action":"unblock","status":"SUCCESS"}`},
		"startprivate with whom I blocked": {object{"action": "startprivate", "user": "hans"},
			`{"action":"startprivate","reply":"SUCCESS","address":"192.0.2.7","port":40002,"username":"hans"}`},
		"since nonsense":  {object{"action": "whoelsesince", "since": "yesterday"}, `{"action":"notice","message":"whoelsesince needs a whole number of seconds."}`},
		"since, negative": {object{"action": "whoelsesince", "since": "-1"}, `{"action":"notice","message":"whoelsesince needs a whole number of seconds."}`},
		"since, none":     {object{"action": "whoelsesince"}, `{"action":"notice","message":"whoelsesince needs a whole number of seconds."}`},
		"since ever":      {object{"action": "whoelsesince", "since": "4294967295"}, `{"action":"whoelsesince","reply":["hans"]}`},
		"since a number":  {object{"action": "whoelsesince", "since": 5}, `{"action":"whoelsesince","reply":"Unknown action"}`},
		"no action":       {object{"type": "LST"}, `{"action":"","reply":"Unknown action"}`},
		"another's login": {object{"action": "login", "username": "luke", "password": "x"}, `{"action":"login","status":"ALREADY_LOGGED_IN"}`},
		"escape sequence": {object{"action": "\x1b[2J"}, `{"action":"\u2039U+001B\u203a[2J","reply":"Unknown action"}`},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, func(s *stage) {
				s.As("luke")
				s.block("yoda", "hans")
				s.as("hans")
				s.as("yoda").want(test.want, test.o)
			})
		})
	}
}

func TestCommandsBeforeLogin(t *testing.T) {
	play(t, func(s *stage) {
		p := s.connect()
		for action, cmd := range commands {
			if !cmd.anyone {
				p.want(`{"action":"notice","message":"Log in first."}`, object{"action": action, "user": "yoda"})
			}
		}
		p.want(`{"action":"dance","reply":"Unknown action"}`, object{"action": "dance"})
		p.want(`{"action":"logout","reply":"logged out"}`, object{"action": "logout"})
		p.Expect("")
	})
}

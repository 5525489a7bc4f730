package picklechat

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/legacy/legacytest"
)

var ctx = context.Background()

// stage is a forum with the door open.
type stage struct {
	*forumtest.Forum
	t      *testing.T
	door   *legacytest.Door
	broken bool // the journal takes nothing
}

func newStage(t *testing.T, set ...func(*rules.Config)) *stage {
	s := &stage{t: t}
	s.Forum = forumtest.New(t, append(set, func(c *rules.Config) {
		c.Clock, c.Steady, c.Journal = time.Now, time.Now, brokenJournal{c.Journal, s}
		c.GuestThread = rules.Lobby
	})...)
	s.door = legacytest.Open(t, s.Forum, Config(rules.Lobby, time.UTC), 0)
	return s
}

// play runs a test with a door in time of its own.
func play(t *testing.T, test func(s *stage), set ...func(*rules.Config)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(newStage(t, set...)) })
}

type brokenJournal struct {
	forum.Journal
	s *stage
}

func (j brokenJournal) Submit(ctx context.Context, c forum.Change) (any, error) {
	if j.s.broken {
		return nil, errors.New("the disk has a hole")
	}
	return j.Journal.Submit(ctx, c)
}

// connect is a client that was greeted.
func (s *stage) connect() *original { return newOriginal(s.t, s.door.Dial(), 40000) }

// as is a client that is logged in.
func (s *stage) as(name string) *original {
	s.t.Helper()
	s.As(name)
	o := s.connect()
	if m := o.ask("LOGIN", name+" "+forumtest.Password(name)); m.kind != "LOGIN-A" {
		s.t.Fatalf("%s is told %+v", name, m)
	}
	o.Send(python38("UDP_PORT", o.port))
	synctest.Wait()
	return o
}

// now is the time as the board writes it; the clock of a test begins with this century.
const now = "01 Jan 2000 00:00:00"

// guess fails to log in a number of times and returns the last reply.
func (s *stage) guess(name string, times int) (m message) {
	o := s.connect()
	for range times {
		m = o.ask("LOGIN", name+" wrong")
	}
	return m
}

// scenes produce each of the replies, with its text there.
var scenes = map[reply]struct {
	want message
	play func(*stage) message
}{
	connected: {message{"", "Successfully connected to server"}, func(s *stage) message {
		return unpickled(s.t, legacytest.NewClient(s.t, s.door.Dial(), maxMessage).Recv())
	}},
	loggedIn: {message{"LOGIN-A", ""}, func(s *stage) message {
		s.As("yoda")
		return s.connect().ask("LOGIN", "YODA "+forumtest.Password("yoda"))
	}},
	unknownName: {message{"LOGIN-N", ""}, func(s *stage) message { return s.guess("ghost", 3) }},
	wrongPassword: {message{"LOGIN-F", ""}, func(s *stage) message {
		s.As("yoda")
		return s.guess("yoda", 2)
	}},
	nowLockedOut: {message{"LOGIN-B", ""}, func(s *stage) message {
		s.As("yoda")
		return s.guess("yoda", 3)
	}},
	lockedOut: {message{"LOGIN-BB", ""}, func(s *stage) message {
		s.As("yoda")
		s.guess("yoda", 3)
		return s.connect().ask("LOGIN", "yoda "+forumtest.Password("yoda"))
	}},
	posted:       {message{"MSGACK", "Message #1 posted at " + now + "."}, func(s *stage) message { return s.as("yoda").ask("MSG", "hello") }},
	emptyMessage: {message{"F", "Message body cannot be empty!"}, func(s *stage) message { return s.as("yoda").ask("MSG", " ") }},
	deleted: {message{"ACK", "Message #1 deleted at 01 Jan 2000 00:01:30."}, func(s *stage) message {
		o := s.as("yoda")
		o.ask("MSG", "hello")
		time.Sleep(90 * time.Second)
		return o.ask("DLT", "1 1 jan 2000 0:0:0")
	}},
	deleteUsage: {message{"DLT-F", "DLT failed! Please check the format of DLT command: DLT <messagenumber> <DATE MONTH(ENG) YEAR HOUR:MIN:SEC>"},
		func(s *stage) message { return s.as("yoda").ask("DLT", "1 "+now+" more") }},
	edited: {message{"EDT-ACK", "Message #1 edited at 01 Jan 2000 00:01:30."}, func(s *stage) message {
		o := s.as("yoda")
		o.ask("MSG", "hello")
		time.Sleep(90 * time.Second)
		return o.ask("EDT", "1 "+now+" two words")
	}},
	editUsage: {message{"EDT-F", "EDT failed! Please check the format of EDT command: EDT <messagenumber> <DATE MONTH(ENG) YEAR HOUR:MIN:SEC> <message>"},
		func(s *stage) message { return s.as("yoda").ask("EDT", "1 "+now) }},
	notInteger: {message{"F", "Message number must be integer!"}, func(s *stage) message { return s.as("yoda").ask("DLT", "id:1.1 "+now) }},
	noMessage:  {message{"F", "Message number invalid!"}, func(s *stage) message { return s.as("yoda").ask("DLT", "-1 "+now) }},
	otherTime: {message{"F", "Timestamp is not matched for the given message number!"}, func(s *stage) message {
		o := s.as("yoda")
		o.ask("MSG", "hello")
		return o.ask("DLT", "1 01 Jan 2000 00:00:01")
	}},
	notSender: {message{"F", "Permssion failed, you are not the sender!"}, func(s *stage) message {
		s.as("luke").ask("MSG", "hello")
		return s.as("yoda").ask("EDT", "1 "+now+" bye")
	}},
	newMessages: {message{"RDM", "#1, yoda: \"hello\", posted at " + now + ".\n"}, func(s *stage) message {
		o := s.as("yoda")
		o.ask("MSG", "hello")
		return o.ask("RDM", now)
	}},
	noNewMessages: {message{"RDM", "No new message since given timestamp"}, func(s *stage) message { return s.as("yoda").ask("RDM", now) }},
	readUsage: {message{"RDM-F", "RDM failed! Please check the format of RDM command: RDM <DATE MONTH(ENG) YEAR HOUR:MIN:SEC>"},
		func(s *stage) message { return s.as("yoda").ask("RDM", "") }},
	notTime: {message{"F", "RDM failed! Please input valid timestamp format."}, func(s *stage) message { return s.as("yoda").ask("RDM", "31 Feb 2000 00:00:00") }},
	activeUsers: {message{"ATU", "luke, 192.0.2.7, 40000, active since " + now + ".\n"}, func(s *stage) message {
		s.as("luke")
		return s.as("yoda").ask("ATU", "")
	}},
	nobodyElse: {message{"ATU-N", "No other active user."}, func(s *stage) message {
		s.as("yoda")
		return s.as("yoda").ask("ATU", "")
	}},
	messageSent: {message{"TELL-ACK", "Message sent to luke."}, func(s *stage) message {
		s.As("luke")
		return s.as("yoda").ask("TELL", "LUKE hello  there")
	}},
	tellUsage: {message{"TELL-F", "TELL failed! Please check the format of TELL command: TELL <username> <message>"},
		func(s *stage) message { return s.as("yoda").ask("TELL", "luke ") }},
	privateMessages: {message{"TELL", "luke: \"hello there\", sent at " + now + ".\n"}, func(s *stage) message {
		s.As("yoda")
		s.as("luke").ask("TELL", "yoda hello there")
		return s.as("yoda").ask("TELL", "")
	}},
	noLetters: {message{"TELL", "No new private message."}, func(s *stage) message { return s.as("yoda").ask("TELL", "") }},
	passwdDone: {message{"PASSWD-ACK", "Password changed."}, func(s *stage) message {
		return s.as("yoda").ask("PASSWD", forumtest.Password("yoda")+" another-one")
	}},
	passwdUsage: {message{"PASSWD-F", "PASSWD failed! Please check the format of PASSWD command: PASSWD <old password> <new password>"},
		func(s *stage) message { return s.as("yoda").ask("PASSWD", "one two three") }},
	farewell:       {message{"OUT", "Bye, yoda!"}, func(s *stage) message { return s.as("yoda").ask("OUT", "") }},
	invalidCommand: {message{"", "Error. Invalid command!"}, func(s *stage) message { return s.as("yoda").ask("DANCE", "now") }},
	failed: {message{"F", "Something went wrong on the server; please try again."}, func(s *stage) message {
		o := s.as("yoda")
		s.broken = true
		defer func() { s.broken = false }()
		return o.ask("MSG", "hello")
	}},
}

func TestEveryReplyIsSaid(t *testing.T) {
	for i := range replies {
		scene, there := scenes[reply(i)]
		if !there {
			t.Errorf("no scene leads to %q", replies[i])
			continue
		}
		t.Run(fmt.Sprintf("%s %.20s", scene.want.kind, scene.want.body), func(t *testing.T) {
			play(t, func(s *stage) {
				if got := scene.play(s); got != scene.want {
					t.Errorf("the reply is %+v; want %+v", got, scene.want)
				}
			})
		})
	}
}

// TestRefusals has the other causes of the replies, and errors without a reply.
func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		name string
		kind string
		body any
		want message
	}{
		{"no number there", "EDT", "9 " + now + " x", message{"F", replies[noMessage].body}},
		{"huge number", "DLT", "99999999999999999999 " + now, message{"F", replies[notInteger].body}},
		{"DLT alone", "DLT", "", message{"DLT-F", replies[deleteUsage].body}},
		{"a word too few", "DLT", "1 01 Jan 2000", message{"DLT-F", replies[deleteUsage].body}},
		{"no time", "DLT", "1 a b c d", message{"F", replies[otherTime].body}},
		{"deleted before", "DLT", "2 " + now, message{"F", replies[noMessage].body}},
		{"text that steers a terminal", "MSG", "\x1b[2J", message{"F", "The message is empty; write something."}},
		{"text that is not UTF-8", "MSG", "\xff", message{"F", "The text is not valid UTF-8; convert it first, for example with iconv."}},
		{"text too long", "MSG", strings.Repeat("x", 65537), message{"F", "The message has 65,537 bytes; at most 65,536 are allowed. Shorten it, post it in parts, or send it as a file with UPD or scp."}},
		{"an integer for a text", "MSG", 7, message{"F", replies[emptyMessage].body}},
		{"an integer for an order", "EDT", 7, message{"EDT-F", replies[editUsage].body}},
		{"message to nobody", "TELL", "nobody hello", message{"F", "There is no account nobody."}},
		{"message to oneself", "TELL", "yoda hello", message{"F", "You cannot send a message to yourself."}},
		{"wrong old password", "PASSWD", "guess another-one", message{"F", "Invalid password"}},
		{"one password", "PASSWD", "another-one", message{"PASSWD-F", replies[passwdUsage].body}},
		{"login again", "LOGIN", "yoda " + forumtest.Password("yoda"), message{"", replies[invalidCommand].body}},
	} {
		t.Run(test.name, func(t *testing.T) {
			play(t, func(s *stage) {
				o := s.as("yoda")
				o.ask("MSG", "one")
				o.ask("MSG", "two")
				o.ask("DLT", "2 "+now)
				if got := o.ask(test.kind, test.body); got != test.want {
					t.Errorf("the reply is %+v; want %+v", got, test.want)
				}
			})
		})
	}
}

// TestBeforeLogin has only LOGIN known.
func TestBeforeLogin(t *testing.T) {
	play(t, func(s *stage) {
		o := s.connect()
		for kind := range commands {
			if got := o.ask(kind, ""); got != (message{"", replies[invalidCommand].body}) {
				t.Errorf("the reply to %s is %+v", kind, got)
			}
		}
		if got := o.ask("LOGIN", 7); got.kind != "LOGIN-N" {
			t.Errorf("the reply to an integer is %+v", got)
		}
	})
}

// TestGoodbyeAtThePrompt: a client ends that was left at its prompt, or was there when the
// server stopped.
func TestGoodbyeAtThePrompt(t *testing.T) {
	for name, end := range map[string]func(*stage){"stop": func(s *stage) { s.door.Stop() }, "left": func(*stage) {}} {
		t.Run(name, func(t *testing.T) {
			play(t, func(s *stage) {
				o := s.connect()
				end(s)
				time.Sleep(2 * time.Minute)
				if got := o.reply(); got.kind != "LOGIN-BB" {
					t.Errorf("it reads %+v", got)
				}
				o.Expect("")
			})
		})
	}
}

// TestGoodbye: if the server stops or the account is closed, the reply to the client's next
// command is already waiting.
func TestGoodbye(t *testing.T) {
	for name, end := range map[string]func(*stage){
		"stop": func(s *stage) { s.door.Stop() },
		"account closed": func(s *stage) {
			if _, err := s.Service.CloseAccount(ctx, rules.Operator(), "yoda"); err != nil {
				s.t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, func(s *stage) {
				o := s.as("yoda")
				end(s)
				synctest.Wait()
				if got := o.ask("ATU", ""); got != (message{"OUT", "Bye, yoda!"}) {
					t.Errorf("the reply is %+v", got)
				}
				o.Expect("")
			})
		})
	}
}

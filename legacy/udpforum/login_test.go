package udpforum

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum/forumtest"
	"sshforum/forum/limit"
	"sshforum/forum/rules"
)

// TestNewUserWhoseClientDies has the connection closed right after the password was sent:
// the account is made all the same.
func TestNewUserWhoseClientDies(t *testing.T) {
	play(t, func(s *stage) {
		p := s.connect()
		p.want("username exists", "newbie")
		p.Send("pw1")
		_ = p.Close()
		synctest.Wait()
		p = s.connect()
		p.want("username exists", "newbie")
		p.want("OK", "pw1")
	})
}

// TestRegistrationClosed: no name is said to be unknown, and no password is right. The same
// holds if an invite is needed, since the program has no field for its code.
func TestRegistrationClosed(t *testing.T) {
	for _, closed := range []rules.Registration{rules.RegistrationClosed, rules.RegistrationInvite} {
		playWith(t, func(c *rules.Config) { c.Registration = closed }, func(s *stage) {
			p := s.connect()
			p.want("username exists", "newbie")
			p.want("password incorrect", "pw1")
			s.As("yoda")
			p.want("username exists", "yoda")
			p.want("OK", forumtest.Password("yoda"))
		})
	}
}

// TestNamesThatCannotBe passes them for those that exist, as every name does.
func TestNamesThatCannotBe(t *testing.T) {
	play(t, func(s *stage) {
		p := s.connect()
		for _, name := range []string{"\n", "admin", "two words", "\x1b[2J", "\xff", strings.Repeat("x", 2000)} {
			p.want("username exists", name)
			p.want("password incorrect", "guess")
		}
		p.want("username exists", "yoda")
		p.want("password incorrect", "\n")
		p.want("username exists", "yoda")
		p.want("OK", "wise1")
	})
}

// TestTwoWithOneNewName has the second of them be told that the password is wrong.
func TestTwoWithOneNewName(t *testing.T) {
	play(t, func(s *stage) {
		first, second := s.connect(), s.connect()
		first.want("username exists", "yoda")
		second.want("username exists", "Yoda")
		first.want("OK", "wise1")
		second.want("password incorrect", "other")
		second.want("username exists", "Yoda")
		second.want("password incorrect", "other")
		second.want("username exists", "Yoda")
		second.want("OK", "wise1") // nothing keeps a person from being here twice
	})
}

func TestLockoutIsTheForums(t *testing.T) {
	once := func(c *rules.Config) { c.Lockout = limit.Lockout{Attempts: 1, For: 10 * time.Second} }
	playWith(t, once, func(s *stage) {
		s.As("yoda")
		p := s.connect()
		guess := func(password, reply string) {
			t.Helper()
			p.want("username exists", "yoda")
			p.want(reply, password)
		}
		guess("guess", "password incorrect")
		guess(forumtest.Password("yoda"), "password incorrect")
		time.Sleep(10 * time.Second)
		guess(forumtest.Password("yoda"), "OK")
	})
}

func TestPresence(t *testing.T) {
	play(t, func(s *stage) {
		p := s.as("yoda")
		if !s.here("yoda") {
			t.Error("yoda is not here")
		}
		_ = p.Close()
		synctest.Wait()
		if s.here("yoda") {
			t.Error("yoda is still here")
		}
	})
}

// TestNumbersAreThoseSeen has a message deleted elsewhere after it was shown. The numbers of a
// client still mean the messages that it was shown.
func TestNumbersAreThoseSeen(t *testing.T) {
	play(t, func(s *stage) {
		p := s.as("yoda")
		for _, text := range []string{"one", "two", "three"} {
			p.want("thread exist", "MSG lobby "+text)
		}
		p.want("1 yoda: one\n2 yoda: two\n3 yoda: three\n", "RDT lobby")
		if _, err := s.Service.DeleteMessage(s.t.Context(), s.As("yoda"), rules.Target{Title: "lobby", Number: 1}); err != nil {
			t.Fatal(err)
		}
		p.want("Message number is not existed and the message cannot be deleted", "DLT lobby 1")
		p.want("The message has been deleted", "DLT lobby 2")
		p.want("1 yoda: three\n", "RDT lobby")
	})
}

// TestNumbersMoveUp as in the original, under a client that deletes a message itself.
func TestNumbersMoveUp(t *testing.T) {
	play(t, func(s *stage) {
		p := s.as("yoda")
		for _, text := range []string{"one", "two", "three"} {
			p.want("thread exist", "MSG lobby "+text)
		}
		p.want("1 yoda: one\n2 yoda: two\n3 yoda: three\n", "RDT lobby")
		p.want("The message has been deleted", "DLT lobby 1")
		p.want("The message has been edited", "EDT lobby 1 mended")
		p.want("The message has been deleted", "DLT lobby 1")
		p.want("1 yoda: three\n", "RDT lobby")
	})
}

func TestClosedAccount(t *testing.T) {
	play(t, func(s *stage) {
		p := s.as("yoda")
		if _, err := s.Service.CloseAccount(s.t.Context(), rules.Operator(), "yoda"); err != nil {
			t.Fatal(err)
		}
		p.want("Your account has been closed.", "LST") // which was there before it was asked for
		p.Expect("")
	})
}

// TestLogHasNoSecrets: the log has the acts of people, but not their texts.
func TestLogHasNoSecrets(t *testing.T) {
	play(t, func(s *stage) {
		s.as("yoda").want("thread exist", "MSG lobby whisper")
		s.login(s.client(), "yoda").want("thread exist", "MSG lobby whisper")
		p := s.connect()
		p.want("username exists", "yoda")
		p.want("password incorrect", "password-of-luke")
		p.want("username exists", "whisper-to-me-as-yoda-would-do-it")
		log := s.door.Log.String()
		if strings.Contains(log, "whisper") || strings.Contains(log, "password-of") {
			t.Error("the log has more than it should:\n" + log)
		}
		if !strings.Contains(log, "kind=MSG") {
			t.Error("the log lacks what was done")
		}
	})
}

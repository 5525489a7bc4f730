package jsonforum

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/limit"
	"sshforum/forum/rules"
	"sshforum/legacy/legacytest"
)

// play runs a test with a door in time of its own.
func play(t *testing.T, test func(t *testing.T, s *stage), set ...func(*rules.Config)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newStage(t, set...)) })
}

// want fails the test unless the reply to a request is that.
func (p person) want(reply string, o object) {
	p.t.Helper()
	if got := p.ask(o); got != reply {
		p.t.Fatalf("the reply to %v is %q; want %q", o, got, reply)
	}
}

// TestDroppedConnectionFreesTheName has a client go without a word and come back before
// any time has passed.
func TestDroppedConnectionFreesTheName(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		for range 20 {
			_ = s.as("yoda").Close()
			synctest.Wait()
		}
	})
}

// TestRefusedLoginLeavesTheOther has a second client ask for the name of one that is
// logged in: the first must not notice.
func TestRefusedLoginLeavesTheOther(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		first, second := s.as("yoda"), s.connect()
		second.want("LDYoda", object{"type": "login-N", "username": "Yoda"})
		second.want("N", object{"type": "login-P", "password": forumtest.Password("yoda")})
		first.want("Message posted to lobby thread", object{"type": "MSG", "thread": "lobby", "message": "still me"})
		first.want("Goodbye", object{"type": "XIT"})
		synctest.Wait()
		second.want("PWD", object{"type": "login-N", "username": "yoda"})
		second.want("Y", object{"type": "login-P", "password": forumtest.Password("yoda")})
	})
}

// TestPromptIsTakenUpLate types a name into a client that was left at its prompt: it was
// refused before, or was there when the server stopped. The client must say which.
func TestPromptIsTakenUpLate(t *testing.T) {
	for what, want := range map[string]string{
		"left":    "You took too long to log in\n  has already logged in",
		"refused": "The server is full; try again later.\n  has already logged in",
		"stopped": "Server shutting down\n  has already logged in",
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				door := Config()
				if what == "refused" {
					door.MaxClients = 1
				}
				s := &stage{Forum: forumtest.New(t), t: t}
				s.door = legacytest.Open(t, s.Forum, door, 0)
				if what == "refused" {
					s.connect()
				}
				o := newOriginal(t, s.door.Dial())
				synctest.Wait()
				if what == "stopped" {
					s.door.Stop()
				}
				time.Sleep(2 * time.Minute)
				o.login("yoda", "wise1")
				o.Healthy(t)
				if got := o.Printed(); len(got) != 1 || got[0] != want {
					t.Errorf("it prints %q", got)
				}
			})
		})
	}
}

// TestTwoAtThePassword has two clients come as far as the password under one name.
func TestTwoAtThePassword(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.As("yoda")
		clients := []person{s.connect(), s.connect()}
		for _, c := range clients {
			c.want("PWD", object{"type": "login-N", "username": "yoda"})
		}
		clients[1].want("Y", object{"type": "login-P", "password": forumtest.Password("yoda")})
		clients[0].want("LDyoda", object{"type": "login-P", "password": forumtest.Password("yoda")})
		clients[0].want("Log in first", object{"type": "LST"})
	})
}

func TestOtherDoorsDoNotCount(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		visit, err := s.Service.Arrive(t.Context(), s.As("yoda"), rules.Arrival{Stays: true})
		if err != nil {
			t.Fatal(err)
		}
		defer visit.Leave(t.Context())
		s.as("yoda")
	})
}

func TestLockoutIsTheForums(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.As("yoda")
		p := s.connect()
		guess := func(password, reply string) {
			t.Helper()
			p.want("PWD", object{"type": "login-N", "username": "yoda"})
			p.want(reply, object{"type": "login-P", "password": password})
		}
		guess("guess", "N")
		guess(forumtest.Password("yoda"), "N")
		time.Sleep(10 * time.Second)
		guess(forumtest.Password("yoda"), "Y")
	}, func(c *rules.Config) { c.Lockout = limit.Lockout{Attempts: 1, For: 10 * time.Second} })
}

// TestNamesThatCannotBe shows that such names are asked for a password like those that exist.
func TestNamesThatCannotBe(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		p := s.connect()
		for _, name := range []string{"", "admin", "two words", "\x1b[2J", strings.Repeat("x", 2000)} {
			p.want("PWD", object{"type": "login-N", "username": name})
			p.want("N", object{"type": "login-P", "password": "guess"})
			p.want("N", object{"type": "login-NP", "password": "guess"})
		}
	})
}

// TestRegistrationClosed: if no account can be made, every name gets the same reply.
func TestRegistrationClosed(t *testing.T) {
	for _, closed := range []rules.Registration{rules.RegistrationClosed, rules.RegistrationInvite} {
		play(t, func(t *testing.T, s *stage) {
			p := s.connect()
			p.want("PWD", object{"type": "login-N", "username": "newcomer"})
			p.want("N", object{"type": "login-NP", "password": "guess"})
		}, func(c *rules.Config) { c.Registration = closed })
	}
}

func TestNewPasswordThatCannotBe(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		p := s.connect()
		p.want("NUyoda", object{"type": "login-N", "username": "yoda"})
		p.want("N", object{"type": "login-NP", "password": ""})
		p.want("NUyoda", object{"type": "login-N", "username": "yoda"})
		p.want("YN", object{"type": "login-NP", "password": "wise1"})
		if u, ok, err := s.Service.Lookup("yoda"); !ok || err != nil || u.Role != forum.Member {
			t.Errorf("%+v, %v, %v", u, ok, err)
		}
	})
}

// TestNumbersAreThoseSeen has a message deleted elsewhere after it was shown. The numbers of a
// client still mean the messages that it was shown.
func TestNumbersAreThoseSeen(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		yoda, luke := s.as("yoda"), s.as("luke")
		for _, text := range []string{"one", "two", "three"} {
			yoda.post("lobby", text)
		}
		yoda.read("lobby")
		if got := luke.post("lobby", "four"); got != "Message posted to lobby thread" {
			t.Fatal(got)
		}
		if _, err := s.Service.DeleteMessage(t.Context(), s.As("yoda"), rules.Target{Title: "lobby", Number: 1}); err != nil {
			t.Fatal(err)
		}
		yoda.want("Invalid message number", object{"type": "DLT", "thread": "lobby", "message_number": "1"})
		yoda.want("Message has been deleted", object{"type": "DLT", "thread": "lobby", "message_number": "2"})
		if got := yoda.read("lobby"); len(got) != 2 || got[0] != "1 yoda: three\n" || got[1] != "2 luke: four\n" {
			t.Errorf("left are %q", got)
		}
	})
}

// TestNumbersMoveUp, as in the original, for a client that deletes a message itself. But the
// numbers on its screen come first, and deletions by others are never guessed.
func TestNumbersMoveUp(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		yoda := s.as("yoda")
		for _, text := range []string{"one", "two", "three", "four", "five"} {
			yoda.post("lobby", text)
		}
		yoda.read("lobby")
		order := func(word, number string) object {
			return object{"type": word, "thread": "lobby", "message_number": number, "message": "mended"}
		}
		yoda.want("Message has been deleted", order("DLT", "1"))
		yoda.want("Message has been edited", order("EDT", "1"))
		yoda.want("Message has been deleted", order("DLT", "3"))
		if _, err := s.Service.DeleteMessage(t.Context(), s.As("yoda"), rules.Target{Title: "lobby", Number: 3}); err != nil {
			t.Fatal(err)
		}
		yoda.want("Invalid message number", order("DLT", "1"))
		if got := yoda.read("lobby"); !slices.Equal(got, []string{"1 yoda: mended\n", "2 yoda: four\n"}) {
			t.Errorf("left are %q", got)
		}
		yoda.want("Message has been deleted", order("DLT", "1"))
	})
}

func TestClosedAccount(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		p := s.as("yoda")
		if _, err := s.Service.CloseAccount(t.Context(), rules.Operator(), "yoda"); err != nil {
			t.Fatal(err)
		}
		p.Expect("Your account has been closed.")
		p.Expect("Goodbye")
		p.Expect("")
	})
}

func TestPresence(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		p := s.as("yoda")
		here := func() bool {
			var here bool
			_ = s.Store.View(func(r forum.Reader) error {
				u, _ := r.UserByName("yoda")
				here = r.IsHere(u.ID)
				return nil
			})
			return here
		}
		if !here() {
			t.Error("yoda is not here")
		}
		_ = p.Close()
		synctest.Wait()
		if here() {
			t.Error("yoda is still here")
		}
	})
}

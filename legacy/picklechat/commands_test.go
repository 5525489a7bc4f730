package picklechat

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// TestRegistration: REGISTER before a name makes an account, if people may register. A name
// that was only mistyped never does.
func TestRegistration(t *testing.T) {
	play(t, func(s *stage) {
		s.As("luke")
		login := func(kind, body string) *original {
			t.Helper()
			o := s.connect()
			if got := o.ask("LOGIN", body); got != (message{kind, ""}) {
				t.Errorf("%s is answered %+v, want %s", body, got, kind)
			}
			return o
		}
		login("LOGIN-N", "yoda wise-words")
		o := login("LOGIN-A", "register yoda wise-words of mine")
		o.Send(python38("UDP_PORT", 40000))
		o.want("Message #1 posted at "+now+".", "MSG", "hello")
		o.want("#1, yoda: \"hello\", posted at "+now+".\n", "RDM", now)
		login("LOGIN-A", "yoda wise-words of mine")
		login("LOGIN-N", "REGISTER luke wise-words")
		login("LOGIN-N", "REGISTER register wise-words")
		login("LOGIN-N", "REGISTER \x1b[2J wise-words")
		login("LOGIN-F", "REGISTER mara ")
		login("LOGIN-N", "REGISTER")
	}, func(c *rules.Config) { c.Registration = rules.RegistrationOpen })
}

func TestRegistrationClosed(t *testing.T) {
	for _, closed := range []rules.Registration{rules.RegistrationClosed, rules.RegistrationInvite} {
		play(t, func(s *stage) {
			if got := s.connect().ask("LOGIN", "REGISTER mara wise-words"); got.kind != "LOGIN-N" {
				t.Errorf("answered %+v", got)
			}
		}, func(c *rules.Config) { c.Registration = closed })
	}
}

// TestNewPassword is the one to log in with from then on.
func TestNewPassword(t *testing.T) {
	play(t, func(s *stage) {
		s.as("yoda").want("Password changed.", "PASSWD", forumtest.Password("yoda")+" another-one")
		o := s.connect()
		for _, try := range [][2]string{{"LOGIN-F", forumtest.Password("yoda")}, {"LOGIN-A", "another-one"}} {
			if got := o.ask("LOGIN", "yoda "+try[1]); got.kind != try[0] {
				t.Errorf("%s is answered %+v", try[1], got)
			}
		}
		if strings.Contains(s.door.Log.String(), "another-one") {
			t.Error("the log has the password")
		}
	})
}

// TestLetters: private messages are shown once, whatever door they came from, as many as fit a
// reply, and the others on the next request. The person's own are not shown.
func TestLetters(t *testing.T) {
	play(t, func(s *stage) {
		yoda := s.as("yoda")
		tell := func(from, text string) {
			t.Helper()
			if _, err := s.Service.SendPrivateMessage(ctx, s.As(from), "yoda", text); err != nil {
				t.Fatal(err)
			}
		}
		tell("mara", "one\nluke: \"two\", sent at "+now+".")
		yoda.want("Message sent to mara.", "TELL", "mara three")
		tell("mara", "four")
		yoda.want("mara: \"one luke: \"two\", sent at "+now+".\", sent at "+now+".\nmara: \"four\", sent at "+now+".\n", "TELL", "")
		yoda.want(replies[noLetters].body, "TELL", "")
		for i := range 4 {
			tell("luke", fmt.Sprint(i, strings.Repeat("x", 900)))
			time.Sleep(time.Second)
		}
		tell("mara", "five")
		var shown []string
		for more := true; more; {
			var got string
			got, more = strings.CutSuffix(yoda.ask("TELL", "").body.(string), "... more: TELL shows them\n")
			for line := range strings.Lines(got) {
				shown = append(shown, line[:min(len(line), 8)])
			}
		}
		if want := []string{`mara: "f`, `luke: "0`, `luke: "1`, `luke: "2`, `luke: "3`}; !slices.Equal(shown, want) {
			t.Errorf("it shows %q", shown)
		}
		yoda.want(replies[noLetters].body, "TELL", "")
	})
}

// TestBlockedCannotBeTold names the way out, which the client itself has not.
func TestBlockedCannotBeTold(t *testing.T) {
	play(t, func(s *stage) {
		yoda := s.as("yoda")
		s.As("luke")
		if _, err := s.Service.Block(ctx, s.As("yoda"), "luke"); err != nil {
			t.Fatal(err)
		}
		yoda.want("You have blocked luke; end that with ssh: UNBLOCK luke.", "TELL", "luke hello")
	})
}

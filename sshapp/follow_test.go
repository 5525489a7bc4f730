package sshapp

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum"
	"sshforum/sshapp/exit"
)

// FOLLOW --count ends after the given number of events, in every form; both stored and new
// events count. OpenSSH's client does not tell a server that the program which read from it,
// such as head, has ended.
func TestFollowCount(t *testing.T) {
	for _, form := range []string{"", " --json", " plain"} {
		for _, pty := range []bool{false, true} {
			t.Run(fmt.Sprintf("%q, at a terminal: %v", form, pty), func(t *testing.T) {
				stopped(t, func(t *testing.T, s *stopping) {
					luke := s.forum.As("luke")
					say := func(text string) {
						t.Helper()
						if _, err := s.forum.Service.Post(t.Context(), luke, "3331", text); err != nil {
							t.Fatal(err)
						}
						synctest.Wait()
					}
					if form == " plain" {
						form = ""
						if _, err := s.forum.Service.SetPreferences(t.Context(), s.forum.As("yoda"), forum.Preferences{Plain: true}); err != nil {
							t.Fatal(err)
						}
					}
					say("kept")
					var seq uint64
					if err := s.forum.Store.View(func(r forum.Reader) error { seq = r.Seq(); return nil }); err != nil {
						t.Fatal(err)
					}
					v := s.visit(t, pty, fmt.Sprintf("FOLLOW 3331 --after %d --count 3%s", seq-1, form))
					v.sees("kept", 1)
					say("second")
					v.sees("second", 1)
					say("third")
					v.sees("third", 1)
					if err := v.Wait(); err != nil {
						t.Errorf("it ended with %v", err)
					}
					say("fourth")
					if shown := v.shown.String(); strings.Count(shown, "\n") != 3 {
						t.Errorf("it showed %q", shown)
					}

					first := s.visit(t, pty, fmt.Sprintf("FOLLOW 3331 --after %d --count 1%s", seq-1, form))
					first.sees("kept", 1)
					first.sees("second", 0)
					if err := first.Wait(); err != nil {
						t.Errorf("it ended with %v", err)
					}
				})
			})
		}
	}
}

func TestFollowCountIsANumber(t *testing.T) {
	stopped(t, func(t *testing.T, s *stopping) {
		for value, want := range map[string]string{
			"0": "--count takes a whole number of 1 or more", "-1": "--count takes a whole number of 1 or more",
			"x": "--count takes a whole number of 1 or more", "1.5": "--count takes a whole number of 1 or more",
			"''": "--count takes a whole number of 1 or more", "99999999999999999999": "--count is too large", "": "--count needs a value: N",
		} {
			r := s.run("FOLLOW --count " + value)
			r.ended("exit-status", gossh.Marshal(struct{ Status uint32 }{exit.Usage}))
			if told := r.told.String(); !strings.Contains(told, want) {
				t.Errorf("--count %s is answered %q", value, told)
			}
		}
	})
}

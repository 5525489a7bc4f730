package sshapp

import (
	"slices"
	"strings"
	"testing"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum/forumtest"
	"sshforum/forum/gate"
)

const diskFull = "The server's disk is full; nothing more can be stored until space is freed."

// TestFullDiskPunishesNobody: people with an account can log in with a password or a key, and
// people who want one are told why there is none.
func TestFullDiskPunishesNobody(t *testing.T) {
	for _, reason := range []gate.Reason{gate.AuthFail, gate.InvalidUser, gate.NoAuth, gate.Refused} {
		t.Run(string(reason), func(t *testing.T) {
			f := forumtest.New(t)
			f.As("yoda")
			r := gated(t, f, penalty(reason))
			f.SetFull(true)
			p := &person{answers: []string{"force", "force", "n"}}
			if _, err := r.dial(t, r.config("Luke", gossh.PublicKeys(newKey(t)), p.auth())); err == nil {
				t.Error("Luke got in")
			}
			if !slices.Contains(p.said, diskFull) {
				t.Errorf("Luke was told %q", p.said)
			}
			eventually(t, "it is over", func() bool { return strings.Contains(r.logs.String(), "connection closed") })
			_ = r.enter(t, "yoda", gossh.Password(forumtest.Password("yoda"))).Close()
			f.SetFull(false)
			p = &person{answers: []string{"force", "force"}}
			if _, err := r.dial(t, r.config("Luke", p.auth())); err != nil {
				t.Errorf("Luke, when there is space: %v, %q", err, p.said)
			}
		})
	}
}

package rules_test

import (
	"testing"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// Nobody gets a name that looks like somebody else's, whoever makes the account.
func TestNamesThatLookAlike(t *testing.T) {
	f := forumtest.New(t)
	s := f.Service
	f.As("paypa")
	const says = "The name раура looks like paypa, which is taken; choose another."
	_, err := s.Register(ctx, rules.Newcomer{Name: "раура", Password: "a password"})
	wants(t, err, forum.Invalid, says)
	_, err = s.AddUser(ctx, rules.Operator(), "раура", "a password", forum.Member)
	wants(t, err, forum.Invalid, says)
	done := must[rules.Imported](t)(s.ImportCredentials(ctx, rules.Operator(), []string{"раура secret", "PAYPA secret"}, 1))
	if done.Added != 0 || done.Known != 1 || len(done.Bad) != 1 || done.Bad[0] != "line 1: "+says {
		t.Errorf("imported %+v", done)
	}
	f.As("Иван") // looks like nobody

	// A name that was taken from its messages is held in any letters, and not told.
	_ = must[forum.User](t)(s.Anonymise(ctx, rules.Operator(), "paypa"))
	_, err = s.FreeName("раура")
	wants(t, err, forum.Invalid, "The name раура looks like one that was taken; choose another.")
	_, err = s.FreeName("Paypa")
	wants(t, err, forum.Conflict, "The name Paypa is taken; choose another.")
}

// Two who come at once with names that look alike: the change decides.
func TestLookalikesAtOnce(t *testing.T) {
	f := forumtest.New(t)
	names := []string{"paypa", "раура", "РАУРА", "PAYPA"}
	results := make(chan error)
	for _, name := range names {
		go func() { results <- register(f, name, "") }()
	}
	in := 0
	for range names {
		err := <-results
		if kind := forum.KindOf(err); err == nil {
			in++
		} else if kind != forum.Invalid && kind != forum.Conflict {
			t.Error(err)
		}
	}
	if in != 1 {
		t.Errorf("%d accounts were made with one look", in)
	}
}

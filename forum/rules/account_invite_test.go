package rules_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

const (
	badInvite = "This invite code is not valid; it may have been used, or have expired."
)

// byInvite is a forum where members invite people.
func byInvite(t *testing.T) *forumtest.Forum {
	t.Helper()
	return forumtest.New(t, func(c *rules.Config) {
		c.Registration, c.Inviters = rules.RegistrationInvite, rules.MembersInvite
	})
}

func register(f *forumtest.Forum, name, code string) error {
	_, err := f.Service.Register(ctx, rules.Newcomer{Name: name, Password: "a password", Invite: code})
	return err
}

func TestInviteOpensOneAccount(t *testing.T) {
	f := byInvite(t)
	made := must[rules.NewInvite](t)(f.Service.Invite(ctx, f.As("Yoda"), week))
	begin := auditHead(t, f)
	if bits := 5 * len(strings.ReplaceAll(made.Secret, "-", "")); bits < 128 {
		t.Errorf("the code %s has %d bits", made.Secret, bits)
	}
	wants(t, register(f, "Luke", ""), forum.Denied, badInvite)
	wants(t, register(f, "Luke", "ABCD-EFGH"), forum.Denied, badInvite)
	if err := register(f, "root", made.Secret); forum.KindOf(err) != forum.Invalid {
		t.Errorf("a reserved name: %v", err)
	}
	wants(t, register(f, "yoda", made.Secret), forum.Conflict, "The name yoda is taken; choose another.")
	typed := strings.ToLower(strings.ReplaceAll(made.Secret, "-", " "))
	if err := register(f, "Luke", typed); err != nil {
		t.Errorf("with the code as %q: %v", typed, err)
	}
	wants(t, register(f, "Leia", made.Secret), forum.Denied, badInvite)
	wantAudited(t, f, begin, "Yoda user.invite user 2, Luke")
	if open := must[[]forum.Invite](t)(f.Service.Invites(f.As("Yoda"))); len(open) != 0 {
		t.Errorf("a used invite is open: %+v", open)
	}
}

// If two people use one code at once, the change of one of them is refused when it is applied.
func TestInviteIsUsedOnce(t *testing.T) {
	f := byInvite(t)
	made := must[rules.NewInvite](t)(f.Service.Invite(ctx, f.As("Yoda"), week))
	results := make(chan error)
	for i := range 8 {
		go func() { results <- register(f, fmt.Sprint("clone", i), made.Secret) }()
	}
	in := 0
	for range 8 {
		if err := <-results; err == nil {
			in++
		} else if forum.KindOf(err) != forum.Denied {
			t.Error(err)
		}
	}
	if in != 1 {
		t.Errorf("%d accounts were made with one code", in)
	}
}

func TestInvitesEnd(t *testing.T) {
	f := byInvite(t)
	s, yoda := f.Service, f.As("Yoda")
	short := must[rules.NewInvite](t)(s.Invite(ctx, yoda, time.Hour))
	long := must[rules.NewInvite](t)(s.Invite(ctx, yoda, week))
	if short.Number != 1 || long.Number != 2 || !long.Expires.Equal(f.Clock.Now().Add(week)) {
		t.Errorf("made %+v and %+v", short, long)
	}
	f.Clock.Advance(time.Hour)
	f.Reopen()
	s = f.Service
	wants(t, register(f, "Luke", short.Secret), forum.Denied, badInvite)
	if open := must[[]forum.Invite](t)(s.Invites(yoda)); len(open) != 1 || open[0] != long.Invite {
		t.Errorf("open are %+v", open)
	}
	_, err := s.RevokeInvite(ctx, f.As("Leia"), 2)
	wants(t, err, forum.NotFound, "You have no invite 2.")
	_ = must[forum.Invite](t)(s.RevokeInvite(ctx, yoda, 2))
	wants(t, register(f, "Luke", long.Secret), forum.Denied, badInvite)
	_, err = s.RevokeInvite(ctx, yoda, 2)
	wants(t, err, forum.NotFound, "You have no invite 2.")

	of := must[rules.NewInvite](t)(s.Invite(ctx, f.As("Jango"), week))
	_ = must[forum.User](t)(s.CloseAccount(ctx, rules.Operator(), "Jango"))
	wants(t, register(f, "Boba", of.Secret), forum.Denied, badInvite)
}

func TestInvitesAreFew(t *testing.T) {
	f := byInvite(t)
	yoda := f.As("Yoda")
	for range 20 {
		_ = must[rules.NewInvite](t)(f.Service.Invite(ctx, yoda, time.Hour))
	}
	_, err := f.Service.Invite(ctx, yoda, time.Hour)
	wants(t, err, forum.Limited, "You have 20 open invites, which is the most; revoke one first.")
	f.Clock.Advance(time.Hour)
	next := must[rules.NewInvite](t)(f.Service.Invite(ctx, yoda, time.Hour))
	if next.Number != 21 {
		t.Errorf("number %d was given again", next.Number)
	}
	if all := invitesKept(t, f, yoda.User); all != 1 {
		t.Errorf("%d invites are kept", all)
	}
	for _, lasts := range []time.Duration{-1, 0, 30*24*time.Hour + 1} {
		_, err := f.Service.Invite(ctx, yoda, lasts)
		wants(t, err, forum.Invalid, "An invite holds for at most 30 days.")
	}
}

func invitesKept(t *testing.T, f *forumtest.Forum, by forum.UserID) (n int) {
	t.Helper()
	err := f.Store.View(func(r forum.Reader) error {
		for range r.Invites(by) {
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWhoInvites(t *testing.T) {
	guest := rules.Actor{User: forum.Guests, Name: "Wanda"}
	for _, test := range []struct {
		inviters rules.Inviters
		may      map[string]bool
	}{
		{rules.NobodyInvites, map[string]bool{"operator": true}},
		{rules.ModeratorsInvite, map[string]bool{"Mace": true, "Ahsoka": true, "operator": true}},
		{rules.MembersInvite, map[string]bool{"Luke": true, "Mace": true, "Ahsoka": true, "operator": true}},
	} {
		f := byInvite(t)
		rules.Reconfigure(f.Service, func(c *rules.Config) { c.Inviters = test.inviters })
		for _, actor := range []rules.Actor{
			f.As("Luke"), f.AsRole("Mace", forum.Moderator), f.AsRole("Ahsoka", forum.Admin), guest, rules.Operator(),
		} {
			made, err := f.Service.Invite(ctx, actor, week)
			if test.may[actor.Name] != (err == nil) || err != nil && forum.KindOf(err) != forum.Denied {
				t.Errorf("%d: %s invites: %v", test.inviters, actor.Name, err)
			}
			if err == nil {
				if err := register(f, "by-"+actor.Name, made.Secret); err != nil {
					t.Errorf("%d: invited by %s: %v", test.inviters, actor.Name, err)
				}
			}
		}
	}
}

func TestSilencedPeopleInviteNobody(t *testing.T) {
	f := byInvite(t)
	luke := f.As("Luke")
	_ = must[forum.User](t)(f.Service.Silence(ctx, f.AsRole("Mace", forum.Moderator), "Luke", f.Clock.Now().Add(week), "noise"))
	if _, err := f.Service.Invite(ctx, luke, week); !errors.Is(err, rules.ErrModerated) {
		t.Errorf("somebody silenced invites: %v", err)
	}
}

func TestInvitesWhereNobodyNeedsOne(t *testing.T) {
	f := byInvite(t)
	yoda := f.As("Yoda")
	made := must[rules.NewInvite](t)(f.Service.Invite(ctx, yoda, week))
	rules.Reconfigure(f.Service, func(c *rules.Config) { c.Registration = rules.RegistrationOpen })
	_, err := f.Service.Invite(ctx, yoda, week)
	wants(t, err, forum.Conflict, "Everybody can make an account here; nobody needs an invite.")
	rules.Reconfigure(f.Service, func(c *rules.Config) { c.Registration = rules.RegistrationClosed })
	_, err = f.Service.Invite(ctx, yoda, week)
	wants(t, err, forum.Conflict, "Registration is closed, so an invite cannot be used.")
	wants(t, register(f, "Luke", made.Secret), forum.Denied, "Registration is closed; ask the operator for an account.")
}

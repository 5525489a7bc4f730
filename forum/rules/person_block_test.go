package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
)

func TestBlocks(t *testing.T) {
	f := forumtest.New(t)
	luke := f.As("Luke")
	for _, name := range []string{"vader", "Han"} {
		f.As(name)
	}
	boss := f.AsRole("Boss", forum.Admin)
	block, unblock := f.Service.Block, f.Service.Unblock
	for _, test := range []struct {
		do   func() (forum.User, error)
		kind forum.Kind
		says string
	}{
		{func() (forum.User, error) { return block(ctx, luke, "LUKE") }, forum.Invalid, "You cannot block yourself."},
		{func() (forum.User, error) { return block(ctx, luke, "nobody") }, forum.NotFound, "There is no account nobody."},
		{func() (forum.User, error) { return unblock(ctx, luke, "vader") }, forum.NotFound, "You have not blocked vader."},
		{func() (forum.User, error) { return unblock(ctx, luke, "nobody") }, forum.NotFound, "There is no account nobody."},
		{func() (forum.User, error) { return unblock(ctx, luke, "Luke") }, forum.NotFound, "You have not blocked Luke."},
	} {
		_, err := test.do()
		wants(t, err, test.kind, test.says)
	}
	for _, name := range []string{"VADER", "Han", "Boss"} {
		must[forum.User](t)(block(ctx, luke, name))
	}
	_, err := block(ctx, luke, "Vader")
	wants(t, err, forum.Conflict, "You have blocked vader already.")
	// A block works in one direction only: Vader must make his own.
	must[forum.User](t)(block(ctx, f.As("vader"), "Luke"))

	must[forum.User](t)(f.Service.CloseAccount(ctx, boss, "Han"))
	f.Reopen()
	names := func() (names []string) {
		for _, u := range must[[]forum.User](t)(f.Service.Blocks(ctx, luke)) {
			names = append(names, u.Name)
		}
		return names
	}
	if diff := cmp.Diff([]string{"Boss", "Han", "vader"}, names()); diff != "" {
		t.Error(diff)
	}
	must[forum.User](t)(f.Service.Unblock(ctx, luke, "Han")) // although the account is closed
	must[forum.User](t)(f.Service.Unblock(ctx, luke, "vader"))
	if diff := cmp.Diff([]string{"Boss"}, names()); diff != "" {
		t.Error(diff)
	}
	_, err = f.Service.SendPrivateMessage(ctx, luke, "vader", "hi")
	wants(t, err, forum.Denied, "Your message to vader cannot be delivered.")
}

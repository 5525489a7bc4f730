package rules_test

import (
	"testing"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

func TestIntroduce(t *testing.T) {
	f := forumtest.New(t)
	luke, leia := f.As("Luke"), f.As("Leia")
	f.As("vader")
	f.As("Han")
	must[forum.User](t)(f.Service.Block(ctx, f.As("vader"), "Luke"))
	must[forum.User](t)(f.Service.Block(ctx, leia, "Luke"))
	must[forum.User](t)(f.Service.CloseAccount(ctx, f.AsRole("Boss", forum.Admin), "Han"))
	for _, test := range []struct {
		actor rules.Actor
		name  string
		kind  forum.Kind
		says  string
	}{
		{luke, "LUKE", forum.Invalid, "You cannot be introduced to yourself."},
		{luke, "nobody", forum.NotFound, "There is no account nobody."},
		{luke, "Han", forum.NotFound, "There is no account han."},
		{luke, "VADER", forum.Denied, "vader cannot be reached."},
	} {
		_, err := f.Service.Introduce(test.actor, test.name)
		wants(t, err, test.kind, test.says)
	}
	// A block does not keep its owner from others.
	if u := must[forum.User](t)(f.Service.Introduce(leia, "luke")); u.ID != luke.User {
		t.Errorf("introduced to %+v", u)
	}
}

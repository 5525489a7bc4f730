package storetest

import (
	"slices"
	"testing"
	"time"

	"sshforum/forum"
)

func testInvites(t *testing.T, open Open) {
	f := start(t, open, Options{})
	yoda := f.do(AddUser("yoda")).(forum.User).ID
	invite := func(by forum.UserID, number uint64, code byte) forum.Invite {
		return forum.Invite{By: by, Number: number, Code: forum.InviteCode{code}, Made: noon, Expires: noon.Add(time.Hour)}
	}
	put := func(i forum.Invite) Change { return Write(func(tx forum.Tx) { tx.PutInvite(i) }) }
	want := func(by forum.UserID, want ...forum.Invite) {
		t.Helper()
		f.view(func(r forum.Reader) {
			if got := slices.Collect(r.Invites(by)); !slices.Equal(got, want) {
				t.Errorf("Invites(%d): %+v, want %+v", by, got, want)
			}
		})
	}
	byCode := func(code byte, want forum.Invite, found bool) {
		t.Helper()
		f.view(func(r forum.Reader) {
			if got, ok := r.InviteByCode(forum.InviteCode{code}); ok != found || got != want {
				t.Errorf("InviteByCode(%d): %+v, %v, want %+v, %v", code, got, ok, want, found)
			}
		})
	}
	one, two, operators := invite(yoda, 1, 'a'), invite(yoda, 2, 'b'), invite(0, 1, 'c')
	want(yoda)
	byCode('a', forum.Invite{}, false)
	f.do(put(two), put(operators), put(one))
	f.reopen()
	want(yoda, one, two)
	want(0, operators)
	byCode('b', two, true)
	byCode('c', operators, true)
	f.do(Write(func(tx forum.Tx) { tx.DropInvite(one) }))
	want(yoda, two)
	byCode('a', forum.Invite{}, false)
}

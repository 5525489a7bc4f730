package scp

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"sshforum/forum"
)

func TestRefuse(t *testing.T) {
	long := strings.Repeat("日", 1000)
	for _, c := range []struct {
		cause error
		said  string
	}{
		{forum.Errorf(forum.Denied, "Uploads are closed."), "Uploads are closed."},
		{forum.Hinted(forum.HintUnblock, "Han", forum.Errorf(forum.Conflict, "You have blocked Han.")), "You have blocked Han; UNBLOCK Han first."},
		{forum.Errorf(forum.Denied, "one\ntwo\x1b[2J\x00"), "one two‹U+001B›[2J‹U+0000›"},
		{errors.New("open /srv/secret: disk on fire"), "Something went wrong on the server; please try again."},
		{forum.Errorf(forum.Denied, "%s", long), long[:999] + "…"},
	} {
		var b strings.Builder
		if err := Refuse(&b, c.cause); err != nil {
			t.Error(err)
		}
		if got := b.String(); got != "\x02"+c.said+"\n" || !utf8.ValidString(got) {
			t.Errorf("%v is told as %q, want %q", c.cause, got, c.said)
		}
	}
}

package rules_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/storetest"
)

func TestSetKeys(t *testing.T) {
	f := forumtest.New(t)
	yoda := f.As("Yoda")
	key := func(n byte) forum.Key { return forum.Key{Blob: []byte{n}, Comment: fmt.Sprint("key ", n)} }
	set := func(keys ...forum.Key) []string {
		t.Helper()
		if err := f.Service.SetKeys(ctx, yoda, keys); err != nil {
			t.Fatal(err)
		}
		var now []string
		for _, k := range must[[]forum.Key](t)(f.Service.Keys(yoda)) {
			now = append(now, k.Comment+" since "+k.Added.Format(time.TimeOnly))
		}
		return now
	}
	set(key(1), key(2))
	f.Clock.Advance(time.Minute)
	if diff := cmp.Diff([]string{"key 2 since 12:00:00", "key 3 since 12:01:00"}, set(key(2), key(3))); diff != "" {
		t.Error(diff)
	}
	if got := set(); len(got) != 0 { // the password is left
		t.Errorf("%q", got)
	}
	set(key(1))
	many := make([]forum.Key, 101)
	for i := range many {
		many[i] = key(byte(i))
	}
	if err := f.Service.SetKeys(ctx, yoda, many); forum.KindOf(err) != forum.Limited || err == nil {
		t.Errorf("%d keys: %v", len(many), err)
	}
	withoutPassword := storetest.Write(func(tx forum.Tx) { tx.SetPassword(yoda.User, "") })
	if _, err := f.Store.Submit(ctx, withoutPassword); err != nil {
		t.Fatal(err)
	}
	err := f.Service.SetKeys(ctx, yoda, nil)
	wants(t, err, forum.Conflict, "This is your only way to log in.")
	if got := must[[]forum.Key](t)(f.Service.Keys(yoda)); len(got) != 1 || got[0].Comment != "key 1" {
		t.Errorf("%+v", got)
	}
}

package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
)

func testUsers(t *testing.T, open Open) {
	f := start(t, open, Options{})
	yoda := f.do(AddUser("Yoda")).(forum.User)
	luke := f.do(AddUser("luke").Later(time.Nanosecond)).(forum.User)
	f.refuse(forum.Conflict, AddUser("YODA"))
	if yoda.ID != 1 || luke.ID != 2 {
		t.Errorf("the first ids are %d and %d", yoda.ID, luke.ID)
	}
	luke.Role, luke.Closed = forum.Admin, noon.Add(time.Hour)
	luke.Banned = forum.Sanction{By: 1, Since: noon, Until: noon.Add(time.Hour), Reason: "spam"}
	luke.Silenced = forum.Sanction{By: 1, Since: noon, Until: noon.Add(time.Hour), Reason: "loud"}
	f.do(Write(func(tx forum.Tx) { tx.PutUser(luke) }))
	f.reopen()
	f.view(func(r forum.Reader) {
		if diff := cmp.Diff([]forum.User{yoda, luke}, slices.Collect(r.Users())); diff != "" {
			t.Errorf("Users (-want +got):\n%s", diff)
		}
		if u, ok := r.User(luke.ID); !ok || u != luke {
			t.Errorf("User: %+v, %v", u, ok)
		}
		if u, ok := r.User(3); ok || u != (forum.User{}) {
			t.Errorf("User of an unknown id: %+v, %v", u, ok)
		}
	})
}

func testNames(t *testing.T, open Open) {
	f := start(t, open, Options{})
	u := f.do(AddUser("Yoda")).(forum.User)
	want := func(name string, want bool) {
		t.Helper()
		f.view(func(r forum.Reader) {
			if got, ok := r.UserByName(forum.NameKey(name)); ok != want || ok && got != u {
				t.Errorf("UserByName(%q): %+v, %v", name, got, ok)
			}
			if id := r.UserIDByName(forum.NameKey(name)); (id == u.ID) != want || (id == 0) == want {
				t.Errorf("UserIDByName(%q): %d", name, id)
			}
		})
	}
	want("yoda", true)
	want("", false)
	u.Name = "YODA"
	f.do(Write(func(tx forum.Tx) { tx.PutUser(u) }))
	want("yoda", true)
	u.Name = "Minch"
	f.do(Write(func(tx forum.Tx) { tx.PutUser(u) }))
	want("yoda", false)
	want("minch", true)
	f.do(AddUser("Yoda"))
}

func testSkeletons(t *testing.T, open Open) {
	f := start(t, open, Options{})
	want := func(skeleton string, id forum.UserID) {
		t.Helper()
		f.view(func(r forum.Reader) {
			if u, ok := r.UserBySkeleton(skeleton); ok != (id != 0) || u.ID != id {
				t.Errorf("UserBySkeleton(%q): %+v, %v, want %d", skeleton, u, ok, id)
			}
		})
	}
	want("paypa", 0)
	u := f.do(AddUser("раура")).(forum.User)
	f.do(AddUser("yoda"))
	f.reopen()
	want("paypa", u.ID)
	want("раура", 0)
	want("", 0)
	u.Name = "former member 1"
	f.do(Write(func(tx forum.Tx) { tx.PutUser(u) }))
	want("paypa", 0)
	want(forum.Skeleton(u.Name), u.ID)
}

func testKeys(t *testing.T, open Open) {
	f := start(t, open, Options{})
	id := f.do(AddUser("yoda")).(forum.User).ID
	key := func(blob, comment string) forum.Key {
		return forum.Key{Blob: []byte(blob), Comment: comment, Added: noon}
	}
	want := func(keys ...forum.Key) {
		t.Helper()
		f.view(func(r forum.Reader) {
			if got := r.Keys(id); !slices.EqualFunc(got, keys, func(a, b forum.Key) bool { return cmp.Equal(a, b) }) {
				t.Errorf("Keys: %+v, want %+v", got, keys)
			}
			for _, blob := range []string{"", "z", "a", "m", "fir", "unknown"} {
				want := slices.ContainsFunc(keys, func(k forum.Key) bool { return string(k.Blob) == blob })
				if r.HasKey(id, []byte(blob)) != want || r.HasKey(id+1, []byte(blob)) {
					t.Errorf("HasKey(%q) is not %v, and false for nobody", blob, want)
				}
			}
		})
	}
	want()
	f.do(Write(func(tx forum.Tx) {
		tx.PutKey(id, key("z", "first"))
		tx.PutKey(id, key("a", "second"))
		tx.PutKey(id, key("m", "third"))
	}))
	want(key("z", "first"), key("a", "second"), key("m", "third"))
	f.do(Write(func(tx forum.Tx) { tx.PutKey(id, key("a", "renamed")) }))
	want(key("z", "first"), key("a", "renamed"), key("m", "third"))
	f.do(Write(func(tx forum.Tx) {
		tx.DropKey(id, key("z", ""))
		tx.DropKey(id, key("unknown", ""))
		tx.PutKey(id, key("z", "again"))
	}))
	want(key("a", "renamed"), key("m", "third"), key("z", "again"))
	f.do(Write(func(tx forum.Tx) {
		for _, k := range tx.Keys(id) {
			tx.DropKey(id, k)
		}
	}))
	want()
}

// testPersonal is about what an account has one of.
func testPersonal(t *testing.T, open Open) {
	f := start(t, open, Options{})
	yoda := f.do(AddUser("yoda")).(forum.User).ID
	luke := f.do(AddUser("luke")).(forum.User).ID
	prefs := forum.Preferences{Plain: true, Color: "off", Bell: "never", NoPresence: true, Zone: "Europe/Berlin"}
	lines := []string{"LST", "", "MSG lobby it's \"fine\"\n\xff"}
	want := func(id forum.UserID, phc string, p forum.Preferences, history []string) {
		t.Helper()
		f.view(func(r forum.Reader) {
			if got := r.Password(id); got != phc {
				t.Errorf("Password: %q, want %q", got, phc)
			}
			if got := r.Preferences(id); got != p {
				t.Errorf("Preferences: %+v, want %+v", got, p)
			}
			if got := r.CommandHistory(id); !slices.Equal(got, history) {
				t.Errorf("CommandHistory: %q, want %q", got, history)
			}
		})
	}
	want(yoda, "", forum.Preferences{}, nil)
	f.do(Write(func(tx forum.Tx) {
		tx.SetPassword(yoda, "$argon2id$1")
		tx.SetPreferences(yoda, prefs)
		tx.SetCommandHistory(yoda, lines)
	}))
	want(yoda, "$argon2id$1", prefs, lines)
	want(luke, "", forum.Preferences{}, nil)
	f.do(Write(func(tx forum.Tx) {
		tx.SetPassword(yoda, "")
		tx.SetPreferences(yoda, forum.Preferences{})
		tx.SetCommandHistory(yoda, append(tx.CommandHistory(yoda), "XIT"))
	}))
	want(yoda, "", forum.Preferences{}, append(lines, "XIT"))
	f.do(Write(func(tx forum.Tx) { tx.SetCommandHistory(yoda, nil) }))
	want(yoda, "", forum.Preferences{}, nil)
}

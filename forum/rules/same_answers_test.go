package rules_test

import (
	"fmt"
	"slices"
	"testing"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// watched is a store that notes what is looked up about people.
type watched struct {
	forum.Store
	lookups *[]string
}

func (s watched) View(fn func(forum.Reader) error) error {
	*s.lookups = append(*s.lookups, "view")
	return s.Store.View(func(r forum.Reader) error { return fn(watchedReader{r, s.lookups}) })
}

type watchedReader struct {
	forum.Reader
	lookups *[]string
}

func (r watchedReader) note(what string) { *r.lookups = append(*r.lookups, what) }

func (r watchedReader) User(id forum.UserID) (forum.User, bool) {
	r.note("account")
	return r.Reader.User(id)
}

func (r watchedReader) UserByName(key string) (forum.User, bool) {
	u, ok := r.Reader.UserByName(key)
	r.note(fmt.Sprint("account by name ", ok))
	return u, ok
}

func (r watchedReader) UserIDByName(key string) forum.UserID {
	r.note("name")
	return r.Reader.UserIDByName(key)
}

func (r watchedReader) Keys(id forum.UserID) []forum.Key {
	keys := r.Reader.Keys(id)
	r.note(fmt.Sprint(len(keys), " keys"))
	return keys
}

func (r watchedReader) HasKey(id forum.UserID, blob []byte) bool {
	r.note("key")
	return r.Reader.HasKey(id, blob)
}

func (r watchedReader) Password(id forum.UserID) string {
	r.note("password")
	return r.Reader.Password(id)
}

// Whether a name has an account, had one, or has many keys, a key that is not its own and
// a password that is wrong lead to the same look-ups: time tells names apart too.
func TestEveryNameCostsTheSameLookups(t *testing.T) {
	var lookups []string
	f := forumtest.New(t, func(c *rules.Config) { c.Store = watched{c.Store, &lookups} })
	yoda := f.As("yoda")
	for _, k := range []string{ed25519Key, secondKey} {
		must[forum.Key](t)(f.Service.AddKey(ctx, yoda, must[forum.Key](t)(forum.ParseKey(k))))
	}
	f.As("luke")
	f.As("gone")
	must[forum.User](t)(f.Service.CloseAccount(ctx, rules.Operator(), "gone"))
	for what, try := range map[string]func(name string) error{
		"a key": func(name string) error {
			_, err := f.Service.KeyLogin(name, []byte("no key of theirs"))
			return err
		},
		"a password": func(name string) error {
			_, err := f.Service.PasswordLogin(ctx, name, "guess", "192.0.2.1")
			return err
		},
	} {
		var want []string
		for n, name := range []string{"nobody", "yoda", "luke", "gone", "", "root"} {
			lookups = nil
			if err := try(name); forum.KindOf(err) != forum.Denied {
				t.Errorf("%s of %q: %v", what, name, err)
			}
			if n == 0 {
				want = lookups
			} else if !slices.Equal(lookups, want) {
				t.Errorf("%s of %q looks up %q; of nobody %q", what, name, lookups, want)
			}
		}
	}
}

const secondKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHmlkFIBqqrV6hwZgbdN62zRXOW0Vepzn4rm7uv4kziC yoda@home"

// expecting are passwords that note what they were told that accounts have.
type expecting struct {
	forum.Passwords
	phcs *[]string
}

func (p expecting) Expect(phc string) { *p.phcs = append(*p.phcs, phc) }

// TestPasswordsAreExpected at every start: some may be of a cost that was configured before.
func TestPasswordsAreExpected(t *testing.T) {
	var expected []string
	f := forumtest.New(t, func(c *rules.Config) { c.Passwords = expecting{c.Passwords, &expected} })
	f.As("yoda")
	f.As("luke")
	f.As("gone")
	must[forum.User](t)(f.Service.CloseAccount(ctx, rules.Operator(), "gone"))
	var want []string
	if err := f.Store.View(func(r forum.Reader) error {
		want = []string{r.Password(1), r.Password(2)}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	f.Reopen()
	if !slices.Equal(expected, want) {
		t.Errorf("of %d hashes %d were expected", len(want), len(expected))
	}
}

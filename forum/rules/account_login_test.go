package rules_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

func TestLockoutCountsPerAccountAndSource(t *testing.T) {
	f := forumtest.New(t)
	f.As("Yoda")
	f.As("Obi-wan")
	right := forumtest.Password("Yoda")
	for range 3 {
		_, err := f.Service.PasswordLogin(ctx, "yoda", "guess", "192.0.2.1")
		wants(t, err, forum.Denied, "Invalid password")
	}
	_, err := f.Service.PasswordLogin(ctx, "YODA", right, "192.0.2.1")
	wants(t, err, forum.Limited, "Too many wrong passwords; try again in 10 s.")
	must[forum.User](t)(f.Service.PasswordLogin(ctx, "yoda", right, "192.0.2.2"))
	must[forum.User](t)(f.Service.PasswordLogin(ctx, "obi-wan", forumtest.Password("Obi-wan"), "192.0.2.1"))

	f.Clock.Advance(9500 * time.Millisecond)
	_, err = f.Service.PasswordLogin(ctx, "yoda", right, "192.0.2.1")
	wants(t, err, forum.Limited, "Too many wrong passwords; try again in 1 s.")
	f.Clock.Advance(500 * time.Millisecond)
	if u := must[forum.User](t)(f.Service.PasswordLogin(ctx, "yoda", right, "192.0.2.1")); u.Name != "Yoda" {
		t.Errorf("logged in as %q", u.Name)
	}
}

// Whoever has an IPv6 network has all of its addresses.
func TestLockoutCountsPerNetworkOfIPv6(t *testing.T) {
	f := forumtest.New(t)
	f.As("Yoda")
	for _, source := range []string{"2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::"} {
		_, err := f.Service.PasswordLogin(ctx, "Yoda", "guess", source)
		wants(t, err, forum.Denied, "Invalid password")
	}
	_, err := f.Service.PasswordLogin(ctx, "Yoda", forumtest.Password("Yoda"), "2001:db8::3")
	wants(t, err, forum.Limited, "Too many wrong passwords; try again in 10 s.")
	if !f.Service.LockedOut("yoda", "2001:db8::4") || f.Service.LockedOut("yoda", "2001:db8:0:1::1") {
		t.Error("the lockout is not that of the network")
	}
	must[forum.User](t)(f.Service.PasswordLogin(ctx, "Yoda", forumtest.Password("Yoda"), "2001:db8:0:1::1"))
}

func TestRightPasswordForgetsWrongOnes(t *testing.T) {
	f := forumtest.New(t)
	f.As("Yoda")
	for range 5 {
		for range 2 {
			_, err := f.Service.PasswordLogin(ctx, "Yoda", "guess", "192.0.2.1")
			wants(t, err, forum.Denied, "Invalid password")
		}
		must[forum.User](t)(f.Service.PasswordLogin(ctx, "Yoda", forumtest.Password("Yoda"), "192.0.2.1"))
	}
}

// Guesses sent at once must not get past the count before it is taken.
func TestGuessesAtOnceAreCounted(t *testing.T) {
	f := forumtest.New(t)
	f.As("Yoda")
	var mu sync.Mutex
	kinds := map[forum.Kind]int{}
	var guesses sync.WaitGroup
	for range 50 {
		guesses.Go(func() {
			_, err := f.Service.PasswordLogin(ctx, "Yoda", "guess", "192.0.2.1")
			mu.Lock()
			defer mu.Unlock()
			kinds[forum.KindOf(err)]++
		})
	}
	guesses.Wait()
	if kinds[forum.Denied] != 3 || kinds[forum.Limited] != 47 {
		t.Errorf("of 50 guesses at once: %v, want 3 tried and 47 refused", kinds)
	}
}

// A program that logs in many times at once, as lftp, curl and FileZilla do, has given no
// wrong password.
func TestRightPasswordsAtOnceAreAllRight(t *testing.T) {
	for wrong := range 3 {
		f := forumtest.New(t)
		f.As("Yoda")
		for range wrong {
			_, err := f.Service.PasswordLogin(ctx, "Yoda", "guess", "192.0.2.1")
			wants(t, err, forum.Denied, "Invalid password")
		}
		var logins errgroup.Group
		for range 40 {
			logins.Go(func() error {
				_, err := f.Service.PasswordLogin(ctx, "Yoda", forumtest.Password("Yoda"), "192.0.2.1")
				return err
			})
		}
		if err := logins.Wait(); err != nil {
			t.Errorf("after %d wrong ones: %v", wrong, err)
		}
	}
}

// TestWhoWaitsForATurn: a try that waits for its turn gives up when its connection ends. A try
// that ends without a result, even by a panic, does not count as wrong.
func TestWhoWaitsForATurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		checks := make(chan func())
		f := forumtest.New(t, func(c *rules.Config) { c.Passwords = heldUp{c.Passwords, checks} })
		f.As("Yoda")
		right := forumtest.Password("Yoda")
		var tries sync.WaitGroup
		for range 3 {
			tries.Go(func() {
				defer func() { _ = recover() }()
				_, _ = f.Service.PasswordLogin(ctx, "Yoda", right, "192.0.2.1")
			})
		}
		synctest.Wait()
		leaves, leave := context.WithCancel(ctx)
		gone, stays := make(chan error, 1), make(chan error, 1)
		go func() {
			_, err := f.Service.PasswordLogin(leaves, "Yoda", right, "192.0.2.1")
			gone <- err
		}()
		go func() {
			_, err := f.Service.PasswordLogin(ctx, "Yoda", right, "192.0.2.1")
			stays <- err
		}()
		synctest.Wait()
		leave()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Errorf("who left: %v", err)
		}
		for range 3 {
			checks <- func() { panic("on demand") }
		}
		checks <- func() {}
		if err := <-stays; err != nil {
			t.Errorf("who stayed: %v", err)
		}
		tries.Wait()
	})
}

// heldUp checks passwords one by one. Each check first calls a function from checks.
type heldUp struct {
	forum.Passwords
	checks <-chan func()
}

func (p heldUp) Verify(ctx context.Context, phc, password string) (bool, error) {
	(<-p.checks)()
	return p.Passwords.Verify(ctx, phc, password)
}

func TestUnknownNameGetsTheSameAnswers(t *testing.T) {
	f := forumtest.New(t)
	for range 3 {
		_, err := f.Service.PasswordLogin(ctx, "nobody-here", "guess", "192.0.2.1")
		wants(t, err, forum.Denied, "Invalid password")
	}
	_, err := f.Service.PasswordLogin(ctx, "nobody-here", "guess", "192.0.2.1")
	wants(t, err, forum.Limited, "Too many wrong passwords; try again in 10 s.")
}

func TestRegister(t *testing.T) {
	f := forumtest.New(t)
	u := must[forum.User](t)(f.Service.Register(ctx, rules.Newcomer{Name: "Yoda", Password: "a password"}))
	if u.Role != forum.Member || u.Name != "Yoda" {
		t.Errorf("registered %+v", u)
	}
	_, err := f.Service.Register(ctx, rules.Newcomer{Name: "yoda", Password: "a password"})
	wants(t, err, forum.Conflict, "The name yoda is taken; choose another.")
	for _, name := range []string{"", "a b", "root", "-x", "a\x1b[31m"} {
		if _, err := f.Service.Register(ctx, rules.Newcomer{Name: name, Password: "a password"}); forum.KindOf(err) != forum.Invalid {
			t.Errorf("name %q: %v, want it refused as invalid", name, err)
		}
	}
	rules.Reconfigure(f.Service, func(c *rules.Config) { c.Registration = rules.RegistrationClosed })
	_, err = f.Service.Register(ctx, rules.Newcomer{Name: "Luke", Password: "a password"})
	wants(t, err, forum.Denied, "Registration is closed; ask the operator for an account.")
}

func TestChangePassword(t *testing.T) {
	f := forumtest.New(t)
	yoda := f.As("Yoda")
	wants(t, f.Service.ChangePassword(ctx, yoda, "guess", "new password"), forum.Denied, "Invalid password")
	if err := f.Service.ChangePassword(ctx, yoda, forumtest.Password("Yoda"), "new password"); err != nil {
		t.Fatal(err)
	}
	must[forum.User](t)(f.Service.PasswordLogin(ctx, "Yoda", "new password", "192.0.2.9"))
	_, err := f.Service.PasswordLogin(ctx, "Yoda", forumtest.Password("Yoda"), "192.0.2.9")
	wants(t, err, forum.Denied, "Invalid password")
}

// A new password must be long enough and not the name, also if an admin sets it. Imported
// passwords stay valid.
func TestNewPasswordsAreNotGuessedFirst(t *testing.T) {
	f := forumtest.New(t, func(c *rules.Config) { c.PasswordLength = 8 })
	const short, name = "A password has at least 8 characters; choose a longer one.", "A password cannot be the name of its account; choose another."
	for n, tt := range []struct{ password, want string }{
		{"", short}, {"1234567", short}, {"ééééééé", short},
		{"Chewbacca", name}, {" CHEWBACCA ", name},
		{"12345678", ""}, {"Chewbacca!", ""}, {"日本語日本語日本", ""},
	} {
		chewbacca := f.As("Chewbacca")
		present := forumtest.Password("Chewbacca")
		if err := f.Service.SetPasswordOf(ctx, rules.Operator(), "Chewbacca", present); err != nil {
			t.Fatal(err)
		}
		newcomer := fmt.Sprint("newcomer", n)
		if tt.want == name {
			newcomer = "Chewbacca"
		}
		for who, sets := range map[string]func() error{
			"the person":   func() error { return f.Service.ChangePassword(ctx, chewbacca, present, tt.password) },
			"the operator": func() error { return f.Service.SetPasswordOf(ctx, rules.Operator(), "chewbacca", tt.password) },
			"a newcomer": func() error {
				_, err := f.Service.Register(ctx, rules.Newcomer{Name: newcomer, Password: tt.password})
				return err
			},
			"who makes an account": func() error {
				_, err := f.Service.AddUser(ctx, rules.Operator(), newcomer+"2", tt.password, forum.Member)
				return err
			},
		} {
			switch err := sets(); {
			case tt.want == name && who == "who makes an account": // for another name
			case tt.want != "":
				wants(t, err, forum.Invalid, tt.want)
			case err != nil:
				t.Errorf("%s sets %q: %v", who, tt.password, err)
			}
			if err := f.Service.SetPasswordOf(ctx, rules.Operator(), "Chewbacca", present); err != nil {
				t.Fatal(err)
			}
		}
	}
	must[rules.Imported](t)(f.Service.ImportCredentials(ctx, rules.Operator(), []string{"Han sly", "Jabba-the-Hutt Jabba-the-Hutt"}, 1))
	f.Reopen()
	must[forum.User](t)(f.Service.PasswordLogin(ctx, "Han", "sly", "192.0.2.1"))
	must[forum.User](t)(f.Service.PasswordLogin(ctx, "Jabba-the-Hutt", "Jabba-the-Hutt", "192.0.2.1"))
}

const ed25519Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJLCcgBKVZAtVkOhVY3UfGG9IpGmRBzw0uY0bxFV6K1p yoda@dagobah"

func TestKeys(t *testing.T) {
	f := forumtest.New(t)
	yoda := f.As("Yoda")
	k := must[forum.Key](t)(forum.ParseKey(ed25519Key))
	if k.Comment != "yoda@dagobah" || k.Type() != "ssh-ed25519" {
		t.Errorf("parsed %+v", k)
	}
	must[forum.Key](t)(f.Service.AddKey(ctx, yoda, k))
	_, err := f.Service.AddKey(ctx, yoda, k)
	wants(t, err, forum.Conflict, "Your account has this key already.")
	must[forum.User](t)(f.Service.KeyLogin("yoda", k.Blob))
	_, err = f.Service.KeyLogin("luke", k.Blob)
	wants(t, err, forum.Denied, "This key does not belong to the account.")
	must[forum.Key](t)(f.Service.RemoveKey(ctx, yoda, k.Blob))
	_, err = f.Service.RemoveKey(ctx, yoda, k.Blob)
	wants(t, err, forum.NotFound, "Your account has no such key.")
	_, err = f.Service.KeyLogin("yoda", k.Blob)
	wants(t, err, forum.Denied, "This key does not belong to the account.")
}

func TestParseKeyRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"long comment":  ed25519Key + strings.Repeat("!", 256),
		"nothing":       "",
		"no key":        "ssh-ed25519",
		"not base64":    "ssh-ed25519 !!!!",
		"another type":  "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIJLCcgBKVZAtVkOhVY3UfGG9IpGmRBzw0uY0bxFV6K1p",
		"DSA":           "ssh-dss AAAAB3NzaC1kc3M=",
		"cut short":     "ssh-ed25519 AAAAC3NzaC1l",
		"type alone":    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",
		"cut later":     "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJLCcgBKVZAtVkOhVY3UfGG9",
		"with more":     "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJLCcgBKVZAtVkOhVY3UfGG9IpGmRBzw0uY0bxFV6K1pAAAA",
		"too short":     "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAABXNob3J0",
		"no point":      "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAAABAA==",
		"a private key": "-----BEGIN OPENSSH PRIVATE KEY-----",
		"short RSA":     "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAIQDOmM5Y8wbDtkPhVJnq3XVq9ilBKiHy0xkYjY7FHk4F8Q==",
	} {
		if _, err := forum.ParseKey(text); forum.KindOf(err) != forum.Invalid {
			t.Errorf("%s: %v, want it refused as invalid", name, err)
		}
	}
}

func TestImportCredentials(t *testing.T) {
	f := forumtest.New(t)
	f.As("Luke")
	lines := []string{"Yoda jedi*knight", "", "Luke other", "bad/name x", "Han", "  Leia  two words  "}
	done := must[rules.Imported](t)(f.Service.ImportCredentials(ctx, rules.Operator(), lines, 10))
	if done.Added != 2 || done.Known != 1 || len(done.Bad) != 2 || done.Bad[0][:8] != "line 13:" || done.Bad[1][:8] != "line 14:" {
		t.Errorf("imported %+v", done)
	}
	must[forum.User](t)(f.Service.PasswordLogin(ctx, "Yoda", "jedi*knight", "192.0.2.1"))
	must[forum.User](t)(f.Service.PasswordLogin(ctx, "Leia", "two words", "192.0.2.1"))
}

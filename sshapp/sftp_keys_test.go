package sshapp

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum"
	"sshforum/forum/storetest"
)

func TestSFTPAuthorizedKeys(t *testing.T) {
	const path = "/.ssh/authorized_keys"
	tr := newTree(t)
	one, two := newKey(t).PublicKey(), newKey(t).PublicKey()
	line := func(k gossh.PublicKey) string { return string(gossh.MarshalAuthorizedKey(k)) }
	c := tr.enter(t, "Yoda")
	put(t, c, path, []byte("# my keys\n\n"+strings.TrimSpace(line(one))+" yoda@dagobah\r\n"+line(two)))
	want := strings.TrimSpace(line(one)) + " yoda@dagobah\n" + line(two)
	lines := strings.SplitAfter(string(get(t, c, path)), "\n")
	slices.Sort(lines)
	wanted := strings.SplitAfter(want, "\n")
	slices.Sort(wanted)
	if diff := cmp.Diff(wanted, lines); diff != "" {
		t.Error(diff)
	}
	before := string(get(t, c, path))
	if info, err := c.Stat(path); err != nil || info.Size() != int64(len(before)) {
		t.Errorf("%v, %v", info, err)
	}
	refused := func(what, content, says string) {
		t.Helper()
		file, err := c.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = file.Write([]byte(content))
		wantStatus(t, what, errors.Join(err, file.Close()), failure, says)
		if got := string(get(t, c, path)); got != before {
			t.Errorf("%s: the keys are now %s", what, got)
		}
	}
	refused("bad line", line(one)+"ssh-rsa nonsense\n", "authorized_keys line 2: ")
	refused("NUL", "\x00", "authorized_keys line 1: ")
	refused("too long", strings.Repeat("#", 256<<10+1), "authorized_keys has at most")

	file, err := c.OpenFile(path, os.O_WRONLY) // no TRUNC, then FSETSTAT
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Truncate(0); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write([]byte(line(two))); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	wantContent(t, c, path, line(two))
	put(t, c, path, nil) // the password is left
	wantContent(t, c, path, "")

	wantStatus(t, "removing", c.Remove(path), permissionDenied, "")
	wantStatus(t, "mkdir .ssh", c.Mkdir("/.ssh"), failure, "/.ssh exists")
}

// A person whose only credential is a key cannot lose it by a mistake in a file.
func TestSFTPAuthorizedKeysCannotLockOut(t *testing.T) {
	tr := newTree(t)
	key := newKey(t)
	addKey(t, tr.Forum, "Keyed", key.PublicKey())
	withoutPassword := storetest.Write(func(tx forum.Tx) { tx.SetPassword(tr.As("Keyed").User, "") })
	if _, err := tr.Store.Submit(t.Context(), withoutPassword); err != nil {
		t.Fatal(err)
	}
	c := openSFTP(t, tr.server.enter(t, "Keyed", gossh.PublicKeys(key)))
	file, err := c.Create("/.ssh/authorized_keys")
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, "no key at all", file.Close(), failure, "This is your only way to log in")
	if got := string(get(t, c, "/.ssh/authorized_keys")); !strings.HasPrefix(got, "ssh-ed25519 ") {
		t.Errorf("the keys are now %q", got)
	}
}

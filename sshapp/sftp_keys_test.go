package sshapp

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"reflect"
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
	refused("too long", strings.Repeat("#", maxKeysText+1), "authorized_keys has at most")

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

// A person with a key alone cannot lose it by a mistake in a file.
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

// FuzzAuthorizedKeys: a file that is taken has keys that the SSH library reads, and can be
// written and read again; one that is not says which line to look at.
func FuzzAuthorizedKeys(f *testing.F) {
	public := strings.TrimSpace(string(gossh.MarshalAuthorizedKey(newKey(f).PublicKey())))
	for _, text := range []string{
		public, public + " yoda@dagobah\n# a comment\n\n" + public + "\r\n", "no-pty " + public, public[:40], "ssh-ed25519 AAAA", "ssh-dss AAAAB3NzaC1kc3M=",
		"ssh-ed25519 " + base64.StdEncoding.EncodeToString(gossh.Marshal(struct{ Type, Key string }{"ssh-ed25519", "short"})),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		read, err := parseKeys(text)
		if err != nil {
			if said := forum.Explain(err); forum.KindOf(err) != forum.Invalid || !strings.HasPrefix(said, "authorized_keys line ") || forum.Printable(said) != said {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		var written strings.Builder
		for _, k := range read {
			key, err := gossh.ParsePublicKey(k.Blob)
			if err != nil {
				t.Fatalf("%q is taken for a key: %v", text, err)
			}
			fmt.Fprintln(&written, strings.TrimSpace(string(gossh.MarshalAuthorizedKey(key)))+" "+k.Comment)
		}
		if again, err := parseKeys(written.String()); err != nil || !reflect.DeepEqual(again, read) {
			t.Errorf("%q is %+v, written again %+v, %v", text, read, again, err)
		}
	})
}

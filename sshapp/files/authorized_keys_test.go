package files

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"reflect"
	"strings"
	"testing"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum"
)

// FuzzAuthorizedKeys: a file that is taken has keys that the SSH library reads, and can be
// written and read again; one that is not says which line to look at.
func FuzzAuthorizedKeys(f *testing.F) {
	raw, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	key, err := gossh.NewPublicKey(raw)
	if err != nil {
		f.Fatal(err)
	}
	public := strings.TrimSpace(string(gossh.MarshalAuthorizedKey(key)))
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

package sshapp

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/pkg/sftp"
	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// deafSFTP is openSFTP for a client that never reads its standard error.
func deafSFTP(t *testing.T, client *gossh.Client) *sftp.Client {
	t.Helper()
	sess, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	in, inErr := sess.StdinPipe()
	out, outErr := sess.StdoutPipe()
	if err := errors.Join(inErr, outErr, sess.RequestSubsystem("sftp")); err != nil {
		t.Fatal(err)
	}
	c, err := sftp.NewClientPipe(out, in)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// hostile are requests that get nothing but a status.
func TestSFTPHostile(t *testing.T) {
	tr := newTree(t)
	yoda, c := tr.enter(t, "Yoda"), tr.enter(t, "Luke")
	put(t, yoda, "/3331/a", []byte("of Yoda"))
	put(t, tr.enter(t, "Leia"), "/@yoda/secret", []byte("plans"))
	open := func(path string) error { _, err := c.Open(path); return err }
	create := func(path string) error { _, err := c.Create(path); return err }
	list := func(path string) error { _, err := c.ReadDir(path); return err }
	readlink := func(path string) error { _, err := c.ReadLink(path); return err }
	long := strings.Repeat("x", 255)
	put(t, c, "/3331/"+long, []byte("x"))
	if err := c.Remove("/3331/" + long); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		what   string
		do     func(string) error
		path   string
		status error
	}{
		{"open", open, "/../../etc/passwd", noSuchFile},
		{"open", open, "/etc/passwd", noSuchFile},
		{"open", open, "../../../root/.ssh/id_rsa", noSuchFile},
		{"open", open, "/3331/../../lobby/x", noSuchFile},
		{"open", open, "/3331/a\x00", noSuchFile},
		{"open", open, "/3331/a/b", noSuchFile},
		{"open", open, "/3331/.git", noSuchFile},
		{"open", open, "/", failure},
		{"open", open, "/3331", failure},
		{"open", open, "/@yoda/secret", noSuchFile},
		{"open", open, "/@yoda/Leia_secret", noSuchFile},
		{"open", open, "/.inbox/Leia_secret", noSuchFile},
		{"open", open, "/@yoda/.ssh/authorized_keys", noSuchFile},
		{"open", open, "/@yoda/.inbox/Leia_secret", noSuchFile},
		{"open", open, "/.ssh/id_rsa", noSuchFile},
		{"list", list, "/@yoda", permissionDenied},
		{"list", list, "/@nobody", noSuchFile},
		{"list", list, "/.git", noSuchFile},
		{"list", list, "/3331/a", failure},
		{"create", create, "/../x", permissionDenied},
		{"create", create, "/x", permissionDenied},
		{"create", create, "/none/x", noSuchFile},
		{"create", create, "/3331/a", permissionDenied},
		{"create", create, "/3331/" + long + "x", failure},
		{"create", create, "/3331/trailing ", failure},
		{"create", create, "/3331/.thread.mbox", failure},
		{"create", create, "/3331/a\x00b", noSuchFile},
		{"create", create, "/3331/a\nb", failure},
		{"create", create, "/3331/a\\b", failure},
		{"create", create, "/3331/\xff", failure},
		{"create", create, "/3331/a/b", noSuchFile},
		{"create", create, "/.inbox/x", permissionDenied},
		{"create", create, "/.ssh/id_rsa", noSuchFile},
		{"create", create, "/.ssh", permissionDenied},
		{"create", create, "/@nobody/x", noSuchFile},
		{"create", create, "/@yoda/.ssh/authorized_keys", noSuchFile},
		{"remove", c.Remove, "/3331/a", permissionDenied},
		{"remove", c.Remove, "/@yoda/secret", noSuchFile},
		{"remove", c.Remove, "/@yoda/Leia_secret", noSuchFile},
		{"readlink", readlink, "/3331/a", opUnsupported},
		{"symlink", func(p string) error { return c.Symlink("/etc/passwd", p) }, "/3331/link", opUnsupported},
		{"link", func(p string) error { return c.Link("/3331/a", p) }, "/3331/link", opUnsupported},
	} {
		err := test.do(test.path)
		if test.what == "remove" { // the client asks for the kind of the file that it cannot remove
			if err == nil {
				t.Errorf("%s %q succeeds", test.what, test.path)
			}
			continue
		}
		wantStatus(t, fmt.Sprintf("%s %q", test.what, test.path), err, test.status, "")
	}
	wantContent(t, yoda, "/3331/a", "of Yoda")
	wantContent(t, yoda, "/.inbox/Leia_secret", "plans")
}

func TestSFTPWriteFarAway(t *testing.T) {
	tr := newTree(t)
	c := tr.enter(t, "Yoda")
	for _, at := range []int64{1<<63 - 1, 1<<63 - 100, 1 << 62, 1 << 50} {
		file, err := c.Create("/3331/a")
		if err != nil {
			t.Fatal(err)
		}
		_, err = file.WriteAt([]byte("far"), at)
		wantStatus(t, fmt.Sprint("write at ", at), err, failure, "")
		wantStatus(t, fmt.Sprint("close after ", at), file.Close(), failure, "")
		_, err = c.Stat("/3331/a")
		wantStatus(t, "what is left", err, noSuchFile, "")
	}
	put(t, c, "/3331/a", []byte("near"))
	wantStatus(t, "truncate", c.Truncate("/3331/a", 1<<62), failure, "")
	wantContent(t, c, "/3331/a", "near")
}

// A client that neither closes handles nor reads its standard error is refused, and does not
// disturb anybody else.
func TestSFTPOpensWithoutClose(t *testing.T) {
	tr := newTree(t)
	c := deafSFTP(t, tr.server.as(t, tr.Forum, "Yoda"))
	put(t, c, "/3331/a", []byte("wisdom"))
	var kept []*sftp.File
	for range 20_000 {
		file, err := c.Open("/3331/a")
		if err == nil {
			kept = append(kept, file)
			continue
		}
		wantStatus(t, "one too many", err, failure, "At most 64 files can be open at once; close some first.")
	}
	if len(kept) != openFilesInTests {
		t.Errorf("%d files are open", len(kept))
	}
	for range 15_000 {
		_, err := c.Create("/" + strings.Repeat("x", 200))
		wantStatus(t, "no place for a file", err, failure, "")
	}
	wantContent(t, tr.enter(t, "Luke"), "/3331/a", "wisdom")
	for _, file := range kept {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}
	for range 3 * openFilesInTests { // each gives its place back
		wantContent(t, c, "/3331/a", "wisdom")
		wantNames(t, c, "/3331", "a 6")
		_, _ = c.Open("/3331/none")
		_, _ = c.ReadDir("/none")
		_, _ = c.Create("/3331/.thread.mbox")
	}
}

// The places for open files are those of the connection, and come back when a session
// ends in whatever way.
func TestSFTPSessionsShareTheirPlaces(t *testing.T) {
	tr := newTree(t)
	client := tr.server.as(t, tr.Forum, "Yoda")
	first, second := deafSFTP(t, client), deafSFTP(t, client)
	put(t, first, "/3331/a", []byte("wisdom"))
	for range openFilesInTests {
		if _, err := first.Open("/3331/a"); err != nil {
			t.Fatal(err)
		}
	}
	_, err := second.Open("/3331/a")
	wantStatus(t, "one too many", err, failure, "At most 64 files can be open at once; close some first.")
	wantContent(t, tr.enter(t, "Yoda"), "/3331/a", "wisdom")
	_ = first.Close()
	eventually(t, "all places are free", func() bool {
		file, err := second.Open("/3331/a")
		return err == nil && file.Close() == nil
	})
	for range openFilesInTests {
		if _, err := second.Open("/3331/a"); err != nil {
			t.Fatal(err)
		}
	}
}

// fragileBlobs have faults that show as panics.
type fragileBlobs struct{ forum.Blobs }

func (fragileBlobs) Create(forum.BlobID) (forum.BlobWriter, error) { panic("no Create") }

// TestPanicInARequest: a panic ends only its request, although it happens in a goroutine of
// package sftp.
func TestPanicInARequest(t *testing.T) {
	tr := newTree(t, func(c *rules.Config) { c.Blobs = fragileBlobs{c.Blobs} })
	c := tr.enter(t, "Luke")
	_, err := c.Create("/3331/a")
	wantStatus(t, "create", err, failure, "Something went wrong on the server; please try again.")
	if entries, err := c.ReadDir("/"); err != nil || len(entries) != 2 {
		t.Errorf("the session then lists %v, %v", entries, err)
	}
	if log := tr.server.logs.String(); !strings.Contains(log, "panic: no Create") || !strings.Contains(log, "sftp_write.go") {
		t.Errorf("the log has\n%s", log)
	}
}

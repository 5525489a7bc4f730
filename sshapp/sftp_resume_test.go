package sshapp

import (
	"errors"
	"os"
	"testing"

	"github.com/pkg/sftp"

	"sshforum/forum/rules"
)

// cutOver is an upload to a file of Thread 3331 that is cut off.
func (tr *tree) cutOver(t *testing.T, name, file, content string) {
	t.Helper()
	u, err := tr.Service.Upload(t.Context(), tr.As(name), rules.Place{Thread: "3331"}, file, rules.UploadOptions{Replace: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = u.WriteAt([]byte(content), 0)
	if err := errors.Join(err, u.Leave(t.Context(), true)); err != nil {
		t.Fatal(err)
	}
}

// If an upload over a person's own file was cut off, only STAT shows the upload, so that
// clients can resume it. The file is read, listed and changed as before.
func TestSFTPCutUploadOverAFile(t *testing.T) {
	const file = "the whole file"
	open := func(flags int, at int64, content string) func(c *sftp.Client) error {
		return func(c *sftp.Client) error {
			file, err := c.OpenFile("/3331/a", flags)
			if err != nil {
				return err
			}
			_, err = file.WriteAt([]byte(content), at)
			return errors.Join(err, file.Close())
		}
	}
	after := func(look func(*sftp.Client) error, do func(*sftp.Client) error) func(*sftp.Client) error {
		return func(c *sftp.Client) error { return errors.Join(look(c), do(c)) }
	}
	stat := func(c *sftp.Client) error { _, err := c.Stat("/3331/a"); return err }
	lstat := func(c *sftp.Client) error { _, err := c.Lstat("/3331/a"); return err }
	for what, test := range map[string]struct {
		do   func(c *sftp.Client) error
		want string
	}{
		"reput of OpenSSH":          {after(stat, open(os.O_WRONLY|os.O_CREATE|os.O_APPEND, 4, " and the rest")), "half and the rest"},
		"put -c of lftp":            {after(stat, open(os.O_WRONLY|os.O_CREATE, 4, " and the rest")), "half and the rest"},
		"reput of PuTTY":            {open(os.O_WRONLY, 4, " and the rest"), "half and the rest"},
		"resumed to read and write": {after(stat, open(os.O_RDWR, 4, " and the rest")), "half and the rest"},
		"put":                       {after(stat, open(os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0, "new")), "new"},
		"appended by sshfs":         {after(lstat, open(os.O_WRONLY|os.O_APPEND, 14, ", really")), "the whole file, really"},
		"changed in place by sshfs": {after(lstat, open(os.O_RDWR, 0, "THE")), "THE whole file"},
		"cut short by sshfs":        {after(lstat, func(c *sftp.Client) error { return c.Truncate("/3331/a", 3) }), "the"},
		"made empty and put, sshfs": {after(func(c *sftp.Client) error { return c.Truncate("/3331/a", 0) }, open(os.O_WRONLY, 0, "new")), "new"},
	} {
		t.Run(what, func(t *testing.T) {
			tr := newTree(t)
			c, luke := tr.enter(t, "Yoda"), tr.enter(t, "Luke")
			put(t, c, "/3331/a", []byte(file))
			tr.cutOver(t, "Yoda", "a", "half")
			wantContent(t, c, "/3331/a", file)
			wantNames(t, c, "/3331", "a 14")
			wantSize(t, "STAT", 4)(c.Stat("/3331/a"))
			wantSize(t, "STAT of another", 14)(luke.Stat("/3331/a"))
			reading, err := c.Open("/3331/a")
			if err != nil {
				t.Fatal(err)
			}
			wantSize(t, "FSTAT", 14)(reading.Stat())
			if err := reading.Close(); err != nil {
				t.Error(err)
			}
			wantSize(t, "LSTAT", 14)(c.Lstat("/3331/a"))
			if err := test.do(tr.enter(t, "Yoda")); err != nil {
				t.Fatal(err)
			}
			wantContent(t, luke, "/3331/a", test.want)
			wantSize(t, "STAT in the end", int64(len(test.want)))(c.Stat("/3331/a"))
		})
	}
}

func wantSize(t *testing.T, what string, size int64) func(os.FileInfo, error) {
	return func(info os.FileInfo, err error) {
		t.Helper()
		if err != nil || info.Size() != size {
			t.Errorf("%s: %v, %v, want %d bytes", what, info, err, size)
		}
	}
}

// A connection that hangs has its upload taken over, and its writes then fail.
func TestSFTPUploadIsTakenOver(t *testing.T) {
	tr := newTree(t)
	hung, err := tr.enter(t, "Yoda").Create("/3331/a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hung.WriteAt([]byte("half"), 0); err != nil {
		t.Fatal(err)
	}
	c := tr.enter(t, "Yoda")
	file, err := c.OpenFile("/3331/a", os.O_WRONLY|os.O_CREATE|os.O_APPEND)
	if err != nil {
		t.Fatal(err)
	}
	wantSize(t, "FSTAT", 4)(file.Stat())
	const says = "The upload of this file continues on another connection."
	_, err = hung.WriteAt([]byte("HALF"), 0)
	wantStatus(t, "a write by the first", err, failure, says)
	wantStatus(t, "its close", hung.Close(), failure, says)
	if _, err := file.WriteAt([]byte(" and the rest"), 4); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	wantContent(t, tr.enter(t, "Luke"), "/3331/a", "half and the rest")
}

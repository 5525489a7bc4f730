package sshapp

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/pkg/sftp"
)

func appendTo(t *testing.T, file *sftp.File, text string) {
	t.Helper()
	if _, err := file.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

// A person can read their own file while it is uploaded, in the uploading session and in
// others, as far as it is written. Nobody else sees it before its end.
func TestSFTPGrowingFileIsReadByItsOwner(t *testing.T) {
	tr := newTree(t)
	c, other, luke := tr.enter(t, "Yoda"), tr.enter(t, "Yoda"), tr.enter(t, "Luke")
	file, err := c.Create("/3331/growing.log")
	if err != nil {
		t.Fatal(err)
	}
	follower, err := other.Open("/3331/growing.log")
	if err != nil {
		t.Fatal(err)
	}
	want := ""
	for _, line := range []string{"NEW", "ER\n", strings.Repeat("and more\n", 20_000)} {
		appendTo(t, file, line)
		want += line
		for _, session := range []*sftp.Client{c, other} {
			wantContent(t, session, "/3331/growing.log", want)
			for what, stat := range map[string]func(string) (os.FileInfo, error){"STAT": session.Stat, "LSTAT": session.Lstat} {
				wantSize(t, what, int64(len(want)))(stat("/3331/growing.log"))
			}
		}
		if got, err := io.ReadAll(follower); string(got) != line || err != nil {
			t.Errorf("who follows reads %d bytes more, not %d: %v", len(got), len(line), err)
		}
		wantSize(t, "FSTAT", int64(len(want)))(follower.Stat())
		_, err := luke.Stat("/3331/growing.log")
		wantStatus(t, "STAT by another", err, noSuchFile, "")
		_, err = luke.Open("/3331/growing.log")
		wantStatus(t, "OPEN by another", err, noSuchFile, "")
		wantNames(t, luke, "/3331")
	}
	appendTo(t, file, "end")
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(follower); string(got) != "end" || err != nil {
		t.Errorf("who follows reads %q at the end: %v", got, err)
	}
	wantContent(t, luke, "/3331/growing.log", want+"end")
}

// A file that is being changed is read as it was by all but the session that changes it.
func TestSFTPChangedFileIsReadWhereItIsChanged(t *testing.T) {
	tr := newTree(t)
	c, other, luke := tr.enter(t, "Yoda"), tr.enter(t, "Yoda"), tr.enter(t, "Luke")
	put(t, c, "/3331/log", []byte("one\n"))
	file, err := c.OpenFile("/3331/log", os.O_RDWR)
	if err != nil {
		t.Fatal(err)
	}
	wantContent(t, c, "/3331/log", "one\n")
	if _, err := file.WriteAt([]byte("two\n"), 4); err != nil {
		t.Fatal(err)
	}
	wantContent(t, c, "/3331/log", "one\ntwo\n")
	wantContent(t, other, "/3331/log", "one\n")
	wantContent(t, luke, "/3331/log", "one\n")
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	wantContent(t, luke, "/3331/log", "one\ntwo\n")
}

// Reading through a handle for writing does not make a new file if nothing was written.
func TestSFTPReadingWhatIsOpenToWriteIsNoUpload(t *testing.T) {
	tr := newTree(t)
	c := tr.enter(t, "Yoda")
	put(t, c, "/3331/log", []byte("one\n"))
	before := get(t, c, "/3331/.thread.txt")
	if _, err := tr.Service.Post(t.Context(), tr.As("Luke"), "3331", "There is no try."); err != nil {
		t.Fatal(err)
	}
	file, err := c.OpenFile("/3331/log", os.O_RDWR)
	if err != nil {
		t.Fatal(err)
	}
	wantContent(t, c, "/3331/log", "one\n")
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	wantContent(t, c, "/3331/.thread.txt", string(before)+"2 Luke: There is no try.\n")
}

func TestSFTPKeysAreReadAsTheyWereWritten(t *testing.T) {
	tr := newTree(t)
	c, other := tr.enter(t, "Yoda"), tr.enter(t, "Yoda")
	file, err := c.Create("/.ssh/authorized_keys")
	if err != nil {
		t.Fatal(err)
	}
	appendTo(t, file, "# none\n")
	wantContent(t, c, "/.ssh/authorized_keys", "# none\n")
	wantContent(t, other, "/.ssh/authorized_keys", "")
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// Temporary files are listed only to their owner.
func TestSFTPTemporaryNamesAreListedToTheirOwner(t *testing.T) {
	tr := newTree(t)
	c, luke := tr.enter(t, "Yoda"), tr.enter(t, "Luke")
	put(t, c, "/3331/.giosaveX3K0T2", []byte("of Yoda"))
	put(t, luke, "/3331/.giosaveX3K0T2", []byte("by Luke!"))
	put(t, c, "/3331/b", []byte("b"))
	wantNames(t, c, "/3331", ".giosaveX3K0T2 7", "b 1")
	wantNames(t, luke, "/3331", ".giosaveX3K0T2 8", "b 1")
	wantNames(t, tr.enter(t, "Leia"), "/3331", "b 1")
	if err := c.Rename("/3331/.giosaveX3K0T2", "/3331/b"); err == nil {
		t.Error("a rename that is not to replace does")
	}
	if err := c.PosixRename("/3331/.giosaveX3K0T2", "/3331/b"); err != nil {
		t.Fatal(err)
	}
	wantContent(t, luke, "/3331/b", "of Yoda")
	wantNames(t, c, "/3331", "b 7")
}

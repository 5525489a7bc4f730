package sshapp

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pkg/sftp"

	"sshforum/forum/rules"
)

func TestSFTPWritesInAnyOrder(t *testing.T) {
	tr := newTree(t)
	yoda := tr.enter(t, "Yoda")
	content := noise(3<<20 + 7)
	file, err := yoda.Create("/3331/a")
	if err != nil {
		t.Fatal(err)
	}
	const step = 30011
	starts := []int{}
	for at := 0; at < len(content); at += step {
		starts = append(starts, at)
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(starts), func(i, j int) { starts[i], starts[j] = starts[j], starts[i] })
	var writers sync.WaitGroup
	for part := range slices.Chunk(starts, len(starts)/4+1) {
		writers.Go(func() {
			for _, at := range part {
				if _, err := file.WriteAt(content[at:min(at+step+500, len(content))], int64(at)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(get(t, yoda, "/3331/a"), content) {
		t.Error("another content came back")
	}
}

func TestSFTPAppendAndTruncate(t *testing.T) {
	tr := newTree(t)
	c := tr.enter(t, "Yoda")
	put(t, c, "/3331/a", []byte("0123456789"))
	for _, from := range []int64{0, 10} { // both ways in which clients count
		file, err := c.OpenFile("/3331/a", os.O_WRONLY|os.O_APPEND)
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range []string{"abcdef", "ghijkl", "mnopqr"} {
			if _, err := file.WriteAt([]byte(text), from+int64(6*i)); err != nil {
				t.Fatal(err)
			}
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		wantContent(t, c, "/3331/a", "0123456789abcdefghijklmnopqr")
		if err := c.Truncate("/3331/a", 10); err != nil {
			t.Fatal(err)
		}
		wantContent(t, c, "/3331/a", "0123456789")
	}
	file, err := c.OpenFile("/3331/a", os.O_RDWR) // as sshfs does: no TRUNC, then FSETSTAT
	if err != nil {
		t.Fatal(err)
	}
	if info, err := file.Stat(); err != nil || info.Size() != 10 {
		t.Errorf("FSTAT: %v, %v", info, err)
	}
	if err := file.Truncate(4); err != nil {
		t.Fatal(err)
	}
	if info, err := file.Stat(); err != nil || info.Size() != 4 {
		t.Errorf("FSTAT after FSETSTAT: %v, %v", info, err)
	}
	if _, err := file.WriteAt([]byte("xy"), 3); err != nil {
		t.Fatal(err)
	}
	back := make([]byte, 5)
	if _, err := file.ReadAt(back, 0); err != nil || string(back) != "012xy" {
		t.Errorf("reads %q back: %v", back, err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	wantContent(t, c, "/3331/a", "012xy")
}

func TestSFTPRename(t *testing.T) {
	tr := newTree(t)
	c, luke := tr.enter(t, "Yoda"), tr.enter(t, "Luke")
	put(t, c, "/3331/a", []byte("of a"))
	put(t, c, "/3331/b", []byte("of b"))
	wantStatus(t, "rename over", c.Rename("/3331/a", "/3331/b"), failure, "b already exists in Thread 3331")
	wantStatus(t, "another's", luke.PosixRename("/3331/a", "/3331/c"), permissionDenied, "")
	wantStatus(t, "to another thread", c.PosixRename("/3331/a", "/lobby/a"), permissionDenied, "")
	wantStatus(t, "a missing one", c.PosixRename("/3331/x", "/3331/a"), noSuchFile, "")
	if err := c.PosixRename("/3331/a", "/3331/b"); err != nil {
		t.Fatal(err)
	}
	wantNames(t, luke, "/3331", "b 4")
	wantContent(t, luke, "/3331/b", "of a")
	put(t, c, "/3331/new.filepart", []byte("newer"))
	wantNames(t, luke, "/3331", "b 4")
	_, err := luke.Stat("/3331/new.filepart")
	wantStatus(t, "a part of another's", err, noSuchFile, "")
	if err := c.PosixRename("/3331/new.filepart", "/3331/b"); err != nil {
		t.Fatal(err)
	}
	wantContent(t, luke, "/3331/b", "newer")
	put(t, luke, "/@yoda/map.filepart", []byte("map"))
	if err := luke.Rename("/@yoda/map.filepart", "/@yoda/map"); err != nil {
		t.Fatal(err)
	}
	wantNames(t, c, "/.inbox", "Luke_map 3")
}

func TestSFTPSetstat(t *testing.T) {
	tr := newTree(t)
	c := tr.enter(t, "Yoda")
	then := time.Unix(981173106, 0)
	file, err := c.Create("/3331/a")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(file.Chmod(0o600), file.Chown(1, 1), c.Chtimes("/3331/a", then, then)); err != nil {
		t.Fatal(err)
	}
	if info, err := c.Stat("/3331/a"); err != nil || !info.ModTime().Equal(then) {
		t.Errorf("before it is closed: %v, %v", info, err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := c.Stat("/3331/a"); err != nil || !info.ModTime().Equal(then) || info.Mode() != 0o644 {
		t.Errorf("%v, %v", info, err)
	}
	later := then.Add(time.Hour)
	if err := errors.Join(c.Chtimes("/3331/a", later, later), c.Chmod("/3331/a", 0), c.Chown("/3331/a", 0, 0), c.Chmod("/3331", 0o700), c.Chmod("/.ssh", 0o700)); err != nil {
		t.Fatal(err)
	}
	if info, err := c.Stat("/3331/a"); err != nil || !info.ModTime().Equal(later) || info.Mode() != 0o644 {
		t.Errorf("%v, %v", info, err)
	}
	put(t, c, "/@yoda/drop", []byte("x"))
	if err := c.Chtimes("/@yoda/drop", then, then); err != nil {
		t.Error(err)
	}
	wantStatus(t, "of nothing", c.Chmod("/3331/none", 0o600), noSuchFile, "")
	wantStatus(t, "the size of a directory", c.Truncate("/3331", 0), permissionDenied, "")
	luke := tr.enter(t, "Luke")
	wantStatus(t, "another's permissions", luke.Chmod("/3331/a", 0o777), permissionDenied, "The file belongs to another user and cannot be changed")
	wantStatus(t, "another's owner", luke.Chown("/3331/a", 1, 1), permissionDenied, "")
	wantStatus(t, "the forum's permissions", c.Chmod("/3331/.thread.txt", 0o777), permissionDenied, "/3331/.thread.txt is made by the forum and cannot be changed")
	wantStatus(t, "another's time", luke.Chtimes("/3331/a", then, then), permissionDenied, "")
	wantStatus(t, "another's size", luke.Truncate("/3331/a", 0), permissionDenied, "")
	wantContent(t, c, "/3331/a", "")
}

func TestSFTPQuotaInMidUpload(t *testing.T) {
	tr := newTree(t, func(c *rules.Config) { c.Quotas.File = 1 << 20 })
	c := tr.enter(t, "Yoda", sftp.UseConcurrentWrites(true))
	file, err := c.Create("/3331/big")
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.ReadFrom(bytes.NewReader(noise(2 << 20)))
	wantStatus(t, "write", err, failure, "A file has at most 1 MiB.")
	wantStatus(t, "close", file.Close(), failure, "A file has at most 1 MiB.")
	_, err = c.Stat("/3331/big")
	wantStatus(t, "what is left", err, noSuchFile, "")
	put(t, c, "/3331/big", noise(1<<20))
}

func TestSFTPCutUpload(t *testing.T) {
	tr := newTree(t)
	conn := tr.server.as(t, tr.Forum, "Yoda")
	c := openSFTP(t, conn)
	content := noise(1 << 20)
	file, err := c.Create("/3331/a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(content[:700_000]); err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	again, luke := tr.enter(t, "Yoda"), tr.enter(t, "Luke")
	eventually(t, "what was written is kept", func() bool {
		info, err := again.Stat("/3331/a")
		return err == nil && info.Size() == 700_000
	})
	_, err = luke.Stat("/3331/a")
	wantStatus(t, "stat by another", err, noSuchFile, "")
	_, err = luke.Open("/3331/a")
	wantStatus(t, "open by another", err, noSuchFile, "")
	wantNames(t, luke, "/3331")
	file, err = again.OpenFile("/3331/a", os.O_WRONLY|os.O_CREATE)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt(content[700_000:], 700_000); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(get(t, luke, "/3331/a"), content) {
		t.Error("another content came back")
	}
}

func TestSFTPPartIsCutAndBegunAnew(t *testing.T) {
	tr := newTree(t)
	conn := tr.server.as(t, tr.Forum, "Yoda")
	file, err := openSFTP(t, conn).Create("/3331/a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write([]byte("half of it")); err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	c, luke := tr.enter(t, "Yoda"), tr.enter(t, "Luke")
	eventually(t, "what was written is kept", func() bool {
		info, err := c.Stat("/3331/a")
		return err == nil && info.Size() == 10
	})
	if err := c.Truncate("/3331/a", 4); err != nil {
		t.Fatal(err)
	}
	wantContent(t, c, "/3331/a", "half")
	_, err = luke.Stat("/3331/a")
	wantStatus(t, "stat by another", err, noSuchFile, "")
	file, err = c.OpenFile("/3331/a", os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt([]byte("ne"), 0); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	wantContent(t, luke, "/3331/a", "ne")
	_, err = c.OpenFile("/3331/a", os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	wantStatus(t, "what is there", err, failure, "a already exists in Thread 3331")
}

func TestSFTPPeopleAtOnce(t *testing.T) {
	tr := newTree(t)
	var people sync.WaitGroup
	for i := range 4 {
		c := tr.enter(t, fmt.Sprint("person", i), sftp.UseConcurrentWrites(true))
		people.Go(func() {
			for n := range 3 {
				path, content := fmt.Sprintf("/3331/%d-%d", i, n), noise(200_000+i)
				file, err := c.Create(path)
				if err == nil {
					_, err = file.ReadFrom(bytes.NewReader(content))
					err = errors.Join(err, file.Close())
				}
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := c.ReadDir("/3331"); err != nil {
					t.Error(err)
				}
				if _, err := c.Stat("/3331/.thread.txt"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	people.Wait()
	if got := names(t, tr.enter(t, "Yoda"), "/3331"); len(got) != 12 {
		t.Errorf("%q", got)
	}
}

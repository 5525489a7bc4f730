package sshapp

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pkg/sftp"
	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/storetest"
)

// tree is a forum with Thread 3331 of Yoda's and one message in it, and a server.
type tree struct {
	*forumtest.Forum
	server *running
}

func newTree(t *testing.T, set ...func(*forum.Config)) *tree {
	t.Helper()
	f := forumtest.New(t, set...)
	if _, err := f.Service.CreateThread(t.Context(), f.As("Yoda"), "3331"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Service.Post(t.Context(), f.As("Yoda"), "3331", "Do or do not."); err != nil {
		t.Fatal(err)
	}
	return &tree{Forum: f, server: start(t, f)}
}

// enter starts an SFTP session.
func (tr *tree) enter(t *testing.T, name string, options ...sftp.ClientOption) *sftp.Client {
	t.Helper()
	return openSFTP(t, tr.server.as(t, tr.Forum, name), options...)
}

func openSFTP(t *testing.T, client *gossh.Client, options ...sftp.ClientOption) *sftp.Client {
	t.Helper()
	c, err := sftp.NewClient(client, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func put(t *testing.T, c *sftp.Client, path string, content []byte) {
	t.Helper()
	file, err := c.Create(path)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	_, err = file.ReadFrom(bytes.NewReader(content))
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func get(t *testing.T, c *sftp.Client, path string) []byte {
	t.Helper()
	file, err := c.Open(path)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	defer file.Close()
	var content bytes.Buffer
	if _, err := file.WriteTo(&content); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return content.Bytes()
}

func wantContent(t *testing.T, c *sftp.Client, path, want string) {
	t.Helper()
	if got := string(get(t, c, path)); got != want {
		t.Errorf("%s has %q, want %q", path, got, want)
	}
}

// names lists a directory as "name size".
func names(t *testing.T, c *sftp.Client, path string) (all []string) {
	t.Helper()
	entries, err := c.ReadDir(path)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	for _, e := range entries {
		all = append(all, fmt.Sprint(e.Name(), " ", e.Size()))
	}
	slices.Sort(all)
	return all
}

func wantNames(t *testing.T, c *sftp.Client, path string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, names(t, c, path)); diff != "" {
		t.Errorf("%s: %s", path, diff)
	}
}

// Status codes of draft-ietf-secsh-filexfer-02, section 7.
const (
	noSuchFile       = sftp.ErrSSHFxNoSuchFile
	permissionDenied = sftp.ErrSSHFxPermissionDenied
	failure          = sftp.ErrSSHFxFailure
	opUnsupported    = sftp.ErrSSHFxOpUnsupported
)

// wantStatus fails the test unless err is that status, with says in its text.
func wantStatus(t *testing.T, what string, err, status error, says string) {
	t.Helper()
	ok := errors.Is(err, status)
	var answer *sftp.StatusError
	switch {
	case errors.As(err, &answer):
		ok = errors.Is(answer.FxCode(), status)
	case status == noSuchFile:
		ok = errors.Is(err, fs.ErrNotExist)
	case status == permissionDenied:
		ok = errors.Is(err, fs.ErrPermission)
	}
	if !ok || answer != nil && !strings.Contains(answer.Error(), says) {
		t.Errorf("%s: got %v, want %v %q", what, err, status, says)
	}
}

func TestSFTPTree(t *testing.T) {
	tr := newTree(t)
	yoda, luke := tr.enter(t, "Yoda"), tr.enter(t, "Luke")
	put(t, yoda, "/3331/report.pdf", []byte("wisdom"))
	put(t, yoda, "3331/b", nil)
	put(t, luke, "/@yoda/map.txt", []byte("to Tatooine"))
	for _, c := range []*sftp.Client{yoda, luke} {
		wantNames(t, c, "/", "3331 0", forum.Lobby+" 0")
		wantNames(t, c, "/3331", "b 0", "report.pdf 6")
		wantContent(t, c, "/3331/report.pdf", "wisdom")
	}
	wantNames(t, yoda, "/.inbox", "Luke_map.txt 11")
	wantContent(t, yoda, "/.inbox/Luke_map.txt", "to Tatooine")
	wantNames(t, luke, "/.inbox")
	wantNames(t, luke, "/.ssh", "authorized_keys 0")
	for path, mode := range map[string]fs.FileMode{
		"/": fs.ModeDir | 0o755, "/3331": fs.ModeDir | 0o755, "/@yoda": fs.ModeDir | 0o333, "/.inbox": fs.ModeDir | 0o700,
		"/3331/report.pdf": 0o444, "/3331/.thread.txt": 0o444, "/.ssh/authorized_keys": 0o600,
	} {
		info, err := luke.Stat(path)
		if err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, %v", path, info, err)
		}
		if lstat, err := luke.Lstat(path); err != nil || lstat.Mode() != mode {
			t.Errorf("%s: lstat: %v, %v", path, lstat, err)
		}
	}
	if err := yoda.Remove("/.inbox/Luke_map.txt"); err != nil {
		t.Error(err)
	}
	if err := yoda.Remove("/3331/b"); err != nil {
		t.Error(err)
	}
	wantNames(t, luke, "/3331", "report.pdf 6")
	wantNames(t, yoda, "/.inbox")
}

// edges are sizes around those of chunks and packets.
var edges = []int{0, 1, 32768, 65471, 65472, 65473, 65535, 65536, 65537, 5 << 20}

func noise(size int) []byte {
	content := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{byte(size), byte(size >> 8)}).Read(content)
	return content
}

func TestSFTPSizes(t *testing.T) {
	tr := newTree(t)
	yoda := tr.enter(t, "Yoda", sftp.UseConcurrentWrites(true))
	luke := tr.enter(t, "Luke")
	for _, size := range edges {
		content, path := noise(size), fmt.Sprint("/3331/", size)
		put(t, yoda, path, content)
		if got := get(t, luke, path); sha256.Sum256(got) != sha256.Sum256(content) {
			t.Errorf("%s: another content of %d bytes", path, len(got))
		}
		if info, err := luke.Stat(path); err != nil || info.Size() != int64(size) {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
}

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

func TestSFTPThreads(t *testing.T) {
	tr := newTree(t)
	yoda, luke := tr.enter(t, "Yoda"), tr.enter(t, "Luke")
	if err := yoda.Mkdir("/new"); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, "mkdir of a thread", luke.Mkdir("/new"), failure, "Thread new exists")
	for _, path := range []string{"/new/dir", "/@luke", "/.inbox", "/.ssh", "/new/.thread.txt"} {
		wantStatus(t, "mkdir "+path, yoda.Mkdir(path), permissionDenied, "")
	}
	wantStatus(t, "mkdir of no title", yoda.Mkdir("/a b"), failure, "A title is one word")
	put(t, luke, "/new/a", []byte("a"))
	wantStatus(t, "rmdir of a full thread", yoda.RemoveDirectory("/new"), failure, "not empty")
	if err := luke.Remove("/new/a"); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, "rmdir of another's", luke.RemoveDirectory("/new"), permissionDenied, "")
	wantStatus(t, "rmdir of messages", yoda.RemoveDirectory("/3331"), failure, "not empty")
	wantStatus(t, "rmdir of nothing", yoda.RemoveDirectory("/none"), noSuchFile, "")
	wantStatus(t, "rmdir of the root", yoda.RemoveDirectory("/"), permissionDenied, "")
	if err := yoda.RemoveDirectory("/new"); err != nil {
		t.Fatal(err)
	}
	_, err := luke.ReadDir("/new")
	wantStatus(t, "a removed thread", err, noSuchFile, "")
}

func TestSFTPSetstat(t *testing.T) {
	tr := newTree(t)
	c := tr.enter(t, "Yoda")
	then := time.Unix(981173106, 0)
	file, err := c.Create("/3331/a")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(file.Chmod(0o600), file.Chown(1, 1), c.Chtimes("/3331/a", then, then), file.Close()); err != nil {
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
	wantStatus(t, "another's time", luke.Chtimes("/3331/a", then, then), permissionDenied, "")
	wantStatus(t, "another's size", luke.Truncate("/3331/a", 0), permissionDenied, "")
	wantContent(t, c, "/3331/a", "")
}

func TestSFTPStatVFSIsTheQuota(t *testing.T) {
	tr := newTree(t, func(c *forum.Config) { c.Quotas.Person = 10 << 20 })
	c := tr.enter(t, "Yoda")
	put(t, c, "/3331/a", noise(1<<20))
	got, err := c.StatVFS("/3331")
	if err != nil || got.TotalSpace() != 10<<20 || got.FreeSpace() != 9<<20 || got.Bavail != got.Bfree || got.Namemax != 255 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestSFTPQuotaInMidUpload(t *testing.T) {
	tr := newTree(t, func(c *forum.Config) { c.Quotas.File = 1 << 20 })
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

func TestSFTPThreadAsFile(t *testing.T) {
	tr := newTree(t)
	c := tr.enter(t, "Luke")
	put(t, c, "/3331/map", []byte("x"))
	for _, name := range []string{".thread.txt", ".thread.json"} {
		path := "/3331/" + name
		info, err := c.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tr.Service.Post(t.Context(), tr.As("Yoda"), "3331", "There is no try."); err != nil {
			t.Fatal(err)
		}
		file, err := c.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		again, err := file.Stat()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(file)
		if err := errors.Join(err, file.Close()); err != nil {
			t.Fatal(err)
		}
		if info.Size() != int64(len(content)) || again.Size() != info.Size() {
			t.Errorf("%s: sizes %d and %d, but %d bytes", path, info.Size(), again.Size(), len(content))
		}
		if strings.Contains(string(content), "no try") && name == ".thread.txt" || !strings.Contains(string(content), "Do or do not.") {
			t.Errorf("%s:\n%s", path, content)
		}
		if info, err = c.Stat(path); err != nil || info.Size() <= int64(len(content)) {
			t.Errorf("%s is not made anew: %v, %v", path, info, err)
		}
		_, err = c.Create(path)
		wantStatus(t, "writing "+path, err, permissionDenied, "")
		wantStatus(t, "removing "+path, c.Remove(path), permissionDenied, "")
	}
	text := string(get(t, c, "/3331/.thread.txt"))
	if !strings.HasPrefix(text, "Yoda\n") || !strings.Contains(text, "Luke uploaded map") {
		t.Error(text)
	}
	wantNames(t, c, "/3331", "map 1")
	if _, err := tr.Service.EditMessage(t.Context(), tr.As("Yoda"), forum.Target{Title: "3331", Number: 1}, "Do."); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Stat("/3331/.thread.txt"); err != nil {
		t.Fatal(err)
	}
	if text := string(get(t, c, "/3331/.thread.txt")); !strings.Contains(text, "Do.") || strings.Contains(text, "Do or") {
		t.Errorf("after an edit:\n%s", text)
	}
}

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
	wantStatus(t, "mkdir .ssh", c.Mkdir("/.ssh"), permissionDenied, "")
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

func TestSFTPReaderOfARemovedFile(t *testing.T) {
	tr := newTree(t)
	c := tr.enter(t, "Yoda")
	put(t, c, "/3331/a", []byte("wisdom"))
	file, err := tr.enter(t, "Luke").Open("/3331/a")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := c.Remove("/3331/a"); err != nil {
		t.Fatal(err)
	}
	_, err = file.ReadAt(make([]byte, 6), 0)
	wantStatus(t, "reading on", err, noSuchFile, "")
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
		{"create", create, "/3331/.hidden", failure},
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
		if test.what == "remove" { // the client asks for the kind of what it cannot remove
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

// A client that does not close, nor read what it is told besides, is refused, and hurts
// nobody else.
func TestSFTPOpensWithoutClose(t *testing.T) {
	tr := newTree(t)
	c := tr.enter(t, "Yoda")
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
	if len(kept) != maxHandles {
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
	for range 3 * maxHandles { // each gives its place back
		wantContent(t, c, "/3331/a", "wisdom")
		wantNames(t, c, "/3331", "a 6")
		_, _ = c.Open("/3331/none")
		_, _ = c.ReadDir("/none")
		_, _ = c.Create("/3331/.hidden")
	}
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

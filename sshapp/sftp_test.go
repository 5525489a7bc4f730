package sshapp

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pkg/sftp"
	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// tree is a forum with Thread 3331 of Yoda's and one message in it, and a server.
type tree struct {
	*forumtest.Forum
	server *running
}

func newTree(t *testing.T, set ...func(*rules.Config)) *tree {
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
		wantNames(t, c, "/", "3331 0", rules.Lobby+" 0")
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

func TestSFTPThreads(t *testing.T) {
	tr := newTree(t)
	yoda, luke := tr.enter(t, "Yoda"), tr.enter(t, "Luke")
	if err := yoda.Mkdir("/new"); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, "mkdir of a thread", luke.Mkdir("/new"), failure, "Thread new exists")
	for _, path := range []string{"/.ssh/dir", "/.git"} {
		wantStatus(t, "mkdir "+path, yoda.Mkdir(path), noSuchFile, "")
	}
	for _, path := range []string{"/new/dir", "/@nobody"} {
		wantStatus(t, "mkdir "+path, yoda.Mkdir(path), permissionDenied, "A thread has files, but no directories.")
	}
	for _, path := range []string{"/@luke", "/.inbox", "/.ssh", "/", "/new/.thread.txt"} {
		wantStatus(t, "mkdir "+path, yoda.Mkdir(path), failure, path+" exists")
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

func TestSFTPStatVFSIsTheQuota(t *testing.T) {
	tr := newTree(t, func(c *rules.Config) { c.Quotas.Person = 10 << 20 })
	c := tr.enter(t, "Yoda")
	put(t, c, "/3331/a", noise(1<<20))
	got, err := c.StatVFS("/3331")
	if err != nil || got.TotalSpace() != 10<<20 || got.FreeSpace() != 9<<20 || got.Bavail != got.Bfree || got.Namemax != 255 {
		t.Errorf("%+v, %v", got, err)
	}
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
	if _, err := tr.Service.EditMessage(t.Context(), tr.As("Yoda"), rules.Target{Title: "3331", Number: 1}, "Do."); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Stat("/3331/.thread.txt"); err != nil {
		t.Fatal(err)
	}
	if text := string(get(t, c, "/3331/.thread.txt")); !strings.Contains(text, "Do.") || strings.Contains(text, "Do or") {
		t.Errorf("after an edit:\n%s", text)
	}
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

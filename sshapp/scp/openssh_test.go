package scp

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sshforum/forum/forumtest"
)

// openSSH is a person with scp and a directory of files, who speaks the old protocol with
// a server that has another one.
type openSSH struct {
	port        string
	here, there string
	disk        *disk
}

// newOpenSSH starts a server. set changes its tree before that.
func newOpenSSH(t *testing.T, set ...func(*disk)) *openSSH {
	t.Helper()
	forumtest.NeedsProgram(t, "scp")
	o := &openSSH{here: t.TempDir(), there: t.TempDir()}
	o.disk = newDisk(t, o.there)
	for _, set := range set {
		set(o.disk)
	}
	o.port = startSSHD(t, o.disk)
	return o
}

func (o *openSSH) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	options := []string{
		"-O", "-q", "-F", "none", "-P", o.port, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no",
		"-o", "UserKnownHostsFile=" + os.DevNull, "-o", "LogLevel=ERROR", "-o", "IdentityAgent=none", "-o", "ConnectTimeout=20",
	}
	cmd := exec.CommandContext(t.Context(), "scp", append(options, args...)...)
	cmd.Dir = o.here
	return cmd
}

// run runs scp and returns its output. "HOST:" in the arguments is the server.
func (o *openSSH) run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "HOST:", "yoda@127.0.0.1:")
	}
	said, err := o.command(t, args...).CombinedOutput()
	return string(said), err
}

// must is run for a copy that has to be silent and to succeed.
func (o *openSSH) must(t *testing.T, args ...string) {
	t.Helper()
	if said, err := o.run(t, args...); err != nil || said != "" {
		t.Fatalf("scp %q: %v\n%s", args, err, said)
	}
}

func write(t *testing.T, dir, name string, content []byte, mode fs.FileMode) {
	t.Helper()
	at := filepath.Join(dir, name)
	then := time.Unix(1_000_000_000+int64(len(content)), 0)
	for _, err := range []error{
		os.MkdirAll(filepath.Dir(at), 0o755), os.WriteFile(at, content, 0o600), os.Chmod(at, mode), os.Chtimes(at, then, then),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Error(err)
	}
	return string(b)
}

// sizes are those at which buffers end, and one of many buffers.
var sizes = []int{0, 1, 65535, 65536, 65537, 5 << 20}

// plant makes a tree with a file of each size, named by it.
func plant(t *testing.T, dir string, sizes ...int) {
	t.Helper()
	random := rand.NewChaCha8([32]byte{1})
	for _, size := range sizes {
		content := make([]byte, size)
		_, _ = random.Read(content)
		write(t, dir, strconv.Itoa(size), content, 0o640)
	}
	write(t, dir, "sub/deep/it's \"an\" odd näme", []byte("odd"), 0o444)
	write(t, dir, "sub/x", []byte("x"), 0o755)
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o750); err != nil {
		t.Fatal(err)
	}
}

// same fails unless two trees have the same names, contents, modes and, for files, times.
func same(t *testing.T, got, want string) {
	t.Helper()
	gotNames, wantNames := names(t, got), names(t, want)
	if !slices.Equal(gotNames, wantNames) {
		t.Fatalf("there is %q, want %q", gotNames, wantNames)
	}
	for _, name := range wantNames {
		g, err := os.Stat(filepath.Join(got, name))
		if err != nil {
			t.Fatal(err)
		}
		w, err := os.Stat(filepath.Join(want, name))
		if err != nil {
			t.Fatal(err)
		}
		if g.Mode() != w.Mode() || !w.IsDir() && !g.ModTime().Equal(w.ModTime()) {
			t.Errorf("%s is %s of %s, want %s of %s", name, g.Mode(), g.ModTime(), w.Mode(), w.ModTime())
		}
		if !w.IsDir() && !bytes.Equal([]byte(read(t, got, name)), []byte(read(t, want, name))) {
			t.Errorf("%s has another content", name)
		}
	}
}

func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(at string, _ fs.DirEntry, err error) error {
		name, _ := filepath.Rel(dir, at)
		all = append(all, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestOpenSSHUploadsATree(t *testing.T) {
	o := newOpenSSH(t)
	plant(t, filepath.Join(o.here, "tree"), sizes...)
	o.must(t, "-r", "-p", "tree", "HOST:")
	same(t, filepath.Join(o.there, "tree"), filepath.Join(o.here, "tree"))
	o.must(t, "-r", "-p", "tree", "HOST:other/")
	same(t, filepath.Join(o.there, "other"), filepath.Join(o.here, "tree"))
}

// A server that does not wait for the last acknowledgement fails now and then.
func TestOpenSSHDownloadsATreeTwentyTimes(t *testing.T) {
	o := newOpenSSH(t)
	plant(t, filepath.Join(o.there, "3331"), 0, 1, 65537)
	for range 20 {
		o.must(t, "-r", "-p", "HOST:3331", ".")
		same(t, filepath.Join(o.here, "3331"), filepath.Join(o.there, "3331"))
		if err := os.RemoveAll(filepath.Join(o.here, "3331")); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOpenSSHDownloadsEachSize(t *testing.T) {
	o := newOpenSSH(t)
	plant(t, o.there, sizes...)
	for _, size := range sizes {
		name := strconv.Itoa(size)
		o.must(t, "-p", "HOST:/"+name, "got")
		if read(t, o.here, "got") != read(t, o.there, name) {
			t.Errorf("%s has another content", name)
		}
	}
	o.must(t, "-r", "-p", "HOST:.//sub/deep/..", "HOST:/sub/", ".")
	same(t, filepath.Join(o.here, "sub"), filepath.Join(o.there, "sub"))
}

func TestOpenSSHPutsFilesWhereItsUserSays(t *testing.T) {
	o := newOpenSSH(t)
	write(t, o.here, "a", []byte("A"), 0o644)
	write(t, o.here, "-b", []byte("B"), 0o644)
	if err := os.Mkdir(filepath.Join(o.there, "3331"), 0o755); err != nil {
		t.Fatal(err)
	}
	o.must(t, "a", "HOST:3331")
	o.must(t, "a", "./-b", "HOST:3331/")
	o.must(t, "a", "HOST:3331/new")
	o.must(t, "a", `HOST:"3331/two words"`)
	o.must(t, "a", "HOST:-c")
	o.must(t, "-3", "HOST:3331/-b", "HOST:relayed")
	if got, want := names(t, o.there), []string{".", "-c", "3331", "3331/-b", "3331/a", "3331/new", "3331/two words", "relayed"}; !slices.Equal(got, want) {
		t.Errorf("there is %q, want %q", got, want)
	}
	o.must(t, `HOST:3331/two\ words`, "HOST:-c", ".")
	if read(t, o.here, "two words") != "A" || read(t, o.here, "-c") != "A" || read(t, o.there, "relayed") != "B" {
		t.Error("a file has another content")
	}
}

func TestOpenSSHPrintsWhatFailedAndGoesOn(t *testing.T) {
	o := newOpenSSH(t)
	for _, name := range []string{"exists.txt", "good1", "good2", "good3", "tree/exists.txt", "tree/good"} {
		write(t, o.here, name, []byte("hello"), 0o644)
	}
	write(t, o.here, "quota.bin", make([]byte, 1<<20), 0o644)
	write(t, o.there, "3331/a", []byte("A"), 0o644)
	const exists, quota = "exists.txt already exists in Thread 3331\n", "Your quota is used up; remove a file first.\n"
	for _, c := range []struct {
		args []string
		said string
	}{
		{[]string{"good1", "exists.txt", "good2", "quota.bin", "good3", "HOST:3331"}, exists + quota},
		{[]string{"-r", "tree", "good1", "HOST:3331"}, exists},
		{[]string{"good1", "good2", "HOST:none"}, "There is no directory \"none\"; make it first or name one that exists.\n"},
		{[]string{"good1", "HOST:none/"}, "There is no directory \"none/\"; make it first or name one that exists.\n"},
		{[]string{"good1", "HOST:two words"}, "Files go to one path at a time; put quotes inside the quotes around a path with spaces, as in 'HOST:\"a b\"'.\n"},
		{[]string{"HOST:3331/none", "HOST:3331/a", "."}, "There is no 3331/none.\n"},
		{[]string{"HOST:3331", "."}, "\"3331\" is a directory; copy it with scp -r.\n"},
	} {
		said, err := o.run(t, c.args...)
		if err == nil || said != c.said {
			t.Errorf("scp %q: %v\n%q, want\n%q", c.args, err, said, c.said)
		}
	}
	if got, want := names(t, o.there), []string{".", "3331", "3331/a", "3331/good1", "3331/good2", "3331/good3", "3331/tree", "3331/tree/good"}; !slices.Equal(got, want) {
		t.Errorf("there is %q, want %q", got, want)
	}
	if read(t, o.here, "a") != "A" || read(t, o.there, "3331/good3") != "hello" {
		t.Error("a file has another content")
	}
}

func TestOpenSSHIsKilledInAnUpload(t *testing.T) {
	var cmd *exec.Cmd
	started := make(chan struct{})
	o := newOpenSSH(t, func(d *disk) {
		d.create = func(string) {
			<-started
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	write(t, o.here, "big", make([]byte, 5<<20), 0o644)
	cmd = o.command(t, "big", "yoda@127.0.0.1:big")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	close(started)
	select {
	case p := <-o.disk.aborted:
		if got := names(t, o.there); p != "big" || !slices.Equal(got, []string{"."}) {
			t.Errorf("aborted was %q, there is %q", p, got)
		}
	case <-time.After(time.Minute):
		t.Fatal("the upload was not aborted")
	}
}

// The server expands a person's patterns, not their machine.
func TestOpenSSHDownloadsByPattern(t *testing.T) {
	o := newOpenSSH(t)
	for _, name := range []string{"3331/a.pdf", "3331/b.pdf", "3331/b[1].pdf", "3331/b1.pdf", "3331/c d.txt", "3331/.new.pdf", "3331/sub/x.pdf"} {
		write(t, o.there, name, []byte(name), 0o644)
	}
	for name, test := range map[string]struct {
		args []string
		want []string
	}{
		"star":          {[]string{"HOST:3331/*.pdf"}, []string{"a.pdf", "b.pdf", "b1.pdf", "b[1].pdf"}},
		"question mark": {[]string{"HOST:3331/?.pdf"}, []string{"a.pdf", "b.pdf"}},
		"set":           {[]string{"HOST:3331/b[0-9].pdf"}, []string{"b1.pdf"}},
		"negated set":   {[]string{"HOST:3331/[!a].pdf"}, []string{"b.pdf"}},
		"quoted":        {[]string{`HOST:3331/b\[1\].pdf`}, []string{"b[1].pdf"}},
		"blank":         {[]string{`HOST:3331/c\ *`}, []string{"c d.txt"}},
		"several":       {[]string{"HOST:3331/a* 3331/?1.pdf"}, []string{"a.pdf", "b1.pdf"}},
		"two sources":   {[]string{"HOST:3331/a*", "HOST:3331/b?.pdf"}, []string{"a.pdf", "b1.pdf"}},
		"dot":           {[]string{"HOST:3331/.*.pdf"}, []string{".new.pdf"}},
		"directories":   {[]string{"-r", "HOST:3331/s*"}, []string{"sub", "sub/x.pdf"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := *o
			o.here = t.TempDir()
			o.must(t, append(append([]string{"-T"}, test.args...), ".")...) // -T: the client's own patterns know no several
			if got := names(t, o.here)[1:]; !slices.Equal(got, test.want) {
				t.Errorf("%q came, want %q", got, test.want)
			}
		})
	}
	o.must(t, "HOST:3331/?.pdf", ".")
	for _, nothing := range []string{"HOST:3331/*.odt", "HOST:3331/[x]", `HOST:3331/\*.pdf`, "HOST:none/*"} {
		said, err := o.run(t, nothing, ".")
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(said, "There is no ") {
			t.Errorf("%s: %v, %q", nothing, err, said)
		}
	}
}

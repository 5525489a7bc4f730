package pair

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"sshforum/forum"
	"sshforum/storage"
	"sshforum/storage/blobs"
)

func TestFound(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	if made, err := Found(dir); err != nil || !made {
		t.Fatalf("Found: %v, %v", made, err)
	}
	upload(t, open(t, dir))
	if made, err := Found(dir); err != nil || made {
		t.Errorf("Found where there is a forum: %v, %v", made, err)
	}
	for path, want := range map[string]fs.FileMode{
		dir:               0o700 | fs.ModeDir,
		filepath.Dir(dir): 0o700 | fs.ModeDir,
		rowsPath(dir):     0o600,
		contentsPath(dir): 0o600,
	} {
		if info, err := os.Stat(path); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v, want mode %s", path, info, err, want)
		}
	}
}

// TestFoundWhere: a forum is founded only in directories that count as empty.
func TestFoundWhere(t *testing.T) {
	const others = "There is no forum in DIR, and none is made where other things are (%s); name the forum's directory, or an empty one, with --data."
	file := func(name string) func(dir string) error {
		return func(dir string) error { return os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600) }
	}
	for name, test := range map[string]struct {
		prepare func(dir string) error
		want    string // "" where a forum is made
	}{
		"empty":           {func(string) error { return nil }, ""},
		"missing":         {os.Remove, ""},
		"a new disk":      {func(dir string) error { return os.Mkdir(filepath.Join(dir, "lost+found"), 0o700) }, ""},
		"hidden":          {file(".gitkeep"), ""},
		"what may be":     {file("control.sock"), ""},
		"cut off":         {file(storage.FileName + tempSuffix), ""},
		"something else":  {file("notes.txt"), fmt.Sprintf(others, "notes.txt")},
		"not printable":   {file("\x1b[31m.txt"), fmt.Sprintf(others, forum.Printable("\x1b[31m.txt"))},
		"a directory":     {func(dir string) error { return os.Mkdir(filepath.Join(dir, "home"), 0o700) }, fmt.Sprintf(others, "home")},
		"a file":          {func(dir string) error { os.Remove(dir); return os.WriteFile(dir, nil, 0o600) }, "DIR is not a directory; name another data directory."},
		"link to nowhere": {func(dir string) error { os.Remove(dir); return os.Symlink(dir+".not", dir) }, "DIR is a link that leads nowhere; mount what it leads to, or mend the link."},
		"link to a directory": {func(dir string) error {
			os.Remove(dir)
			os.Mkdir(dir+".real", 0o700)
			return os.Symlink(dir+".real", dir)
		}, ""},
		"below a file": {func(dir string) error { os.Remove(dir); return os.Symlink("/dev/null/data", dir) }, "DIR is not a directory; name another data directory."},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := test.prepare(dir); err != nil {
				t.Fatal(err)
			}
			made, err := Found(dir, "control.sock")
			if test.want != "" {
				wantRefusal(t, err, dir, test.want)
				if _, err := os.Stat(rowsPath(dir)); made || err == nil {
					t.Error("a forum was made")
				}
				return
			}
			if !made || err != nil {
				t.Fatalf("%v, %v", made, err)
			}
			open(t, dir)
		})
	}
}

func TestFoundReadOnly(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // so that nobody may pass
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	asNobody(t, func() {
		for _, path := range []string{dir, filepath.Join(dir, "data")} {
			_, err := Found(path)
			wantRefusal(t, err, path, "DIR cannot be written; give the user that runs sshforum write access to it, or name another data directory.")
		}
	})
}

// asNobody runs fn in a thread whose file accesses have no privileges.
func asNobody(t *testing.T, fn func()) {
	t.Helper()
	if os.Getuid() != 0 {
		fn()
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // the thread ends with the goroutine
		if err := unix.Setfsuid(65534); err != nil {
			t.Error(err)
			return
		}
		fn()
	}()
	<-done
}

// The test binary runs itself to be killed.
const (
	childDir  = "PAIR_TEST_DIR"
	childStep = "PAIR_TEST_STEP"
)

// childFound founds a forum and kills itself before a step.
func childFound(dir, step string) int {
	made, err := found(dir, nil, func(next string) {
		fmt.Println(next)
		if next == step {
			syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
		}
	})
	if err != nil || !made {
		fmt.Fprintln(os.Stderr, made, err)
		return 1
	}
	return 0
}

// TestFoundingIsKilled before each of its steps: there is no forum, or all of one, and
// the next start is not refused.
func TestFoundingIsKilled(t *testing.T) {
	var steps []string
	if _, err := found(filepath.Join(t.TempDir(), "data"), nil, func(step string) { steps = append(steps, step) }); err != nil {
		t.Fatal(err)
	}
	if len(steps) < 9 {
		t.Fatalf("there are %d steps", len(steps))
	}
	forumThere := false
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), childDir+"="+dir, childStep+"="+step)
			out, err := cmd.CombinedOutput()
			if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
				t.Fatalf("it was not killed: %v: %s", err, out)
			}
			forumThere = forumThere || step == "keep the name of the rows"
			if !forumThere {
				_, err := Open(dir, Options{}) // as a subcommand does
				wantRefusal(t, err, dir, noForumThere)
			}
			if made, err := Found(dir); made == forumThere || err != nil {
				t.Errorf("the next Found: %v, %v", made, err)
			}
			f := open(t, dir)
			upload(t, f)
			checkAndClose(t, f)
			open(t, dir)
			entries, err := os.ReadDir(dir)
			if err != nil || len(entries) != 2 {
				t.Errorf("there are %v, %v", entries, err)
			}
		})
	}
}

// TestLeftoverOfAnotherFounding: only the contents that were made with the rows get
// their name.
func TestLeftoverOfAnotherFounding(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	checkAndClose(t, open(t, dir))
	checkAndClose(t, open(t, other))
	if err := os.Remove(contentsPath(dir)); err != nil {
		t.Fatal(err)
	}
	put(t, dir, map[string]string{blobs.FileName + tempSuffix: filesIn(t, other)[blobs.FileName]})
	_, err := Open(dir, Options{})
	wantRefusal(t, err, dir, contentsGone)
}

// TestFoundAtOnce: of several processes one founds, and all have that forum.
func TestFoundAtOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	var founders sync.WaitGroup
	var mu sync.Mutex
	made := 0
	for range 4 {
		founders.Go(func() {
			first, err := Found(dir)
			if err != nil && forum.KindOf(err) != forum.Conflict { // it waited too long
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if first {
				made++
			}
		})
	}
	founders.Wait()
	if made != 1 {
		t.Errorf("it was founded %d times", made)
	}
	open(t, dir)
}

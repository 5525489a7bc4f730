package storage

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/storetest"
	"sshforum/storage/boltfile"
)

// The test binary runs itself for tests that need a process of their own.
const (
	childRole = "STORAGE_TEST_ROLE"
	childDir  = "STORAGE_TEST_DIR"
)

// childCommand runs the test binary in a role on the store in dir, behind the words of
// wrapper.
func childCommand(t *testing.T, role, dir string, wrapper ...string) *exec.Cmd {
	t.Helper()
	args := append(wrapper, os.Args[0])
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Env = append(os.Environ(), childRole+"="+role, childDir+"="+dir,
		"GORACE=atexit_sleep_ms=0") // or each process under the race detector ends a second late
	cmd.Stderr = os.Stderr
	return cmd
}

func child(role string) int {
	run := map[string]func(*DB){"hold": childHold, "scenario": childScenario, "post": childPost}[role]
	o := Options{}
	if role == "scenario" {
		o.hooks.Commit = func(bolt *boltfile.Tx) error {
			runtime.LockOSThread() // all commits in one thread, whose system calls can be counted
			return bolt.Commit()
		}
	}
	db, err := Open(os.Getenv(childDir), o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	run(db)
	if err := db.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// childHold keeps the store open until its input ends.
func childHold(*DB) {
	fmt.Println("open")
	io.Copy(io.Discard, os.Stdin)
}

// childScenario prints a line for each change: its number, and "ok" or the error's kind.
func childScenario(db *DB) {
	for i, c := range scenario() {
		_, err := db.Submit(context.Background(), c)
		fmt.Println(i, outcome(err))
	}
}

func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	return forum.KindOf(err).String()
}

// childPost posts for ever, and prints the id and text of each acknowledged message.
func childPost(db *DB) {
	var wg sync.WaitGroup
	for writer := range 8 {
		wg.Go(func() {
			for i := 0; ; i++ {
				text := fmt.Sprint(writer, "/", i)
				result, err := db.Submit(context.Background(), storetest.Post(1, 1, text))
				if err != nil {
					return
				}
				fmt.Print(result.(forum.Message).ID, " ", text, "\n")
			}
		})
	}
	wg.Wait()
}

// prepare makes the store that a scenario begins with.
func prepare(t *testing.T, dir string) {
	t.Helper()
	db := openOrMake(t, dir, Options{})
	do(t, db, storetest.AddThread("3331"), storetest.AddUser("yoda"))
	for i := range 20 {
		do(t, db, storetest.Post(1, 1, strings.Repeat("text ", 100*i)))
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// scenario is a fixed sequence of changes of all sorts.
func scenario() []forum.Change {
	id := func(seq uint64) forum.MessageID { return forum.MessageID{Thread: 1, Seq: seq} }
	changes := []storetest.Change{
		storetest.Post(1, 1, "one more"),
		storetest.AddUser("luke"),
		storetest.Delete(id(3)),
		storetest.AddThread("9331"),
		storetest.Post(2, 2, strings.Repeat("long ", 5000)),
		storetest.Edit(id(5), "better"),
		storetest.Restore(id(3)),
		storetest.Delete(id(7)),
		storetest.PurgeMessage(id(7)),
		storetest.RemoveThread(2),
		storetest.PurgeThread(2, 100),
		storetest.Post(1, 2, "the last"),
	}
	timed := make([]forum.Change, len(changes))
	for i, c := range changes {
		timed[i] = c.Later(time.Duration(i) * time.Second)
	}
	return timed
}

// replayed returns the hash of a prepared store in which the changes of these numbers
// happened.
func replayed(t *testing.T, numbers []int) [32]byte {
	t.Helper()
	dir := t.TempDir()
	prepare(t, dir)
	db := open(t, dir, Options{})
	all := scenario()
	for _, i := range numbers {
		do(t, db, all[i])
	}
	return hash(t, db)
}

// TestKilled kills a process that posts, several times, and finds every acknowledged
// message once.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	prepare(t, dir)
	acked := make(map[string]string)
	for round := range 5 {
		cmd := childCommand(t, "post", dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			id, text, _ := strings.Cut(lines.Text(), " ")
			acked[id] = text
			if n == 100+37*round {
				cmd.Process.Kill()
			}
		}
		cmd.Wait()
	}
	db := open(t, dir, Options{})
	found := make(map[string]string)
	view(t, db, func(r forum.Reader) {
		for m := range r.Entries(1, 0) {
			found[m.ID.String()] = m.Text
		}
	})
	for id, text := range acked {
		if found[id] != text {
			t.Errorf("message %s was acknowledged as %q and is %q", id, text, found[id])
		}
	}
	if len(acked) < 500 {
		t.Errorf("only %d messages were acknowledged", len(acked))
	}
}

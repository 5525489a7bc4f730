package sshapp

import (
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/sync/semaphore"

	"sshforum/forum"
)

// roomForTwo is the memory that two files of the thread in TestThreadFiles take while a
// third has not enough to be made.
const roomForTwo = 96 << 10

// threadTree is a tree with a thread of some length, and little memory for its file.
func threadTree(t *testing.T, kept time.Duration) *tree {
	t.Helper()
	tr := newTree(t)
	if _, err := tr.Service.Post(t.Context(), tr.As("Yoda"), "3331", strings.Repeat("There is no try. ", 1200)); err != nil {
		t.Fatal(err)
	}
	tr.server = start(t, tr.Forum, func(s *Server) {
		s.threadMemory = &threadMemory{bytes: semaphore.NewWeighted(roomForTwo), wait: 20 * time.Millisecond, kept: kept}
	})
	return tr
}

// wantMemory waits until no file of a thread has any.
func (tr *tree) wantMemory(t *testing.T, when string) {
	t.Helper()
	memory := tr.server.threadMemory.bytes
	eventually(t, "the memory is free "+when, func() bool {
		free := memory.TryAcquire(roomForTwo)
		if free {
			memory.Release(roomForTwo)
		}
		return free
	})
}

// Files of threads that are open at the same time have an end for all sessions together,
// those of scp among them; what one gives back the next has.
func TestThreadFilesShareMemory(t *testing.T) {
	const path, says = "/3331/.thread.txt", "Too many threads are being read as files; try again soon"
	tr := threadTree(t, time.Hour)
	one, err := tr.enter(t, "Yoda").Open(path)
	if err != nil {
		t.Fatal(err)
	}
	scp := &copyTree{service: tr.Service, stopping: t.Context(), memory: tr.server.threadMemory, actor: tr.As("Luke")}
	two, err := scp.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	leia := tr.enter(t, "Leia")
	_, err = leia.Open(path)
	wantStatus(t, "one too many", err, failure, says)
	_, err = leia.Stat(path)
	wantStatus(t, "to be asked for its size", err, failure, says)
	if _, err := scp.Open(t.Context(), path); err == nil || !strings.HasPrefix(err.Error(), says) {
		t.Errorf("one too many for scp: %v", err)
	}
	for _, file := range []io.Closer{one, two} {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
		if text := string(get(t, leia, path)); !strings.Contains(text, "There is no try.") {
			t.Errorf("then it has %q", text)
		}
	}
	tr.wantMemory(t, "when all are closed")
}

// Whatever ends with the file of a thread gives its memory back.
func TestThreadFilesGiveMemoryBack(t *testing.T) {
	const path = "/3331/.thread.json"
	tr := threadTree(t, time.Hour)
	c := tr.enter(t, "Yoda")
	for range 5 {
		if _, err := c.Stat(path); err != nil {
			t.Fatal(err)
		}
		get(t, c, path)
		tr.wantMemory(t, "after a file was asked for and read")
		if _, err := c.Stat(path); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Open("/none/.thread.txt"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	tr.wantMemory(t, "after one was asked for and another was not there")
	open, asked := tr.server.as(t, tr.Forum, "Luke"), tr.server.as(t, tr.Forum, "Leia")
	if _, err := openSFTP(t, open).Open(path); err != nil {
		t.Fatal(err)
	}
	if _, err := openSFTP(t, asked).Stat(path); err != nil {
		t.Fatal(err)
	}
	_, _ = open.Close(), asked.Close()
	tr.wantMemory(t, "after the connections were cut")
}

func TestThreadFileThatIsNotOpenedIsDropped(t *testing.T) {
	const path = "/3331/.thread.txt"
	tr := threadTree(t, time.Millisecond)
	clients := []*sftp.Client{tr.enter(t, "Yoda"), tr.enter(t, "Luke")}
	for _, c := range clients {
		if _, err := c.Stat(path); err != nil {
			t.Fatal(err)
		}
	}
	tr.wantMemory(t, "when nobody opened it")
	file, err := clients[0].Open(path)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(file)
	if err := errors.Join(err, file.Close()); err != nil || !strings.HasPrefix(string(content), "Yoda\n") {
		t.Errorf("%q: %v", content, err)
	}
}

func TestThreadThatIsTooLongForAFile(t *testing.T) {
	memory := newThreadMemory()
	w := &threadWriter{threadFile: &threadFile{memory: memory}, ctx: t.Context()}
	mebibyte := make([]byte, 1<<20)
	for range maxThreadFile / len(mebibyte) {
		if _, err := w.Write(mebibyte); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Write(mebibyte[:1]); forum.KindOf(err) != forum.Limited || err == nil {
		t.Error(err)
	}
	if memory.bytes.TryAcquire(maxThreadFiles - maxThreadFile + 1) {
		t.Error("it has less of the memory than it is long")
	}
	w.release()
	if !memory.bytes.TryAcquire(maxThreadFiles) {
		t.Error("the memory is not given back")
	}
}

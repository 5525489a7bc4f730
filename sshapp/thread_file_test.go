package sshapp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"

	"sshforum/forum"
	"sshforum/forum/limit"
	"sshforum/forum/rules"
)

// threadTree is a tree with few places for files of threads.
func threadTree(t *testing.T, places int64) *tree {
	t.Helper()
	tr := newTree(t)
	tr.server = start(t, tr.Forum, func(s *Server) {
		s.threads = &threadFiles{open: semaphore.NewWeighted(places), wait: 20 * time.Millisecond, kept: time.Hour}
	})
	return tr
}

// wantPlaces waits until no file of a thread is open.
func (tr *tree) wantPlaces(t *testing.T, places int64, when string) {
	t.Helper()
	open := tr.server.threads.open
	eventually(t, "no file of a thread is open "+when, func() bool {
		free := open.TryAcquire(places)
		if free {
			open.Release(places)
		}
		return free
	})
}

// Files of threads that are open at the same time have an end for all connections together,
// those of scp among them; what one closes the next has.
func TestThreadFilesShareTheirPlaces(t *testing.T) {
	const path, says = "/3331/.thread.txt", "Too many threads are being read as files; try again soon"
	tr := threadTree(t, 2)
	one, err := tr.enter(t, "Yoda").Open(path)
	if err != nil {
		t.Fatal(err)
	}
	scp := &copyTree{
		service: tr.Service, stopping: t.Context(), threads: tr.server.threads, texted: make(chan struct{}, 8), actor: tr.As("Luke"),
	}
	two, err := scp.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	leia := tr.enter(t, "Leia")
	_, err = leia.Open(path)
	wantStatus(t, "one too many", err, failure, says)
	if _, err := leia.Stat(path); err != nil {
		t.Errorf("to be asked for its size: %v", err)
	}
	if _, err := scp.Open(t.Context(), path); err == nil || !strings.HasPrefix(err.Error(), says) {
		t.Errorf("one too many for scp: %v", err)
	}
	for _, file := range []io.Closer{one, two} {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
		if text := string(get(t, leia, path)); !strings.Contains(text, "Do or do not.") {
			t.Errorf("then it has %q", text)
		}
	}
	tr.wantPlaces(t, 2, "when all are closed")
}

// One connection has few, in all its sessions together.
func TestThreadFilesOfAConnectionAreFew(t *testing.T) {
	const path = "/3331/.thread.json"
	tr := threadTree(t, 100)
	conn := tr.server.as(t, tr.Forum, "Yoda")
	one, two := openSFTP(t, conn), openSFTP(t, conn)
	for range maxThreadFiles {
		if _, err := one.Open(path); err != nil {
			t.Fatal(err)
		}
	}
	_, err := two.Open(path)
	wantStatus(t, "one too many", err, failure, "At most 8 threads can be read as files at once; close some first.")
	if text := string(get(t, tr.enter(t, "Yoda"), path)); !strings.Contains(text, "Do or do not.") {
		t.Errorf("another connection reads %q", text)
	}
	_ = conn.Close()
	tr.wantPlaces(t, 100, "after the connection was cut")
}

// Whatever ends with the file of a thread gives its place back.
func TestThreadFilesGiveTheirPlacesBack(t *testing.T) {
	const path = "/3331/.thread.json"
	tr := threadTree(t, 1)
	c := tr.enter(t, "Yoda")
	for range 5 {
		if _, err := c.Stat(path); err != nil {
			t.Fatal(err)
		}
		get(t, c, path)
		tr.wantPlaces(t, 1, "after a file was asked for and read")
	}
	if _, err := c.Open("/none/.thread.txt"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	tr.wantPlaces(t, 1, "after one that is not there")
	open := tr.server.as(t, tr.Forum, "Luke")
	if _, err := openSFTP(t, open).Open(path); err != nil {
		t.Fatal(err)
	}
	_ = open.Close()
	tr.wantPlaces(t, 1, "after the connection was cut")
}

// threadOf returns the file of a thread with so many long messages, and what it has.
func threadOf(t *testing.T, messages int, name string) (*threadFile, []byte) {
	t.Helper()
	tr := newTree(t)
	for n := range messages {
		text := fmt.Sprintf("%d %s", n, strings.Repeat("There is no try. ", 3800))
		if _, err := tr.Service.Post(t.Context(), tr.As("Yoda"), "3331", text); err != nil {
			t.Fatal(err)
		}
	}
	file, err := newThreadFile(t.Context(), tr.Service, tr.As("Luke"), node{place: rules.Place{Thread: "3331"}, name: name})
	if err != nil {
		t.Fatal(err)
	}
	var whole bytes.Buffer
	if err := writeThread(&whole, file.reading, file.asJSON); err != nil {
		t.Fatal(err)
	}
	return file, whole.Bytes()
}

// rendered counts the bytes that are rendered of a file while do runs.
func rendered(file *threadFile, do func()) (bytes int) {
	entries := file.reading.Entries
	file.reading.Entries = func(yield func(rules.Entry, error) bool) {
		for e, err := range entries {
			bytes += len(e.Message.Text)
			if !yield(e, err) {
				return
			}
		}
	}
	defer func() { file.reading.Entries = entries }()
	do()
	return bytes
}

// The file of a thread is rendered as it is read, in whatever order a client's requests
// come that are under way at once, and little of it is kept.
func TestThreadFilesAreStreamed(t *testing.T) {
	for _, name := range []string{forum.ThreadText, forum.ThreadJSON} {
		t.Run(name, func(t *testing.T) {
			file, whole := threadOf(t, 50, name)
			stream := file.open(func() {})
			const piece = 255 << 10
			most, order := 0, []int{3, 0, 2, 1}
			n := rendered(file, func() {
				for at := 0; at < len(whole); at += len(order) * piece {
					for _, i := range order {
						from := at + i*piece
						got := make([]byte, piece)
						n, err := stream.ReadAt(got, int64(from))
						want := whole[min(from, len(whole)):min(from+piece, len(whole))]
						if !bytes.Equal(got[:n], want) || (err == io.EOF) != (n < piece) || err != nil && err != io.EOF {
							t.Fatalf("at %d: %d bytes, want %d: %v", from, n, len(want), err)
						}
						most = max(most, cap(stream.kept))
					}
				}
			})
			if n > len(whole) {
				t.Errorf("%d bytes were rendered for %d", n, len(whole))
			}
			if most > 3<<20 {
				t.Errorf("%d bytes were kept at once", most)
			}
			for range 5 {
				from := rand.IntN(len(whole))
				got := make([]byte, 1000)
				n, _ := stream.ReadAt(got, int64(from))
				if want := whole[from:min(from+len(got), len(whole))]; !bytes.Equal(got[:n], want) {
					t.Fatalf("at %d anywhere: other bytes", from)
				}
			}
			if err := stream.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestTheSizeOfAThreadIsRememberedWhileNothingHappens: a client can ask for it as often as
// it likes.
func TestTheSizeOfAThreadIsRememberedWhileNothingHappens(t *testing.T) {
	file, whole := threadOf(t, 1, forum.ThreadJSON)
	f := &files{ctx: t.Context(), service: file.service, actor: file.actor, threads: newThreadFiles(), texts: make(map[string]*snapshot)}
	asked := node{place: rules.Place{Thread: "3331"}, name: forum.ThreadJSON}
	first, err := f.snapshot(asked, false)
	if err != nil {
		t.Fatal(err)
	}
	size := func(s *snapshot) func() {
		return func() {
			if got, err := s.Size(); err != nil || got != int64(len(whole)) {
				t.Fatalf("%d bytes, want %d: %v", got, len(whole), err)
			}
		}
	}
	if n := rendered(first.threadFile, size(first)); n == 0 {
		t.Error("nothing was rendered for a size that nobody knows")
	}
	for range 100 {
		s, err := f.snapshot(asked, false)
		if err != nil {
			t.Fatal(err)
		}
		if n := rendered(s.threadFile, size(s)); n > 0 {
			t.Fatalf("%d bytes were rendered for a size that is known", n)
		}
	}
	added := "one more"
	if _, err := file.service.Post(t.Context(), file.actor, "3331", added); err != nil {
		t.Fatal(err)
	}
	s, err := f.snapshot(asked, false)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Size(); err != nil || got <= int64(len(whole)) {
		t.Errorf("after a post %d bytes, %v", got, err)
	}
}

// Asking for it while others post has a pace.
func TestTheSizeOfAThreadHasAPace(t *testing.T) {
	file, _ := threadOf(t, 0, forum.ThreadJSON)
	config := file.service.Config
	config.Rates = rules.Rates{For: map[limit.Activity]limit.Rate{limit.Working: {Burst: 2, Every: time.Hour}}}
	f := &files{ctx: t.Context(), service: rules.New(config), actor: file.actor, threads: newThreadFiles(), texts: make(map[string]*snapshot)}
	for n := range 4 {
		if _, err := file.service.Post(t.Context(), file.actor, "3331", fmt.Sprint(n)); err != nil {
			t.Fatal(err)
		}
		s, err := f.snapshot(node{place: rules.Place{Thread: "3331"}, name: forum.ThreadJSON}, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Size(); (forum.KindOf(err) == forum.Limited) != (n >= 2) {
			t.Errorf("the size was asked for %d times, and answered with %v", n+1, err)
		}
	}
}

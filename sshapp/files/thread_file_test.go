package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/sync/semaphore"

	"sshforum/forum"
	"sshforum/forum/limit"
	"sshforum/forum/rules"
	"sshforum/sshapp/render"
)

// withPlaces returns a stage with few places for files of threads.
func withPlaces(t *testing.T, places int64) *stage {
	t.Helper()
	s := newStage(t)
	s.handler.threads = &threadFiles{open: semaphore.NewWeighted(places), wait: 20 * time.Millisecond, kept: time.Hour}
	return s
}

// wantPlaces waits until no file of a thread is open.
func (s *stage) wantPlaces(t *testing.T, places int64, when string) {
	t.Helper()
	open := s.handler.threads.open
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := open.Acquire(ctx, places); err != nil {
		t.Fatalf("%s a file of a thread is open: %v", when, err)
	}
	open.Release(places)
}

// wantText fails the test unless a client reads the thread's file at path.
func wantText(t *testing.T, c *sftp.Client, path, when string) {
	t.Helper()
	file, err := c.Open(path)
	if err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	text, err := io.ReadAll(file)
	if err := errors.Join(err, file.Close()); err != nil || !strings.Contains(string(text), "Do or do not.") {
		t.Errorf("%s %s has %q, %v", when, path, text, err)
	}
}

// wantRefused fails the test unless opening path is refused with a sentence.
func wantRefused(t *testing.T, c *sftp.Client, path, says string) {
	t.Helper()
	_, err := c.Open(path)
	var status *sftp.StatusError
	if !errors.As(err, &status) || status.FxCode() != sftp.ErrSSHFxFailure || !strings.Contains(err.Error(), says) {
		t.Errorf("one too many: %v", err)
	}
}

// All connections together, scp among them, share a limit of open files of threads. A closed
// file makes room for another connection's.
func TestThreadFilesShareTheirPlaces(t *testing.T) {
	const path, says = "/3331/.thread.txt", "Too many threads are being read as files; try again soon"
	s := withPlaces(t, 2)
	one, err := s.enter(t, "Yoda", NewLimits(64)).Open(path)
	if err != nil {
		t.Fatal(err)
	}
	scp := s.handler.copyTree(&talk{limits: NewLimits(64)}, s.As("Luke"))
	two, err := scp.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	leia := s.enter(t, "Leia", NewLimits(64))
	wantRefused(t, leia, path, says)
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
		wantText(t, leia, path, "then")
	}
	s.wantPlaces(t, 2, "when all are closed")
}

// One connection has few, in all its sessions together.
func TestThreadFilesOfAConnectionAreFew(t *testing.T) {
	const path = "/3331/.thread.json"
	s, on := withPlaces(t, 100), NewLimits(64)
	one, two := s.enter(t, "Yoda", on), s.enter(t, "Yoda", on)
	for range maxThreadFiles {
		if _, err := one.Open(path); err != nil {
			t.Fatal(err)
		}
	}
	wantRefused(t, two, path, "At most 8 threads can be read as files at once; close some first.")
	wantText(t, s.enter(t, "Yoda", NewLimits(64)), path, "on another connection")
	_ = one.Close()
	s.wantPlaces(t, 100, "after the connection was cut")
}

// Whatever ends with the file of a thread gives its place back.
func TestThreadFilesGiveTheirPlacesBack(t *testing.T) {
	const path = "/3331/.thread.json"
	s := withPlaces(t, 1)
	c := s.enter(t, "Yoda", NewLimits(64))
	for range 5 {
		if _, err := c.Stat(path); err != nil {
			t.Fatal(err)
		}
		wantText(t, c, path, "again")
		s.wantPlaces(t, 1, "after a file was asked for and read")
	}
	if _, err := c.Open("/none/.thread.txt"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	s.wantPlaces(t, 1, "after one that is not there")
	open := s.enter(t, "Luke", NewLimits(64))
	if _, err := open.Open(path); err != nil {
		t.Fatal(err)
	}
	_ = open.Close()
	s.wantPlaces(t, 1, "after the connection was cut")
}

// threadOf returns the file of a thread with the given number of long messages, and its text.
func threadOf(t *testing.T, messages int, name string, set ...func(*rules.Config)) (*threadFile, []byte) {
	t.Helper()
	tr := newStage(t, set...)
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
	if err := render.WriteThread(&whole, file.reading, file.asJSON); err != nil {
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
	file, _ := threadOf(t, 0, forum.ThreadJSON, func(c *rules.Config) {
		c.Rates = rules.Rates{For: map[limit.Activity]limit.Rate{limit.Working: {Burst: 2, Every: time.Hour}}}
	})
	f := &files{ctx: t.Context(), service: file.service, actor: file.actor, threads: newThreadFiles(), texts: make(map[string]*snapshot)}
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

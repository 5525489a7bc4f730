package pair

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"sshforum/storage/boltfile"
)

// restless is a sleep that takes no time and records its durations. It returns an error after n
// calls.
type restless struct {
	slept  time.Duration
	sleeps int
}

var errWoken = errors.New("woken")

func (r *restless) sleep(_ context.Context, d time.Duration) error {
	if r.sleeps == 0 {
		return errWoken
	}
	r.sleeps--
	r.slept += d
	return nil
}

// scrub runs a scrubber for n sleeps, and returns its log.
func scrub(t *testing.T, f *Files, every time.Duration, sleeps int) (slept time.Duration, log string) {
	t.Helper()
	var told strings.Builder
	r := &restless{sleeps: sleeps}
	s := Scrubber{Files: f, Every: every, Log: slog.New(slog.NewTextHandler(&told, nil)), Sleep: r.sleep}
	if err := s.Run(t.Context()); !errors.Is(err, errWoken) {
		t.Fatal(err)
	}
	return r.slept, told.String()
}

// TestScrub: everything is read once in the given time, however often the scrubber is
// restarted, and then a new round begins.
func TestScrub(t *testing.T) {
	f := open(t, t.TempDir())
	for range 3 {
		upload(t, f)
	}
	const every = 30 * 24 * time.Hour
	var slept time.Duration
	rounds, starts := 0, 0
	for rounds < 2 {
		d, log := scrub(t, f, every, 50)
		slept += d - startDelay
		rounds += strings.Count(log, "all rows and contents were read and checked")
		if starts++; starts > 1000 {
			t.Fatalf("after %s all was read %d times", slept, rounds)
		}
	}
	// The second round has begun, and is read by its end at the latest. Waiting that was not
	// stored when the scrubber was stopped is repeated.
	if slept < every || slept > 2*every+time.Duration(starts)*storeEvery {
		t.Errorf("all was read twice in %s and %d starts", slept, starts)
	}
}

// TestScrubFindsDamage that came while the forum was open, in either file, and reads on.
func TestScrubFindsDamage(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	id := upload(t, f)
	rot(t, contentsPath(dir), id[:])
	_, log := scrub(t, f, time.Hour, 200)
	if strings.Count(log, "all rows and contents were read and checked") == 0 {
		t.Errorf("it did not come to the end: %s", log)
	}
	if f.Contents.File().DamagedReads() == 0 || f.Rows.File().DamagedReads() != 0 {
		t.Errorf("%d and %d damaged rows were read", f.Contents.File().DamagedReads(), f.Rows.File().DamagedReads())
	}
	checked := boltfile.NewFindings("files")
	if err := f.Contents.CheckRows(checked); err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil { // before it is checked and is not sound
		t.Error(err)
	}
}

// rot changes the last occurrence of some bytes in a file.
func rot(t *testing.T, path string, what []byte) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.LastIndex(content, what)
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil || at < 0 {
		t.Fatal(at, err)
	}
	_, err = file.WriteAt([]byte{content[at] ^ 1}, int64(at))
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestScrubBeginsAnew if its progress is lost, and then stores its progress as before.
func TestScrubBeginsAnew(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	upload(t, f)
	scrub(t, f, 30*24*time.Hour, 50)
	change(t, contentsPath(dir), func(content []byte) {
		for at := range content {
			if word := content[at:]; bytes.HasPrefix(word, []byte(`"Waited"`)) {
				word[1]++
			}
		}
	})
	if _, log := scrub(t, f, 30*24*time.Hour, 2000); strings.Count(log, "it starts again") != 1 || strings.Count(log, "all rows and contents were read and checked") == 0 {
		t.Errorf("the log was told: %s", log)
	}
}

// TestScrubLeavesDamagedPagesAlone: bbolt follows pages in circles until the process ends.
func TestScrubLeavesDamagedPagesAlone(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	for range 200 {
		upload(t, f)
	}
	circle(t, contentsPath(dir))
	_, log := scrub(t, f, time.Hour, 200)
	if strings.Count(log, "a file is damaged") == 0 || strings.Count(log, "all rows and contents were read and checked") != 0 {
		t.Errorf("the log was told: %s", log)
	}
	if err := f.Close(); err != nil { // before it is checked and is not sound
		t.Error(err)
	}
}

// circle makes each page of a file that leads to others lead to itself.
func circle(t *testing.T, path string) {
	t.Helper()
	const header, branch = 16, 1
	circles := 0
	change(t, path, func(content []byte) {
		size := os.Getpagesize()
		for at := 2 * size; at < len(content); at += size {
			page := content[at : at+size]
			if binary.NativeEndian.Uint64(page) == uint64(at/size) && binary.NativeEndian.Uint16(page[8:]) == branch {
				binary.NativeEndian.PutUint64(page[header+8:], uint64(at/size))
				circles++
			}
		}
	})
	if circles == 0 {
		t.Fatal("no page leads to others")
	}
}

// change changes a file in place.
func change(t *testing.T, path string, do func(content []byte)) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	do(content)
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.WriteAt(content, 0)
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
}

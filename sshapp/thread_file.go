package sshapp

import (
	"context"
	"io"
	"time"

	"golang.org/x/sync/semaphore"

	"sshforum/forum"
	"sshforum/forum/command"
)

const (
	// maxThreadFile is how long the file of a thread can be, in bytes; it is in memory.
	maxThreadFile = 32 << 20

	// maxThreadFiles is how much memory all of them have on a server, in bytes. It is a
	// multiple of maxThreadFile.
	maxThreadFiles = 256 << 20
)

// threadMemory is what the files of threads of all sessions share.
type threadMemory struct {
	bytes *semaphore.Weighted
	wait  time.Duration // how long one waits for others to give some back
	kept  time.Duration // how long a client has from asking for a size to reading that much
}

func newThreadMemory() *threadMemory {
	return &threadMemory{bytes: semaphore.NewWeighted(maxThreadFiles), wait: 5 * time.Second, kept: 10 * time.Second}
}

// take takes n bytes of the memory. Errors: Limited.
func (m *threadMemory) take(ctx context.Context, n int) error {
	ctx, cancel := context.WithTimeout(ctx, m.wait)
	defer cancel()
	if m.bytes.Acquire(ctx, int64(n)) != nil {
		return errManyThreads
	}
	return nil
}

// threadFile is a thread as a file, as it was at one time. Its memory is taken until
// release is called.
type threadFile struct {
	memory   *threadMemory
	content  []byte
	modified time.Time
}

// file makes the file that a text node stands for. Errors: NotFound; Limited when it is too
// long to be held, or too much is held already.
func (m *threadMemory) file(ctx context.Context, service *forum.Service, actor forum.Actor, n node) (*threadFile, error) {
	r, err := service.Read(ctx, actor, n.place.Thread, forum.Range{Hidden: true})
	if err != nil {
		return nil, err
	}
	t := &threadFile{memory: m, modified: r.Thread.Active}
	if err := writeThread(&threadWriter{threadFile: t, ctx: ctx}, r, n.name == forum.ThreadJSON); err != nil {
		t.release()
		return nil, err
	}
	return t, nil
}

// release gives the memory back; the content must not be used any more.
func (t *threadFile) release() {
	t.memory.bytes.Release(int64(cap(t.content)))
	t.content = nil
}

// threadWriter writes a threadFile. It has of the memory what the content has room for.
type threadWriter struct {
	*threadFile
	ctx context.Context
}

func (w *threadWriter) Write(p []byte) (int, error) {
	if err := w.grow(len(w.content) + len(p)); err != nil {
		return 0, err
	}
	w.content = append(w.content, p...)
	return len(p), nil
}

// grow makes room for size bytes in all.
func (w *threadWriter) grow(size int) error {
	const least = 16 << 10
	switch {
	case size > maxThreadFile:
		return errLongThread
	case size <= cap(w.content):
		return nil
	}
	room := min(max(size, 2*cap(w.content), least), maxThreadFile)
	if err := w.memory.take(w.ctx, room); err != nil {
		return err
	}
	before := w.content
	w.content = append(make([]byte, 0, room), before...)
	w.memory.bytes.Release(int64(cap(before)))
	return nil
}

var (
	errLongThread  = forum.Errorf(forum.Limited, "The thread is too long for a file; read it with: ssh ... RDT")
	errManyThreads = forum.Errorf(forum.Limited, "Too many threads are being read as files; try again soon, or read with: ssh ... RDT")
)

// writeThread writes a thread as the original programs kept theirs, the creator on the
// first line, or as JSON.
func writeThread(w io.Writer, r forum.Reading, asJSON bool) error {
	result := command.ThreadText{Reading: r}
	if asJSON {
		return (&jsonRenderer{out: w}).result(result)
	}
	t := &textRenderer{out: w}
	if err := t.printf("%s\n", forum.Printable(r.Creator)); err != nil {
		return err
	}
	for e, err := range r.Entries {
		if err != nil {
			return err
		}
		if err := t.entry(r.Thread, e); err != nil {
			return err
		}
	}
	return nil
}

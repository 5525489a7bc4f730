package files

import (
	"context"
	"io"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/sshapp/render"
)

// Limits of the open files of threads. Each takes up to 3 MiB; see threadStream.
const (
	maxThreadFiles           = 8  // in one connection
	maxThreadFilesOfTheForum = 96 // in all connections
)

// threadFiles limits the open files of threads, over all sessions.
type threadFiles struct {
	open *semaphore.Weighted
	wait time.Duration // how long an opening waits for others to be closed
	kept time.Duration // how long a size stays valid for the opening that follows
}

func newThreadFiles() *threadFiles {
	return &threadFiles{open: semaphore.NewWeighted(maxThreadFilesOfTheForum), wait: 5 * time.Second, kept: 10 * time.Second}
}

// take counts one more open file of a connection, until done is called. Errors: Limited if too
// many are open.
func (t *threadFiles) take(ctx context.Context, ofConnection chan struct{}) (done func(), err error) {
	select {
	case ofConnection <- struct{}{}:
	default:
		return nil, forum.Errorf(forum.Limited, "At most %d threads can be read as files at once; close some first.", cap(ofConnection))
	}
	ctx, cancel := context.WithTimeout(ctx, t.wait)
	defer cancel()
	if t.open.Acquire(ctx, 1) != nil {
		<-ofConnection
		return nil, errManyThreads
	}
	return sync.OnceFunc(func() {
		t.open.Release(1)
		<-ofConnection
	}), nil
}

var errManyThreads = forum.Errorf(forum.Limited, "Too many threads are being read as files; try again soon, or read with: ssh ... RDT")

// threadFile is a thread as a file, with the entries that it had when somebody asked for it. It
// is rendered each time it is read, and so holds no text.
type threadFile struct {
	service *rules.Service
	actor   rules.Actor
	reading rules.Reading
	asJSON  bool

	measuring sync.Mutex
	measured  bool
	size      int64
}

// newThreadFile returns the file that a text node stands for. Errors: NotFound if there is no
// such thread.
func newThreadFile(ctx context.Context, service *rules.Service, actor rules.Actor, n node) (*threadFile, error) {
	r, err := service.Read(ctx, actor, n.place.Thread, rules.Range{Hidden: true})
	return &threadFile{service: service, actor: actor, reading: r, asJSON: n.name == forum.ThreadJSON}, err
}

// same reports whether t and other are files of the same thread with no change between them.
func (t *threadFile) same(other *threadFile) bool {
	return t.reading.Thread.ID == other.reading.Thread.ID && t.reading.Change == other.reading.Change
}

func (t *threadFile) modified() time.Time { return t.reading.Thread.Active }

// Size returns the size in bytes. The first call renders the file to measure it. Errors:
// NotFound if the thread was removed since; Limited if the actor has rendered too much.
func (t *threadFile) Size() (int64, error) {
	t.measuring.Lock()
	defer t.measuring.Unlock()
	if t.measured {
		return t.size, nil
	}
	if err := t.service.MayWork(t.actor); err != nil {
		return 0, err
	}
	for piece, err := range t.pieces {
		if err != nil {
			return 0, err
		}
		t.size += int64(len(piece))
	}
	t.measured = true
	return t.size, nil
}

// pieces yields the bytes of the file, and ends with the first error. A piece is valid until
// the next is yielded.
func (t *threadFile) pieces(yield func([]byte, error) bool) {
	w := &pieceWriter{yield: yield}
	err := render.WriteThread(w, t.reading, t.asJSON)
	t.service.ChargeWork(t.actor, w.bytes)
	if err != nil && !w.over {
		yield(nil, err)
	}
}

// pieceWriter yields each piece that is written to it.
type pieceWriter struct {
	yield func([]byte, error) bool
	bytes int64
	over  bool // yield has returned false
}

func (w *pieceWriter) Write(p []byte) (int, error) {
	w.bytes += int64(len(p))
	if w.over = w.over || !w.yield(p, nil); w.over {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

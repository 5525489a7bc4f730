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

// How many files of threads are open at once: each takes up to 3 MiB, see threadStream.
const (
	maxThreadFiles           = 8  // in one connection
	maxThreadFilesOfTheForum = 96 // by all of them
)

// threadFiles are the files of threads that are open in all sessions.
type threadFiles struct {
	open *semaphore.Weighted
	wait time.Duration // how long one waits for others to close some
	kept time.Duration // how long a client has from asking for a size to opening that
}

func newThreadFiles() *threadFiles {
	return &threadFiles{open: semaphore.NewWeighted(maxThreadFilesOfTheForum), wait: 5 * time.Second, kept: 10 * time.Second}
}

// take counts one that is opened in a connection, until done is called. Errors: Limited.
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

// threadFile is a thread as a file, with what had been posted when somebody asked for it.
// It is rendered whenever it is read, and so holds nothing.
type threadFile struct {
	service *rules.Service
	actor   rules.Actor
	reading rules.Reading
	asJSON  bool

	measuring sync.Mutex
	measured  bool
	size      int64
}

// newThreadFile returns the file that a text node stands for. Errors: NotFound.
func newThreadFile(ctx context.Context, service *rules.Service, actor rules.Actor, n node) (*threadFile, error) {
	r, err := service.Read(ctx, actor, n.place.Thread, rules.Range{Hidden: true})
	return &threadFile{service: service, actor: actor, reading: r, asJSON: n.name == forum.ThreadJSON}, err
}

// isAs reports whether nothing has happened between two files of a thread.
func (t *threadFile) isAs(other *threadFile) bool {
	return t.reading.Thread.ID == other.reading.Thread.ID && t.reading.Change == other.reading.Change
}

func (t *threadFile) modified() time.Time { return t.reading.Thread.Active }

// Size returns how many bytes the file has. It is rendered for that the first time. Errors:
// NotFound when the thread was removed meanwhile; Limited.
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

// pieces yields what the file has, and ends with the first error. A piece is good until the
// next.
func (t *threadFile) pieces(yield func([]byte, error) bool) {
	w := &pieceWriter{yield: yield}
	err := render.WriteThread(w, t.reading, t.asJSON)
	t.service.ChargeWork(t.actor, w.bytes)
	if err != nil && !w.over {
		yield(nil, err)
	}
}

// pieceWriter yields what is written to it.
type pieceWriter struct {
	yield func([]byte, error) bool
	bytes int64
	over  bool // nobody wants more
}

func (w *pieceWriter) Write(p []byte) (int, error) {
	w.bytes += int64(len(p))
	if w.over = w.over || !w.yield(p, nil); w.over {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

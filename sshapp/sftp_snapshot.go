package sshapp

import (
	"bytes"
	"io"
	"time"
)

// snapshot is the file of a thread in one session. It is kept while it is open, and for a
// while after a client asked for its size.
type snapshot struct {
	*threadFile
	path    string
	size    int64 // of the content, also once that was dropped
	readers int
}

// snapshot returns the thread as it is now. Clients ask for the size, open the file, ask
// again and read; so there is no new snapshot while one is open, and what is opened is
// what was asked for just before.
func (f *files) snapshot(n node, open bool) (*snapshot, error) {
	path := n.place.Thread + "/" + n.name
	if s, ok := f.oldSnapshot(path, open); ok {
		return s, nil
	}
	f.dropSnapshots()
	file, err := f.memory.file(f.ctx, f.service, f.actor, n)
	if err != nil {
		return nil, err
	}
	s := &snapshot{threadFile: file, path: path, size: int64(len(file.content))}
	if open {
		s.readers = 1
	}
	if err := f.keepSnapshot(s); err != nil {
		return nil, err
	}
	if !open {
		time.AfterFunc(f.memory.kept, func() { f.expire(s) })
	}
	return s, nil
}

func (f *files) oldSnapshot(path string, open bool) (*snapshot, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.texts[path]
	if !ok || s.readers == 0 && !open {
		return nil, false
	}
	if open {
		s.readers++
	}
	return s, true
}

// keepSnapshot keeps s beside those that are open. Errors: Limited.
func (f *files) keepSnapshot(s *snapshot) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	total := len(s.content)
	for _, old := range f.texts {
		if total += len(old.content); total > maxThreadFile {
			s.release()
			return errLongThread
		}
	}
	f.texts[s.path] = s
	return nil
}

// dropSnapshots drops those that are not open.
func (f *files) dropSnapshots() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.texts {
		f.drop(s)
	}
}

// expire drops s if it is still kept for a client that has not opened it.
func (f *files) expire(s *snapshot) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.texts[s.path] == s {
		f.drop(s)
	}
}

// closeSnapshot ends one reading of s.
func (f *files) closeSnapshot(s *snapshot) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s.readers--
	f.drop(s)
}

// drop gives up s unless it is open. The caller holds f.mu.
func (f *files) drop(s *snapshot) {
	if s.readers == 0 {
		delete(f.texts, s.path)
		s.release()
	}
}

// openSnapshot returns a snapshot to read and then to close.
func (f *files) openSnapshot(n node) (io.ReaderAt, error) {
	s, err := f.snapshot(n, true)
	if err != nil {
		return nil, err
	}
	return &openText{Reader: bytes.NewReader(s.content), close: func() { f.closeSnapshot(s) }}, nil
}

type openText struct {
	*bytes.Reader
	close func()
}

func (o *openText) Close() error {
	o.close()
	return nil
}

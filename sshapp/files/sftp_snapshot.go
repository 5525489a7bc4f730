package files

import (
	"io"
	"time"
)

// snapshot is the file of a thread in one session. It is remembered while it is open, and for a
// time after a client has asked for its size.
type snapshot struct {
	*threadFile
	asked   time.Time // zero after it was opened and closed
	readers int
}

// snapshot returns the file of a thread at the present moment. Clients ask for the size, open
// the file, ask again and read. So no new snapshot is made while one is open, and the one that
// is opened is the one whose size was asked for just before. A thread that has not changed is
// not rendered again.
func (f *files) snapshot(n node, open bool) (*snapshot, error) {
	path := n.place.Thread + "/" + n.name
	f.mu.Lock()
	s, known := f.texts[path]
	if known && (s.readers > 0 || open && time.Since(s.asked) < f.threads.kept) {
		s.read(open)
		f.mu.Unlock()
		return s, nil
	}
	f.mu.Unlock()
	file, err := newThreadFile(f.ctx, f.service, f.actor, n)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !known || !s.same(file) {
		s = &snapshot{threadFile: file}
	}
	s.asked = time.Now()
	s.read(open)
	f.forgetSnapshots()
	f.texts[path] = s
	return s, nil
}

// read counts one more reader if open is true.
func (s *snapshot) read(open bool) {
	if open {
		s.readers++
	}
}

// maxSnapshots is how many snapshots a session remembers in addition to the open ones.
const maxSnapshots = 16

// forgetSnapshots makes room for one more snapshot. The caller must hold f.mu.
func (f *files) forgetSnapshots() {
	for path, s := range f.texts {
		if len(f.texts) >= maxSnapshots && s.readers == 0 {
			delete(f.texts, path)
		}
	}
}

// closeSnapshot ends one reading of s.
func (f *files) closeSnapshot(s *snapshot) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s.readers--
	s.asked = time.Time{}
}

// openSnapshot returns a snapshot for reading; the caller must close it.
func (f *files) openSnapshot(n node) (io.ReaderAt, error) {
	done, err := f.threads.take(f.ctx, f.openTexts)
	if err != nil {
		return nil, err
	}
	s, err := f.snapshot(n, true)
	if err != nil {
		done()
		return nil, err
	}
	return s.open(func() {
		done()
		f.closeSnapshot(s)
	}), nil
}

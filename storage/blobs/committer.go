package blobs

import "context"

// ripeChunks is how many ripe chunks an upload collects before it asks for a commit. It is less
// than batchChunks, so that the upload can continue until the committer comes.
const ripeChunks = batchChunks * 3 / 4

// commitAll is the loop of the committer.
func (s *Store) commitAll() {
	defer close(s.stopped)
	for {
		select {
		case <-s.stopping:
			return
		case <-s.wake:
		}
		for s.commitSome() {
			select {
			case <-s.stopping:
				return
			default:
			}
		}
	}
}

// commitSome frees some of the removed blobs and commits some data of uploads, in turns, so
// that neither waits for all of the other. It reports whether there was anything to do.
func (s *Store) commitSome() bool {
	freed := s.free()
	parts := s.gather()
	if len(parts) > 0 {
		s.commit(parts)
	}
	return freed || len(parts) > 0
}

// gather takes parts from the uploads, in the order of asking, until the transaction is full.
func (s *Store) gather() (parts []*part) {
	room := batchChunks
	take := func(u *upload, all bool) bool {
		p, fits := u.take(room, all)
		if p != nil {
			parts = append(parts, p)
			room -= p.weight()
		}
		return fits
	}
	for n := s.waiting(); n > 0 && room > 0; n-- {
		if u := s.next(); !take(u, false) {
			s.putBack(u)
			break
		}
	}
	if s.starving.Load() > 0 {
		for _, u := range s.uploads() {
			if room <= 0 {
				break
			}
			take(u, true)
		}
	}
	return parts
}

// ask puts u in the queue.
func (s *Store) ask(u *upload) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !u.queued {
		u.queued = true
		s.queue = append(s.queue, u)
	}
	s.signal()
}

func (s *Store) waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue)
}

func (s *Store) next() *upload {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.queue[0]
	s.queue = s.queue[1:]
	u.queued = false
	return u
}

// putBack puts u at the head of the queue.
func (s *Store) putBack(u *upload) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !u.queued {
		u.queued = true
		s.queue = append([]*upload{u}, s.queue...)
	}
}

// signal makes the committer look for work.
func (s *Store) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// waitForMemory acquires one unit of s.memory. While a writer waits, the committer also takes
// chunks that are not ripe from other uploads.
func (s *Store) waitForMemory() {
	s.starving.Add(1)
	defer s.starving.Add(-1)
	s.signal()
	_ = s.memory.Acquire(context.Background(), 1) // does not fail, since the context never ends
}

package storage

import (
	"encoding/binary"
	"iter"

	"sshforum/forum"
)

var threadRecords = records[forum.ThreadID, forum.Thread, threadRow]{
	threadsBucket, threadKey, parseID[forum.ThreadID], newThreadRow, threadRow.thread,
}

func (r *reader) Thread(id forum.ThreadID) (forum.Thread, bool) { return threadRecords.find(r, id) }

func (r *reader) ThreadByTitle(title string) (forum.Thread, bool) {
	id := r.getUint(titlesBucket, []byte(title))
	if id == 0 {
		return forum.Thread{}, false
	}
	return r.Thread(forum.ThreadID(id))
}

func (r *reader) Threads() iter.Seq[forum.Thread] {
	return func(yield func(forum.Thread) bool) {
		for thread := range threadRecords.within(r, nil) {
			if !thread.Removed.Done() && !yield(thread) {
				return
			}
		}
	}
}

func (r *reader) RemovedThreads(title string) iter.Seq[forum.Thread] {
	prefix := removedTitlePrefix(title)
	return func(yield func(forum.Thread) bool) {
		r.scanBack(removedTitlesBucket, prefix, func(k, _ []byte) bool {
			if len(k) != len(prefix)+16 {
				r.fail(removedTitlesBucket, k, errMalformed)
				return false
			}
			thread, ok := r.Thread(forum.ThreadID(binary.BigEndian.Uint64(k[len(k)-8:])))
			return !ok || yield(thread)
		})
	}
}

func (t *tx) NewThreadID() forum.ThreadID { return forum.ThreadID(t.next(lastThreadKey)) }

func (t *tx) PutThread(thread forum.Thread) {
	old, ok := t.Thread(thread.ID)
	switch {
	case !ok:
		t.indexThread(thread)
	case old.Title != thread.Title || !old.Removed.At.Equal(thread.Removed.At) || old.Removed.Hidden != thread.Removed.Hidden:
		t.unindexThread(old)
		t.indexThread(thread)
	}
	t.moveActivity(old, thread)
	threadRecords.put(t, thread.ID, thread)
}

// indexThread adds the keys that lead to a thread: its title, or, if it was removed, its place
// among the removed threads.
func (t *tx) indexThread(thread forum.Thread) {
	if !thread.Removed.Done() {
		t.claim(titlesBucket, thread.Title, uint64(thread.ID))
		return
	}
	t.put(removedTitlesBucket, removedTitleKey(thread), presentValue)
	if !thread.Removed.Hidden {
		t.put(removalsBucket, removalKey(thread.Removed.At, forum.MessageID{Thread: thread.ID}), presentValue)
	}
}

func (t *tx) unindexThread(thread forum.Thread) {
	if !thread.Removed.Done() {
		t.drop(titlesBucket, []byte(thread.Title))
		return
	}
	t.drop(removedTitlesBucket, removedTitleKey(thread))
	if !thread.Removed.Hidden {
		t.drop(removalsBucket, removalKey(thread.Removed.At, forum.MessageID{Thread: thread.ID}))
	}
}

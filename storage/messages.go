package storage

import (
	"iter"
	"slices"
	"time"

	"sshforum/forum"
)

// messageRecords are the messages that are not deleted. PutMessage stores them, since a row has
// fields that forum.Message does not have.
var messageRecords = records[forum.MessageID, forum.Message, messageRow]{
	messagesBucket, messageKey, parseMessageKey, newMessageRow, messageRow.message,
}

func (r *reader) Message(id forum.MessageID) (forum.Message, bool) {
	row, ok := r.messageRow(id)
	if !ok {
		return forum.Message{}, false
	}
	return row.message(id), true
}

func (r *reader) messageRow(id forum.MessageID) (messageRow, bool) {
	key := messageKey(id)
	row, ok := load[messageRow](r, messagesBucket, key)
	if !ok {
		row, ok = load[messageRow](r, deletedBucket, key)
	}
	return row, ok
}

func (r *reader) MessageAt(thread forum.ThreadID, n uint64) (forum.MessageID, bool) {
	seq, ok := positions{r, thread}.at(n)
	if !ok {
		return forum.MessageID{}, false
	}
	return forum.MessageID{Thread: thread, Seq: seq}, true
}

func (r *reader) Number(id forum.MessageID) (uint64, bool) {
	return positions{r, id.Thread}.number(id.Seq)
}

func (r *reader) Entries(thread forum.ThreadID, after uint64) iter.Seq[forum.Message] {
	if after+1 == 0 {
		return none[forum.Message]
	}
	first := messageKey(forum.MessageID{Thread: thread, Seq: after + 1})
	return messageRecords.from(r, first, threadKey(thread))
}

func (r *reader) EntriesBack(thread forum.ThreadID) iter.Seq[forum.Message] {
	return messageRecords.back(r, threadKey(thread))
}

func (r *reader) Hidden(thread forum.ThreadID, after uint64) iter.Seq[forum.Message] {
	return func(yield func(forum.Message) bool) {
		if after+1 == 0 {
			return
		}
		first := messageKey(forum.MessageID{Thread: thread, Seq: after + 1})
		r.scan(hiddenBucket, first, threadKey(thread), func(k, _ []byte) bool {
			id, ok := parseMessageKey(k)
			m, found := r.Message(id)
			if !ok || !found {
				r.fail(hiddenBucket, k, errMalformed)
				return false
			}
			return yield(m)
		})
	}
}

func (r *reader) Edits(id forum.MessageID) []forum.Edit {
	var edits []forum.Edit
	key := messageKey(id)
	r.scan(editsBucket, key, key, func(k, v []byte) bool {
		row, ok := decode[editRow](r, editsBucket, k, v)
		edits = append(edits, row.edit())
		return ok
	})
	return edits
}

func (r *reader) EditedSince(thread forum.ThreadID, after uint64, at time.Time) iter.Seq[forum.Message] {
	since := toNanos(at)
	return func(yield func(forum.Message) bool) {
		if after+1 == 0 {
			return
		}
		first := messageKey(forum.MessageID{Thread: thread, Seq: after + 1})
		r.scan(editsBucket, first, threadKey(thread), func(k, v []byte) bool {
			id, _, ok := parseEditKey(k)
			if !ok {
				r.fail(editsBucket, k, errMalformed)
			}
			row, decoded := decode[editRow](r, editsBucket, k, v)
			if !ok || !decoded || row.Until < since || id.Seq == after {
				return ok && decoded
			}
			after = id.Seq
			m, live := messageRecords.find(r, id)
			return !live || yield(m)
		})
	}
}

// PutMessage stores deleted messages in a bucket of their own, so that reading a thread never
// has to skip them.
func (t *tx) PutMessage(m forum.Message) {
	oldRow, ok := t.messageRow(m.ID)
	if !ok {
		t.AddMessage(m)
		return
	}
	old := oldRow.message(m.ID)
	switch {
	case old.Removed.Done() || m.Removed.Done():
		t.unindexMessage(old)
		t.indexMessage(m)
	case !slices.Equal(old.Mentions, m.Mentions):
		t.dropMentions(old)
		t.addMentions(m)
	}
	t.countText(old.Author, -len(old.Text))
	t.countText(m.Author, len(m.Text))
	row := newMessageRow(m)
	row.Document = oldRow.Document
	store(t, messageBucket(m), messageKey(m.ID), row)
	t.updateIndex(row.Document, old, m)
}

func (t *tx) AddMessage(m forum.Message) {
	t.indexMessage(m)
	t.countText(m.Author, len(m.Text))
	row := newMessageRow(m)
	row.Document = t.addDocument(m)
	store(t, messageBucket(m), messageKey(m.ID), row)
	t.closeSegment()
}

func messageBucket(m forum.Message) bucket {
	if m.Removed.Done() {
		return deletedBucket
	}
	return messagesBucket
}

// indexMessage adds the keys that lead to a message: its number and its mentions, or its place
// among the hidden or deleted messages.
func (t *tx) indexMessage(m forum.Message) {
	switch {
	case m.Removed.Done():
		b, key := removedPlace(m)
		t.put(b, key, presentValue)
	case m.Upload == "":
		t.insertPosition(m.ID)
		t.addMentions(m)
	}
}

func (t *tx) unindexMessage(m forum.Message) {
	t.drop(messageBucket(m), messageKey(m.ID))
	switch {
	case m.Removed.Done():
		t.drop(removedPlace(m))
	case m.Upload == "":
		t.removePosition(m.ID)
		t.dropMentions(m)
	}
}

// removedPlace returns the bucket and the key that lead to a hidden or deleted message.
func removedPlace(m forum.Message) (bucket, []byte) {
	if m.Removed.Hidden {
		return hiddenBucket, messageKey(m.ID)
	}
	return removalsBucket, removalKey(m.Removed.At, m.ID)
}

func (t *tx) DropMessage(id forum.MessageID) {
	if row, ok := t.messageRow(id); ok {
		m := row.message(id)
		t.unindexMessage(m)
		t.countText(m.Author, -len(m.Text))
		t.updateIndex(row.Document, m, forum.Message{})
	}
}

func (t *tx) AddEdit(id forum.MessageID, e forum.Edit) {
	version := uint32(1)
	t.scanBack(editsBucket, messageKey(id), func(k, _ []byte) bool {
		_, last, ok := parseEditKey(k)
		if !ok {
			t.fail(editsBucket, k, errMalformed)
		}
		version = last + 1
		return false
	})
	store(t, editsBucket, editKey(id, version), newEditRow(e))
	if m, ok := t.Message(id); ok {
		t.countText(m.Author, len(e.Text))
	}
}

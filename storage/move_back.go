package storage

import (
	"time"

	"sshforum/forum"
)

// shift moves times, in Unix nanoseconds, by the rule of forum.ClockTx.MoveBack.
type shift struct{ since, by int64 }

// move moves the times that are after since, and reports whether there were any.
func (s shift) move(times ...*int64) (moved bool) {
	for _, at := range times {
		if *at != 0 && *at > s.since { // 0 is the zero time, even if since is before 1970
			*at = max(s.since, *at-s.by)
			moved = true
		}
	}
	return moved
}

// moveTerm moves the beginning and the end of a term that began after since.
func (s shift) moveTerm(begin, end *int64) bool {
	if !s.move(begin) {
		return false
	}
	s.move(end)
	return true
}

func (s shift) moveSanction(row *sanctionRow) bool {
	return row != nil && s.moveTerm(&row.Since, &row.Until)
}

func (t *tx) MoveBack(since time.Time, by time.Duration) {
	s := shift{toNanos(since), int64(by)}
	t.movePeople(s)
	t.moveThreads(s)
	t.moveMessages(s, messagesBucket)
	t.moveMessages(s, deletedBucket)
	t.moveDocuments(s)
	moveRows(t, editsBucket, func(row *editRow) bool { return s.move(&row.Until) })
	moveRows(t, eventsBucket, func(row *eventRow) bool { return s.move(&row.At) })
	moveRows(t, filesBucket, func(row *fileRow) bool {
		if row.Modified != nil && *row.Modified > t.nanos { // so it cannot come from the uploader's machine
			s.move(row.Modified)
		}
		return s.move(&row.Uploaded)
	})
	moveRows(t, partsBucket, func(row *partRow) bool { return s.move(&row.Touched) })
}

// moveRows moves the times in the rows of a bucket whose keys contain no time.
func moveRows[Row any](t *tx, b bucket, move func(*Row) bool) {
	t.scan(b, nil, nil, func(k, v []byte) bool {
		row, ok := decode[Row](&t.reader, b, k, v)
		if ok && move(&row) {
			store(t, b, k, row)
		}
		return ok
	})
}

func (t *tx) movePeople(s shift) {
	moveRows(t, usersBucket, func(row *userRow) bool {
		moved := s.move(&row.Created, &row.Closed)
		silenced, banned := s.moveSanction(row.Silenced), s.moveSanction(row.Banned)
		return moved || silenced || banned
	})
	moveRows(t, bannedNetworksBucket, s.moveSanction)
	moveRows(t, keysBucket, func(rows *[]keyRow) (moved bool) {
		for i := range *rows {
			moved = s.move(&(*rows)[i].Added) || moved
		}
		return moved
	})
	moveRows(t, invitesBucket, func(row *inviteRow) bool { return s.moveTerm(&row.Made, &row.Expires) })
	moveRows(t, interestsBucket, func(row *interestRow) bool { return s.move(&row.Posted) })
	moveRows(t, privateMessagesBucket, func(row *privateMessageRow) bool { return s.move(&row.Sent) })
	moveRows(t, conversationsBucket, func(row *conversationRow) bool { return s.move(&row.LastAt) })
	moveRows(t, reportsBucket, func(row *reportRow) bool { return s.move(&row.At) })
	t.moveHorizons(s)
	t.moveVisits(s)
	t.moveReceipts(s)
}

func (t *tx) moveVisits(s shift) {
	t.scan(visitsBucket, nil, nil, func(k, v []byte) bool {
		id, _ := parseUint(k)
		row, ok := decode[visitRow](&t.reader, visitsBucket, k, v)
		if ok && s.move(&row.Began, &row.Ended) {
			t.PutVisit(row.visit(forum.VisitID(id)))
		}
		return ok
	})
}

func (t *tx) moveReceipts(s shift) {
	t.scan(receiptsBucket, nil, nil, func(k, v []byte) bool {
		by, _ := parseUint(k[:8])
		row, ok := decode[receiptRow](&t.reader, receiptsBucket, k, v)
		old := row.receipt(forum.UserID(by), string(k[8:]))
		if ok && s.move(&row.At) {
			t.DropReceipt(old.ReceiptID)
			t.PutReceipt(row.receipt(old.By, old.Key))
		}
		return ok
	})
}

func (t *tx) moveThreads(s shift) {
	t.scan(threadsBucket, nil, nil, func(k, v []byte) bool {
		id, _ := parseUint(k)
		row, ok := decode[threadRow](&t.reader, threadsBucket, k, v)
		if ok && s.move(&row.Created, &row.Active, &row.RemovedAt, &row.GuestPosted, &row.HiddenAt) {
			t.PutThread(row.thread(forum.ThreadID(id)))
		}
		return ok
	})
}

func (t *tx) moveMessages(s shift, b bucket) {
	t.scan(b, nil, nil, func(k, v []byte) bool {
		id, _ := parseMessageKey(k)
		row, ok := decode[messageRow](&t.reader, b, k, v)
		if !ok {
			return false
		}
		old := row.message(id)
		if !s.move(&row.Posted, &row.Edited, &row.RemovedAt) {
			return true
		}
		moved := row.message(id)
		if b == deletedBucket {
			t.drop(removedPlace(old))
			place, key := removedPlace(moved)
			t.put(place, key, presentValue)
		} else {
			t.dropMentions(old)
			t.addMentions(moved)
		}
		store(t, b, k, row)
		return true
	})
}

// moveDocuments moves the times of posting in the index. Segments are in the order of these
// times, so it goes from the last one back until one has nothing to move.
func (t *tx) moveDocuments(s shift) {
	for number, d := range t.openDocuments() {
		if s.move(&d.posted) {
			t.put(openDocumentsBucket, uintKey(number), newTable([]document{d}))
		}
	}
	for segment := t.openSegment() - 1; segment >= firstSegment && t.fault == nil; segment-- {
		var docs []document
		moved := false
		for _, d := range t.table(segment).all() {
			moved = s.move(&d.posted) || moved
			docs = append(docs, d)
		}
		if !moved {
			return
		}
		t.put(indexBucket, indexKey(segment, tableBlock), newTable(docs))
	}
}

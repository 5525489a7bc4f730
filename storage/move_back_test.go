package storage

import (
	"slices"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/search"
	"sshforum/forum/storetest"
)

// A query for a time finds the messages posted then, also after the times of messages in closed
// segments have moved.
func TestTheIndexMovesBack(t *testing.T) {
	db := openOrMake(t, t.TempDir(), Options{index: smallSegments})
	defer storetest.CheckAndClose(t, db)
	var ids []forum.MessageID
	do(t, db, storetest.AddThread("3331"))
	for minute := range 20 {
		at := time.Duration(minute) * time.Minute
		if minute >= 10 {
			at += 24 * time.Hour
		}
		ids = append(ids, do(t, db, storetest.Post(1, 1, "saber").Later(at)).(forum.Message).ID)
	}
	var began time.Time
	do(t, db, storetest.Write(func(tx forum.Tx) {
		first, _ := tx.Message(ids[0])
		began = first.Posted
		tx.SetTime(began.Add(20 * time.Minute))
		tx.MoveBack(began.Add(12*time.Minute), 24*time.Hour)
	}))
	view(t, db, func(r forum.Reader) {
		for n, id := range ids {
			m, _ := r.Message(id)
			minute, sharing := n, 1
			if 10 <= n && n <= 12 {
				minute, sharing = 12, 3
			}
			if want := began.Add(time.Duration(minute) * time.Minute); !m.Posted.Equal(want) {
				t.Errorf("message %d was posted at %s, want %s", n, m.Posted, want)
			}
			found := 0
			for group := range r.Matches(forum.Sought{Terms: search.Terms(nil, "saber"), After: m.Posted, Before: m.Posted.Add(1)}) {
				found += len(slices.Collect(group.Messages))
			}
			if found != sharing {
				t.Errorf("%d messages of %s are found, want %d", found, m.Posted, sharing)
			}
		}
	})
}

package storage

import (
	"encoding/binary"
	"iter"
	"slices"

	"sshforum/forum"
)

// interestRow is the interest of a person in a thread. Spans has the two ends of each span, one
// pair after the other.
type interestRow struct {
	Level  uint8    `cbor:"1,keyasint,omitempty"`
	Upto   uint64   `cbor:"2,keyasint,omitempty"`
	Spans  []uint64 `cbor:"3,keyasint,omitempty"`
	Posted int64    `cbor:"4,keyasint,omitempty"`
}

func newInterestRow(i forum.Interest) interestRow {
	row := interestRow{Level: uint8(i.Level), Upto: i.Read.Upto, Posted: toNanos(i.Posted)}
	for _, s := range i.Read.Spans {
		row.Spans = append(row.Spans, s.From, s.To)
	}
	return row
}

func (row interestRow) interest() forum.Interest {
	i := forum.Interest{Level: forum.Level(row.Level), Read: forum.Marks{Upto: row.Upto}, Posted: fromNanos(row.Posted)}
	for pair := range slices.Chunk(row.Spans, 2) {
		i.Read.Spans = append(i.Read.Spans, forum.Span{From: pair[0], To: pair[len(pair)-1]})
	}
	return i
}

func (r *reader) Interest(user forum.UserID, thread forum.ThreadID) forum.Interest {
	row, _ := load[interestRow](r, interestsBucket, interestKey(user, thread))
	return row.interest()
}

func (r *reader) Interests(user forum.UserID) iter.Seq2[forum.ThreadID, forum.Interest] {
	return func(yield func(forum.ThreadID, forum.Interest) bool) {
		scanPairs(r, interestsBucket, user, func(thread forum.ThreadID, k, v []byte) bool {
			row, ok := decode[interestRow](r, interestsBucket, k, v)
			return ok && yield(thread, row.interest())
		})
	}
}

func (t *tx) SetInterest(user forum.UserID, thread forum.ThreadID, i forum.Interest) {
	store(t, interestsBucket, interestKey(user, thread), newInterestRow(i))
	if t.level(levelsBucket, user, thread) != i.Level {
		t.setLevels(levelsBucket, user, []forum.LeveledThread{{Thread: thread, Level: i.Level}})
	}
}

func (r *reader) Levels(user forum.UserID) iter.Seq[forum.LeveledThread] {
	return r.levels(levelsBucket, user)
}

func (t *tx) DropInterest(user forum.UserID, thread forum.ThreadID) {
	t.drop(interestsBucket, interestKey(user, thread))
	t.setLevels(levelsBucket, user, []forum.LeveledThread{{Thread: thread}})
}

// dropInterests drops all interests in a purged thread, and takes it out of all backlogs. It has
// to look at every account, since the keys begin with the account: look-ups by account are
// frequent, and purges are not.
func (t *tx) dropInterests(thread forum.ThreadID) {
	for u := range t.Users() {
		if t.get(interestsBucket, interestKey(u.ID, thread)) != nil {
			t.DropInterest(u.ID, thread)
		}
		t.SetBacklog(u.ID, []forum.LeveledThread{{Thread: thread}})
	}
}

func (r *reader) Rank(thread forum.ThreadID, seq uint64) uint64 {
	return positions{r, thread}.rank(seq)
}

func (r *reader) Mentions(user forum.UserID) iter.Seq[forum.MessageID] {
	return func(yield func(forum.MessageID) bool) {
		r.scanBack(mentionsBucket, userKey(user), func(k, _ []byte) bool {
			if len(k) != 32 {
				r.fail(mentionsBucket, k, errMalformed)
				return false
			}
			id, _ := parseMessageKey(k[16:])
			return yield(id)
		})
	}
}

func mentionKey(user forum.UserID, m forum.Message) []byte {
	k := make([]byte, 0, 32)
	k = binary.BigEndian.AppendUint64(k, uint64(user))
	k = binary.BigEndian.AppendUint64(k, timeKey(m.Posted))
	return append(k, messageKey(m.ID)...)
}

func (t *tx) addMentions(m forum.Message) {
	for _, user := range m.Mentions {
		t.put(mentionsBucket, mentionKey(user, m), presentValue)
	}
}

func (t *tx) dropMentions(m forum.Message) {
	for _, user := range m.Mentions {
		t.drop(mentionsBucket, mentionKey(user, m))
	}
}

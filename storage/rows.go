package storage

import (
	"math"
	"time"

	"github.com/fxamacker/cbor/v2"

	"sshforum/forum"
)

// Rows are CBOR maps with small integers as keys (RFC 8949, core deterministic encoding). So
// the same row is always the same bytes, and a field can be added without a change to old rows.
// A key is never given another meaning. Times are Unix nanoseconds; 0 is the zero time, since
// the forum's clock never shows 1970. Times from other machines can be in 1970, so they are
// moments, see toMoment.

type userRow struct {
	Name    string `cbor:"1,keyasint,omitempty"`
	Role    uint8  `cbor:"2,keyasint,omitempty"`
	Created int64  `cbor:"3,keyasint,omitempty"`
	Closed  int64  `cbor:"4,keyasint,omitempty"`

	Silenced *sanctionRow `cbor:"5,keyasint,omitempty"`
	Banned   *sanctionRow `cbor:"6,keyasint,omitempty"`

	Erased bool `cbor:"7,keyasint,omitempty"`
	Known  bool `cbor:"8,keyasint,omitempty"`
}

func newUserRow(u forum.User) userRow {
	return userRow{
		Name: u.Name, Role: uint8(u.Role), Created: toNanos(u.Created), Closed: toNanos(u.Closed), Erased: u.Erased, Known: u.Known,
		Silenced: newSanctionRow(u.Silenced),
		Banned:   newSanctionRow(u.Banned),
	}
}

func (row userRow) user(id forum.UserID) forum.User {
	return forum.User{
		ID: id, Name: row.Name, Role: forum.Role(row.Role),
		Created: fromNanos(row.Created), Closed: fromNanos(row.Closed), Erased: row.Erased, Known: row.Known,
		Silenced: row.Silenced.sanction(),
		Banned:   row.Banned.sanction(),
	}
}

type sanctionRow struct {
	By     uint64 `cbor:"1,keyasint,omitempty"`
	Since  int64  `cbor:"2,keyasint,omitempty"`
	Until  int64  `cbor:"3,keyasint,omitempty"`
	Reason string `cbor:"4,keyasint,omitempty"`
}

// newSanctionRow returns nil for the zero Sanction.
func newSanctionRow(s forum.Sanction) *sanctionRow {
	if s == (forum.Sanction{}) {
		return nil
	}
	return &sanctionRow{By: uint64(s.By), Since: toNanos(s.Since), Until: toNanos(s.Until), Reason: s.Reason}
}

func (row *sanctionRow) sanction() forum.Sanction {
	if row == nil {
		return forum.Sanction{}
	}
	return forum.Sanction{By: forum.UserID(row.By), Since: fromNanos(row.Since), Until: fromNanos(row.Until), Reason: row.Reason}
}

type keyRow struct {
	Blob    []byte `cbor:"1,keyasint,omitempty"`
	Comment string `cbor:"2,keyasint,omitempty"`
	Added   int64  `cbor:"3,keyasint,omitempty"`
}

func newKeyRow(k forum.Key) keyRow {
	return keyRow{Blob: k.Blob, Comment: k.Comment, Added: toNanos(k.Added)}
}

func (row keyRow) key() forum.Key {
	return forum.Key{Blob: row.Blob, Comment: row.Comment, Added: fromNanos(row.Added)}
}

type preferencesRow struct {
	Plain      bool   `cbor:"1,keyasint,omitempty"`
	Color      string `cbor:"2,keyasint,omitempty"`
	Bell       string `cbor:"3,keyasint,omitempty"`
	NoPresence bool   `cbor:"4,keyasint,omitempty"`
	Zone       string `cbor:"5,keyasint,omitempty"`
}

func newPreferencesRow(p forum.Preferences) preferencesRow { return preferencesRow(p) }

func (row preferencesRow) preferences() forum.Preferences { return forum.Preferences(row) }

type threadRow struct {
	Title     string `cbor:"1,keyasint,omitempty"`
	Creator   uint64 `cbor:"2,keyasint,omitempty"`
	Created   int64  `cbor:"3,keyasint,omitempty"`
	Active    int64  `cbor:"4,keyasint,omitempty"`
	Messages  uint64 `cbor:"5,keyasint,omitempty"`
	Last      uint64 `cbor:"6,keyasint,omitempty"`
	Shifts    uint64 `cbor:"7,keyasint,omitempty"`
	RemovedBy uint64 `cbor:"8,keyasint,omitempty"`
	RemovedAt int64  `cbor:"9,keyasint,omitempty"`
	Hidden    bool   `cbor:"10,keyasint,omitempty"`
	Reason    string `cbor:"11,keyasint,omitempty"` // of hiding it

	Pinned      bool   `cbor:"12,keyasint,omitempty"`
	Locked      bool   `cbor:"13,keyasint,omitempty"`
	LockReason  string `cbor:"14,keyasint,omitempty"`
	Slow        int64  `cbor:"15,keyasint,omitempty"` // nanoseconds
	GuestPosted int64  `cbor:"16,keyasint,omitempty"`
	HiddenAt    int64  `cbor:"17,keyasint,omitempty"`
}

func newThreadRow(t forum.Thread) threadRow {
	return threadRow{
		Title: t.Title, Creator: uint64(t.Creator), Created: toNanos(t.Created), Active: toNanos(t.Active),
		Messages: t.Messages, Last: t.Last, Shifts: t.Shifts,
		RemovedBy: uint64(t.Removed.By), RemovedAt: toNanos(t.Removed.At), Hidden: t.Removed.Hidden, Reason: t.Removed.Reason,
		Pinned: t.Pinned, Locked: t.Locked, LockReason: t.LockReason, Slow: int64(t.Slow), GuestPosted: toNanos(t.GuestPosted),
		HiddenAt: toNanos(t.HiddenAt),
	}
}

func (row threadRow) thread(id forum.ThreadID) forum.Thread {
	return forum.Thread{
		ID: id, Title: row.Title, Creator: forum.UserID(row.Creator),
		Created: fromNanos(row.Created), Active: fromNanos(row.Active),
		Messages: row.Messages, Last: row.Last, Shifts: row.Shifts,
		Removed: forum.Removal{By: forum.UserID(row.RemovedBy), At: fromNanos(row.RemovedAt), Hidden: row.Hidden, Reason: row.Reason},
		Pinned:  row.Pinned, Locked: row.Locked, LockReason: row.LockReason,
		Slow: time.Duration(row.Slow), GuestPosted: fromNanos(row.GuestPosted), HiddenAt: fromNanos(row.HiddenAt),
	}
}

type messageRow struct {
	Author    uint64         `cbor:"1,keyasint,omitempty"`
	Text      string         `cbor:"2,keyasint,omitempty"`
	Posted    int64          `cbor:"3,keyasint,omitempty"`
	Edited    int64          `cbor:"4,keyasint,omitempty"`
	Edits     uint32         `cbor:"5,keyasint,omitempty"`
	RemovedBy uint64         `cbor:"6,keyasint,omitempty"`
	RemovedAt int64          `cbor:"7,keyasint,omitempty"`
	Upload    string         `cbor:"8,keyasint,omitempty"`
	Reply     uint64         `cbor:"9,keyasint,omitempty"` // Seq of the answered message, in the same thread
	Mentions  []forum.UserID `cbor:"10,keyasint,omitempty"`
	Document  uint64         `cbor:"11,keyasint,omitempty"` // number in the index
	Guest     string         `cbor:"12,keyasint,omitempty"`
	Hidden    bool           `cbor:"13,keyasint,omitempty"`
	Reason    string         `cbor:"14,keyasint,omitempty"` // of hiding it
}

func newMessageRow(m forum.Message) messageRow {
	return messageRow{
		Author: uint64(m.Author), Guest: m.Guest, Text: m.Text, Posted: toNanos(m.Posted), Edited: toNanos(m.Edited), Edits: m.Edits,
		RemovedBy: uint64(m.Removed.By), RemovedAt: toNanos(m.Removed.At), Hidden: m.Removed.Hidden, Reason: m.Removed.Reason,
		Upload: m.Upload, Reply: m.Reply.Seq, Mentions: m.Mentions,
	}
}

func (row messageRow) message(id forum.MessageID) forum.Message {
	m := forum.Message{
		ID: id, Author: forum.UserID(row.Author), Guest: row.Guest, Text: row.Text, Upload: row.Upload,
		Posted: fromNanos(row.Posted), Edited: fromNanos(row.Edited), Edits: row.Edits,
		Removed:  forum.Removal{By: forum.UserID(row.RemovedBy), At: fromNanos(row.RemovedAt), Hidden: row.Hidden, Reason: row.Reason},
		Mentions: row.Mentions,
	}
	if row.Reply > 0 {
		m.Reply = forum.MessageID{Thread: id.Thread, Seq: row.Reply}
	}
	return m
}

type editRow struct {
	Text  string `cbor:"1,keyasint,omitempty"`
	Until int64  `cbor:"2,keyasint,omitempty"`
}

func newEditRow(e forum.Edit) editRow { return editRow{Text: e.Text, Until: toNanos(e.Until)} }

func (row editRow) edit() forum.Edit { return forum.Edit{Text: row.Text, Until: fromNanos(row.Until)} }

// eventRow has the text of an event only if no other row has it, see forum.Event.Said.
type eventRow struct {
	At     int64  `cbor:"1,keyasint,omitempty"`
	Kind   string `cbor:"2,keyasint,omitempty"`
	Actor  uint64 `cbor:"3,keyasint,omitempty"`
	Name   string `cbor:"4,keyasint,omitempty"`
	Thread uint64 `cbor:"5,keyasint,omitempty"`
	Title  string `cbor:"6,keyasint,omitempty"`
	InID   uint64 `cbor:"7,keyasint,omitempty"` // thread of the message
	Seq    uint64 `cbor:"8,keyasint,omitempty"` // of the message in its thread
	Number uint64 `cbor:"9,keyasint,omitempty"`
	Shifts uint64 `cbor:"10,keyasint,omitempty"`
	File   string `cbor:"11,keyasint,omitempty"` // name of the file, in an event about a file

	Text     string   `cbor:"12,keyasint,omitempty"`
	To       uint64   `cbor:"13,keyasint,omitempty"`
	ToName   string   `cbor:"14,keyasint,omitempty"`
	Other    uint64   `cbor:"15,keyasint,omitempty"`
	Mentions []uint64 `cbor:"16,keyasint,omitempty"`
	ReplyIn  uint64   `cbor:"17,keyasint,omitempty"` // thread of the answered message
	ReplySeq uint64   `cbor:"18,keyasint,omitempty"`
}

func newEventRow(e forum.Event) eventRow {
	row := eventRow{
		At: toNanos(e.At), Kind: string(e.Kind), Actor: uint64(e.Actor), Name: e.Name,
		Thread: uint64(e.Thread), Title: e.Title,
		InID: uint64(e.Message.Thread), Seq: e.Message.Seq, Number: e.Number, Shifts: e.Shifts, File: e.File,
		Text: e.Said(), To: uint64(e.To), ToName: e.ToName, Other: uint64(e.Other),
		ReplyIn: uint64(e.Reply.Thread), ReplySeq: e.Reply.Seq,
	}
	for _, id := range e.Mentions {
		row.Mentions = append(row.Mentions, uint64(id))
	}
	return row
}

func (row eventRow) event(seq uint64) forum.Event {
	e := forum.Event{
		Seq: seq, At: fromNanos(row.At), Kind: forum.EventKind(row.Kind), Actor: forum.UserID(row.Actor), Name: row.Name,
		Thread: forum.ThreadID(row.Thread), Title: row.Title,
		Message: forum.MessageID{Thread: forum.ThreadID(row.InID), Seq: row.Seq}, Number: row.Number, Shifts: row.Shifts, File: row.File,
		Text: row.Text, To: forum.UserID(row.To), ToName: row.ToName, Other: forum.UserID(row.Other),
		Reply: forum.MessageID{Thread: forum.ThreadID(row.ReplyIn), Seq: row.ReplySeq},
	}
	for _, id := range row.Mentions {
		e.Mentions = append(e.Mentions, forum.UserID(id))
	}
	return e
}

// Text is stored unchanged, valid UTF-8 or not. The store must not refuse it: a row that was
// written must be readable.
var (
	encoder = must(cbor.CoreDetEncOptions().EncMode())
	decoder = must(cbor.DecOptions{UTF8: cbor.UTF8DecodeInvalid}.DecMode())
)

func must[M any](mode M, err error) M {
	if err != nil {
		panic(err)
	}
	return mode
}

// toNanos returns the Unix nanoseconds of t, or 0 for the zero time. Times before 1678 or after
// 2262 become the nearest that fit.
func toNanos(t time.Time) int64 {
	switch {
	case t.IsZero():
		return 0
	case t.Before(time.Unix(0, math.MinInt64)):
		return math.MinInt64
	case t.After(time.Unix(0, math.MaxInt64)):
		return math.MaxInt64
	}
	return t.UnixNano()
}

func fromNanos(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// toMoment is toNanos for times that can be in 1970: nil is the zero time, and 0 is 1970.
func toMoment(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	n := toNanos(t)
	return &n
}

func fromMoment(n *int64) time.Time {
	if n == nil {
		return time.Time{}
	}
	return time.Unix(0, *n).UTC()
}

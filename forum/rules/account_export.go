package rules

import (
	"context"
	"iter"

	"sshforum/forum"
)

// Record is one line of an export: what is kept, and of which kind. The kinds are stable,
// as their forms are; the type of Value goes with the kind.
type Record struct {
	Kind  RecordKind
	Value any
}

// RecordKind names a kind of what is kept about a person.
type RecordKind string

const (
	AccountRecord        RecordKind = "account"         // Account
	KeyRecord            RecordKind = "key"             // Key
	SettingsRecord       RecordKind = "settings"        // Preferences
	CommandRecord        RecordKind = "command"         // string, a line of the command history
	BlockRecord          RecordKind = "block"           // User, whom the person has blocked
	InviteRecord         RecordKind = "invite"          // Invite, by the person
	ReceiptRecord        RecordKind = "receipt"         // ReceiptID, of what was sent under a key
	ReportRecord         RecordKind = "report"          // Report by the person, as long as it is open
	ThreadRecord         RecordKind = "thread"          // Thread, which the person made
	InterestRecord       RecordKind = "level"           // ReadThread
	MessageRecord        RecordKind = "message"         // History, of a message by the person
	PrivateMessageRecord RecordKind = "private_message" // NamedPrivateMessage, sent or received
	MentionRecord        RecordKind = "mention"         // Posted, a message that mentions the person
	FileRecord           RecordKind = "file"            // KeptFile, sent or received
	VisitedRecord        RecordKind = "visit"           // NamedVisit
	SaidRecord           RecordKind = "said"            // Event, as long as it is kept
	EndRecord            RecordKind = "end"             // int, how many records there are before it
)

// Account is an account with what is not part of a User.
type Account struct {
	forum.User
	Password bool  // whether there is one
	Used     int64 // bytes of files
	Texts    int64 // bytes of messages, see TextsBy
}

// ReadThread is a thread with what a person has read of it.
type ReadThread struct {
	Thread forum.Thread
	forum.Interest
}

// NamedPrivateMessage is a private message with the names of the two.
type NamedPrivateMessage struct {
	forum.PrivateMessage
	FromName, ToName string
}

// KeptFile is a file, and in which thread or for whom.
type KeptFile struct {
	FileInfo
	Thread string
	To     string
}

// Export yields all that the forum keeps about the actor, a record at a time and a page in
// each transaction. An export that is whole ends with an EndRecord; an error ends it
// before. Contents of files are not in it. Texts of others are in it where they were
// written to the actor alone. Errors: Denied.
func (s *AccountService) Export(ctx context.Context, actor Actor) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		x := exporter{s: s.core, ctx: ctx, actor: actor, yield: yield}
		for _, section := range []func() bool{
			x.account, x.threads, x.messages, x.privateMessages, x.mentions, x.files, x.visits, x.said,
		} {
			if !section() {
				return
			}
		}
		yield(Record{EndRecord, x.records}, nil)
	}
}

// exporter is an export under way. Its sections report whether it goes on.
type exporter struct {
	s       *core
	ctx     context.Context
	actor   Actor
	yield   func(Record, error) bool
	records int
}

// page yields what fn adds in one transaction.
func (x *exporter) page(fn func(r forum.Reader, add func(RecordKind, any))) bool {
	var page []Record
	err := x.ctx.Err()
	if err == nil {
		err = x.s.view(x.actor, func(r forum.Reader) error {
			if _, ok := r.User(x.actor.User); !ok {
				return errNoPerson
			}
			fn(r, func(kind RecordKind, value any) { page = append(page, Record{kind, value}) })
			return nil
		})
	}
	if err != nil {
		x.yield(Record{}, err)
		return false
	}
	for _, record := range page {
		if !x.one(record.Kind, record.Value) {
			return false
		}
	}
	return true
}

func (x *exporter) one(kind RecordKind, value any) bool {
	x.records++
	return x.yield(Record{kind, value}, nil)
}

// each collects ids in one transaction, and then has fn add what is to say about each, a
// page of ids in each transaction.
func each[ID any](x *exporter, collect func(forum.Reader) []ID, fn func(r forum.Reader, id ID, add func(RecordKind, any))) bool {
	var ids []ID
	going := x.page(func(r forum.Reader, _ func(RecordKind, any)) { ids = collect(r) })
	for going && len(ids) > 0 {
		some := ids[:min(len(ids), exportPage)]
		ids = ids[len(some):]
		going = x.page(func(r forum.Reader, add func(RecordKind, any)) {
			for _, id := range some {
				fn(r, id, add)
			}
		})
	}
	return going
}

// exportPage is how many ids are looked at in one transaction; a message can be long.
const exportPage = 64

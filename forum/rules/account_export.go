package rules

import (
	"context"
	"iter"

	"sshforum/forum"
)

// Record is one line of an export. The kind sets the type of Value. The kinds and their forms
// are stable.
type Record struct {
	Kind  RecordKind
	Value any
}

// RecordKind names one kind of data that the forum keeps about a person.
type RecordKind string

const (
	AccountRecord        RecordKind = "account"         // Account
	KeyRecord            RecordKind = "key"             // Key
	SettingsRecord       RecordKind = "settings"        // Preferences
	CommandRecord        RecordKind = "command"         // string, a line of the command history
	BlockRecord          RecordKind = "block"           // User, blocked by the person
	InviteRecord         RecordKind = "invite"          // Invite, by the person
	ReceiptRecord        RecordKind = "receipt"         // ReceiptID, of a request with a key
	ReportRecord         RecordKind = "report"          // Report by the person, as long as it is open
	ThreadRecord         RecordKind = "thread"          // Thread, created by the person
	InterestRecord       RecordKind = "level"           // ReadThread
	MessageRecord        RecordKind = "message"         // History, of a message by the person
	PrivateMessageRecord RecordKind = "private_message" // NamedPrivateMessage, sent or received
	MentionRecord        RecordKind = "mention"         // Posted, a message that mentions the person
	FileRecord           RecordKind = "file"            // KeptFile, sent or received
	VisitedRecord        RecordKind = "visit"           // NamedVisit
	SaidRecord           RecordKind = "said"            // Event, as long as it is kept
	EndRecord            RecordKind = "end"             // int, the number of records before it
)

// Account is a User with data that the store keeps apart from it.
type Account struct {
	forum.User
	Password bool  // the account has a password
	Used     int64 // bytes of files
	Texts    int64 // bytes of messages, see TextsBy
}

// ReadThread is a thread with a person's marks and level.
type ReadThread struct {
	Thread forum.Thread
	forum.Interest
}

// NamedPrivateMessage is a private message with the names of its sender and recipient.
type NamedPrivateMessage struct {
	forum.PrivateMessage
	FromName, ToName string
}

// KeptFile is a file with its place: a thread or an inbox.
type KeptFile struct {
	FileInfo
	Thread string // title; "" if the file is in an inbox
	To     string // name of the inbox's owner; "" if the file is in a thread
}

// Export yields all data that the forum keeps about the actor, one record at a time. It reads
// one page in each transaction. A complete export ends with an EndRecord; an error ends it
// early. The export has no contents of files, and of other people's texts only the private
// messages to the actor. Errors: Denied.
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

// exporter is an export under way. Each of its sections reports whether the export continues.
type exporter struct {
	s       *core
	ctx     context.Context
	actor   Actor
	yield   func(Record, error) bool
	records int
}

// page yields the records that fn adds in one transaction.
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
		if !x.yieldRecord(record.Kind, record.Value) {
			return false
		}
	}
	return true
}

func (x *exporter) yieldRecord(kind RecordKind, value any) bool {
	x.records++
	return x.yield(Record{kind, value}, nil)
}

// each collects ids in one transaction, and then calls fn for each id to add its records.
// Each further transaction handles a page of ids.
func each[ID any](x *exporter, collect func(forum.Reader) []ID, fn func(r forum.Reader, id ID, add func(RecordKind, any))) bool {
	var ids []ID
	going := x.page(func(r forum.Reader, _ func(RecordKind, any)) { ids = collect(r) })
	for going && len(ids) > 0 {
		batch := ids[:min(len(ids), exportPage)]
		ids = ids[len(batch):]
		going = x.page(func(r forum.Reader, add func(RecordKind, any)) {
			for _, id := range batch {
				fn(r, id, add)
			}
		})
	}
	return going
}

// exportPage is the number of ids handled in one transaction. It is small since a message can
// be long.
const exportPage = 64

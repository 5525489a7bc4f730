package render

import (
	"fmt"
	"iter"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

var exportRows = []row{
	// EXPORT, a line for each record
	lines("sshforum.export.v1",
		func(r command.Export) iter.Seq2[rules.Record, error] { return r.Records },
		func(_ command.Export, r rules.Record) recordJSON { return recordJSON{Record: r.Kind, value: r.Value} }),
}

// recordJSON is a record of a person's stored data.
type recordJSON struct {
	// Kind of the record; the other fields depend on it, see [Records](#records).
	Record rules.RecordKind `json:"record"`

	value any // of the type that belongs to the kind
}

// MarshalJSON writes the record with its other fields. It returns an error if the kind has no
// fields.
func (r recordJSON) MarshalJSON() ([]byte, error) {
	fields, known := recordFields[r.Record]
	if !known {
		return nil, fmt.Errorf("no fields for a record of kind %s", r.Record)
	}
	return joined(struct {
		Record rules.RecordKind `json:"record"`
	}{r.Record}, fields(r.value))
}

// recordFields has the function that makes the fields of each kind of record.
var recordFields = map[rules.RecordKind]func(any) any{
	// The account.
	rules.AccountRecord: recordOf(newAccountJSON),
	// A key that it can log in with.
	rules.KeyRecord: recordOf(newKeyJSON),
	// The person's settings.
	rules.SettingsRecord: recordOf(newSettingsJSON),
	// A line of the command history.
	rules.CommandRecord: recordOf(func(line string) lineJSON { return lineJSON{line} }),
	// A person whom the person has blocked.
	rules.BlockRecord: recordOf(newPersonJSON),
	// An invite made by the person, without its code.
	rules.InviteRecord: recordOf(inviteOf),
	// A key that the person gave to `--once`.
	rules.ReceiptRecord: recordOf(func(id forum.ReceiptID) receiptJSON { return receiptJSON{id.Key, utc{id.At}} }),
	// An open report by the person.
	rules.ReportRecord: recordOf(func(r forum.Report) ownReportJSON {
		return ownReportJSON{forum.ObjectName(r.Object), utc{r.At}, r.Reason}
	}),
	// A thread that the person made.
	rules.ThreadRecord: recordOf(func(t forum.Thread) keptThreadJSON { return keptThreadJSON{newThreadJSON(t), utc{t.Removed.At}} }),
	// How far the person has read a thread, and its level.
	rules.InterestRecord: recordOf(newInterestJSON),
	// A message by the person, with its earlier texts; also a deleted one, until it is purged.
	rules.MessageRecord: recordOf(newHistoryJSON),
	// A private message that the person sent or received.
	rules.PrivateMessageRecord: recordOf(func(l rules.NamedPrivateMessage) privateMessageJSON {
		return privateMessageJSON{l.Seq, utc{l.Sent}, l.FromName, l.ToName, l.Text}
	}),
	// A message that mentions the person, without its text.
	rules.MentionRecord: recordOf(newMentionJSON),
	// A file that the person uploaded or received, without its content.
	rules.FileRecord: recordOf(newKeptFileJSON),
	// A line of the login history.
	rules.VisitedRecord: recordOf(newVisitJSON),
	// What the person said to all, until it expires.
	rules.SaidRecord: recordOf(func(e forum.Event) saidJSON { return saidJSON{e.Seq, utc{e.At}, e.Said()} }),
	// The end: an export without it is incomplete.
	rules.EndRecord: recordOf(func(n int) endJSON { return endJSON{n} }),
}

func recordOf[V, F any](fields func(V) F) func(any) any {
	return func(value any) any { return fields(value.(V)) }
}

// accountJSON is an account as it is stored.
type accountJSON struct {
	// Name of the account.
	Person string `json:"person"`
	// `member`, `moderator` or `admin`.
	Role forum.Role `json:"role"`
	// When the account was made.
	Created utc `json:"created"`
	// Whether it has a password.
	Password bool `json:"password"`
	// Bytes that its files use.
	UsedBytes int64 `json:"used_bytes"`
	// Bytes that its messages use, with their earlier texts.
	TextBytes int64 `json:"text_bytes"`
	// Reason and time of the last silence, even if it is over.
	Silenced *sanctionJSON `json:"silenced,omitempty"`
	// Reason and time of the last ban, even if it is over.
	Banned *sanctionJSON `json:"banned,omitempty"`
}

// lineJSON is a line of the command history.
type lineJSON struct {
	// The line as it was typed.
	Line string `json:"line"`
}

// receiptJSON is a key of `--once`.
type receiptJSON struct {
	// The key.
	Once string `json:"once"`
	// When it was used first.
	At utc `json:"at"`
}

// ownReportJSON is an open report by the person.
type ownReportJSON struct {
	// Permanent id of the reported object: a message, such as `12.7`, or a thread, such as `12`.
	ID string `json:"id"`
	// When it was reported.
	At utc `json:"at"`
	// Reason of the report.
	Reason string `json:"reason"`
}

// keptThreadJSON is a thread that the person made.
type keptThreadJSON struct {
	threadJSON
	// When it was removed.
	Removed utc `json:"removed,omitzero"`
}

// interestJSON is how far the person has read a thread.
type interestJSON struct {
	levelJSON
	// Permanent id of the thread.
	ThreadID forum.ThreadID `json:"thread_id"`
	// All entries up to this one are read; `7` is the one with the id `12.7`.
	ReadTo uint64 `json:"read_to"`
	// Other entries that are read.
	ReadAlso []spanJSON `json:"read_also"`
}

// spanJSON is consecutive entries of a thread.
type spanJSON struct {
	// The first of them.
	First uint64 `json:"first"`
	// The last of them.
	Last uint64 `json:"last"`
}

// keptFileJSON is a file that the person uploaded or received.
type keptFileJSON struct {
	// Title of the thread it is in.
	Thread string `json:"thread,omitempty"`
	// Name of the person whose inbox it is in.
	To string `json:"to,omitempty"`
	fileJSON
	// Whether the upload is incomplete.
	Incomplete bool `json:"incomplete,omitempty"`
}

// saidJSON is a text that the person said to all.
type saidJSON struct {
	// Number of the event.
	Seq uint64 `json:"seq"`
	// When it was said.
	At utc `json:"at"`
	// The text.
	Text string `json:"text"`
}

// endJSON is the end of a complete export.
type endJSON struct {
	// Number of records before it.
	Records int `json:"records"`
}

func newAccountJSON(a rules.Account) accountJSON {
	return accountJSON{
		Person: a.Name, Role: a.Role, Created: utc{a.Created}, Password: a.Password, UsedBytes: a.Used, TextBytes: a.Texts,
		Silenced: pastSanction(a.Silenced), Banned: pastSanction(a.Banned),
	}
}

func pastSanction(s forum.Sanction) *sanctionJSON {
	if s.Since.IsZero() {
		return nil
	}
	return new(newSanctionJSON(s))
}

func newInterestJSON(i rules.ReadThread) interestJSON {
	return interestJSON{
		levelJSON: levelJSON{i.Thread.Title, i.Level}, ThreadID: i.Thread.ID, ReadTo: i.Read.Upto,
		ReadAlso: list(i.Read.Spans, func(s forum.Span) spanJSON { return spanJSON{s.From, s.To} }),
	}
}

// newMentionJSON omits the text, which belongs to somebody else.
func newMentionJSON(p rules.Posted) messageJSON {
	m := newMessageJSON(p)
	m.Text = ""
	return m
}

func newKeptFileJSON(f rules.KeptFile) keptFileJSON {
	kept := keptFileJSON{To: f.To, fileJSON: newFileJSON(f.FileInfo), Incomplete: f.Part}
	if f.To == "" {
		kept.Thread = f.Thread
	}
	if f.Part {
		kept.SHA256 = ""
	}
	return kept
}

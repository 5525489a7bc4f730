package render

import (
	"fmt"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

// export writes what is kept about a person as it is read, a record on each line.
func (j *JSON) export(r command.Export) error {
	for record, err := range r.Records {
		if err != nil {
			return err
		}
		form, ok := recordForms[record.Kind]
		if !ok {
			return fmt.Errorf("no form for a record of kind %s", record.Kind)
		}
		o := form(record.Value)
		o["record"] = record.Kind
		if err := j.write(j.Out, r.Schema(), o); err != nil {
			return err
		}
	}
	return nil
}

// recordForms make the JSON object of each kind of record.
var recordForms = map[rules.RecordKind]func(any) object{
	rules.AccountRecord:  recordForm(accountForm),
	rules.KeyRecord:      recordForm(keyForm),
	rules.SettingsRecord: recordForm(func(p forum.Preferences) object { return settingsForm(command.Settings{Preferences: p}).(object) }),
	rules.CommandRecord:  recordForm(func(line string) object { return object{"line": line} }),
	rules.BlockRecord:    recordForm(withForm),
	rules.InviteRecord:   recordForm(inviteForm),
	rules.ReceiptRecord:  recordForm(func(id forum.ReceiptID) object { return object{"key": id.Key, "at": id.At.UTC()} }),
	rules.ReportRecord: recordForm(func(r forum.Report) object {
		return object{"id": forum.ObjectName(r.Object), "at": r.At.UTC(), "reason": r.Reason}
	}),
	rules.ThreadRecord:   recordForm(keptThreadForm),
	rules.InterestRecord: recordForm(interestForm),
	rules.MessageRecord: recordForm(func(h rules.History) object {
		o := postedForm(h.Posted)
		o["earlier"] = earlierForm(h.Earlier)
		return o
	}),
	rules.LetterRecord: recordForm(func(l rules.NamedLetter) object { return letterForm(l.Letter, l.FromName, l.ToName) }),
	rules.MentionRecord: recordForm(func(p rules.Posted) object {
		o := postedForm(p)
		delete(o, "text")
		return o
	}),
	rules.FileRecord:    recordForm(keptFileForm),
	rules.VisitedRecord: recordForm(visitForm),
	rules.SaidRecord:    recordForm(func(e forum.Event) object { return object{"seq": e.Seq, "at": e.At.UTC(), "text": e.Said()} }),
	rules.EndRecord:     recordForm(func(n int) object { return object{"records": n} }),
}

func recordForm[V any](form func(V) object) func(any) object {
	return func(value any) object { return form(value.(V)) }
}

func accountForm(a rules.Account) object {
	o := object{
		"name": a.Name, "role": a.Role, "created": a.Created.UTC(), "password": a.Password, "used_bytes": a.Used, "text_bytes": a.Texts,
	}
	setSanction(o, "silenced", a.Silenced)
	setSanction(o, "banned", a.Banned)
	return o
}

// setSanction adds what was taken from a person, also if it is over.
func setSanction(o object, name string, s forum.Sanction) {
	if s.Since.IsZero() {
		return
	}
	sanction := object{"since": s.Since.UTC(), "reason": s.Reason}
	setTime(sanction, "until", s.Until)
	o[name] = sanction
}

func inviteForm(i forum.Invite) object {
	return object{"number": i.Number, "made": i.Made.UTC(), "expires": i.Expires.UTC()}
}

func keptThreadForm(t forum.Thread) object {
	o := threadForm(t)
	setTime(o, "removed", t.Removed.At)
	return o
}

func interestForm(i rules.ReadThread) object {
	spans := make([]object, len(i.Read.Spans))
	for n, s := range i.Read.Spans {
		spans[n] = object{"from": s.From, "to": s.To}
	}
	return object{
		"thread_id": i.Thread.ID, "thread": i.Thread.Title, "level": i.Level,
		"read_to": i.Read.Upto, "read_also": spans,
	}
}

func keptFileForm(f rules.KeptFile) object {
	o := fileForm(f.FileInfo)
	o["uploader"] = f.Uploader
	if f.To != "" {
		o["to"] = f.To
	} else {
		o["thread"] = f.Thread
	}
	if f.Part {
		o["incomplete"] = true
		delete(o, "sha256")
	}
	return o
}

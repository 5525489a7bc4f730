package rules

import (
	"slices"

	"sshforum/forum"
	"sshforum/forum/search"
)

// The sections of an export, in their order.

func (x *exporter) account() bool {
	return x.page(func(r forum.Reader, add func(RecordKind, any)) {
		u, _ := r.User(x.actor.User)
		add(AccountRecord, Account{User: u, Password: r.Password(u.ID) != "", Used: r.UsedBy(u.ID), Texts: r.TextsBy(u.ID)})
		for _, k := range r.Keys(u.ID) {
			add(KeyRecord, k)
		}
		add(SettingsRecord, r.Preferences(u.ID))
		for _, line := range r.CommandHistory(u.ID) {
			add(CommandRecord, line)
		}
		for id := range r.Blocks(u.ID) {
			whom, _ := r.User(id)
			add(BlockRecord, whom)
		}
		for i := range r.Invites(u.ID) {
			add(InviteRecord, i)
		}
		for id := range r.Receipts(u.ID) {
			add(ReceiptRecord, id)
		}
		for report := range r.ReportsBy(u.ID) {
			add(ReportRecord, report)
		}
	})
}

func (x *exporter) threads() bool {
	return each(x, allThreads, func(r forum.Reader, id forum.ThreadID, add func(RecordKind, any)) {
		t, ok := r.Thread(id)
		if ok && t.Creator == x.actor.User {
			add(ThreadRecord, t)
		}
		i := r.Interest(x.actor.User, id)
		if ok && (i.Level != forum.Unset || i.Read.Upto > 0 || len(i.Read.Spans) > 0) {
			add(InterestRecord, ReadThread{x.redactTitle(t), i})
		}
	})
}

func allThreads(r forum.Reader) (ids []forum.ThreadID) {
	for t := range r.Threads() {
		ids = append(ids, t.ID)
	}
	for id := range r.RemovedThreadIDs() {
		ids = append(ids, id)
	}
	return ids
}

// redactTitle returns t, without its title if t was removed and the person did not create it.
func (x *exporter) redactTitle(t forum.Thread) forum.Thread {
	if t.Removed.Done() && t.Creator != x.actor.User {
		t.Title = ""
	}
	return t
}

// messages exports all messages by the person that are still stored, including deleted ones
// and those of removed threads.
func (x *exporter) messages() bool {
	authored := func(r forum.Reader) (ids []forum.MessageID) {
		for group := range r.Matches(forum.Sought{Terms: []search.Term{forum.AuthorTerm(x.actor.User)}}) {
			ids = slices.AppendSeq(ids, group.Messages)
		}
		slices.Reverse(ids)
		return ids
	}
	return each(x, authored, func(r forum.Reader, id forum.MessageID, add func(RecordKind, any)) {
		m, ok := r.Message(id)
		if !ok || m.Upload != "" { // the line of an upload is exported as the file
			return
		}
		t, _ := r.Thread(id.Thread)
		add(MessageRecord, History{Posted: newPosted(r, x.redactTitle(t), m), Earlier: r.Edits(id)})
	})
}

func (x *exporter) privateMessages() bool {
	var all []NamedConversation
	going := x.page(func(r forum.Reader, _ func(RecordKind, any)) {
		for c := range r.Conversations(x.actor.User) {
			all = append(all, NamedConversation{Conversation: c, Name: authorName(r, c.Peer)})
		}
	})
	for _, c := range all {
		if !going {
			break
		}
		x.s.people.privateMessages(x.ctx, x.actor, c.Peer, 0, c.Last, func(l forum.PrivateMessage, err error) bool {
			named := NamedPrivateMessage{PrivateMessage: l, FromName: x.actor.Name, ToName: c.Name}
			if l.From == c.Peer {
				named.FromName, named.ToName = c.Name, x.actor.Name
			}
			if err != nil {
				x.yield(Record{}, err)
				going = false
			} else {
				going = x.yieldRecord(PrivateMessageRecord, named)
			}
			return going
		})
	}
	return going
}

// mentions exports the messages that mention the person, without their texts, which others
// wrote.
func (x *exporter) mentions() bool {
	mentioned := func(r forum.Reader) []forum.MessageID { return slices.Collect(r.Mentions(x.actor.User)) }
	return each(x, mentioned, func(r forum.Reader, id forum.MessageID, add func(RecordKind, any)) {
		m, ok := r.Message(id)
		t, _ := r.Thread(id.Thread)
		if ok && !m.Removed.Done() && !t.Removed.Done() {
			p := newPosted(r, t, m)
			p.Message.Text, p.Message.Reply = "", forum.MessageID{}
			add(MentionRecord, p)
		}
	})
}

func (x *exporter) files() bool {
	return each(x, allFolders, func(r forum.Reader, in forum.Folder, add func(RecordKind, any)) {
		for f := range r.Files(in) {
			if f.From == x.actor.User || in.Inbox == x.actor.User {
				add(FileRecord, x.keptFile(r, in, FileInfo{File: f, Uploader: authorName(r, f.From)}))
			}
		}
		for p := range r.Parts(in) {
			if p.Owner == x.actor.User {
				add(FileRecord, x.keptFile(r, in, x.s.files.partInfo(r, p)))
			}
		}
	})
}

func allFolders(r forum.Reader) (folders []forum.Folder) {
	for _, id := range allThreads(r) {
		folders = append(folders, forum.Folder{Thread: id})
	}
	for u := range r.Users() {
		folders = append(folders, forum.Folder{Inbox: u.ID})
	}
	return folders
}

func (x *exporter) keptFile(r forum.Reader, in forum.Folder, info FileInfo) KeptFile {
	if in.Inbox != 0 {
		return KeptFile{FileInfo: info, To: authorName(r, in.Inbox)}
	}
	t, _ := r.Thread(in.Thread)
	return KeptFile{FileInfo: info, Thread: x.redactTitle(t).Title}
}

// scanPage is the number of rows, of all people, that one transaction reads.
const scanPage = 4096

// scan yields the records that fn adds, and calls fn in one transaction after another as long
// as it returns true. Each call reads the next page of rows.
func (x *exporter) scan(fn func(r forum.Reader, add func(RecordKind, any)) (more bool)) bool {
	for more := true; more; {
		if !x.page(func(r forum.Reader, add func(RecordKind, any)) { more = fn(r, add) }) {
			return false
		}
	}
	return true
}

func (x *exporter) visits() bool {
	before := forum.VisitID(0)
	return x.scan(func(r forum.Reader, add func(RecordKind, any)) bool {
		left := scanPage
		for v := range r.VisitsBefore(before) {
			if v.User == x.actor.User {
				add(VisitedRecord, NamedVisit{VisitRecord: v, Name: x.actor.Name})
			}
			if before, left = v.ID, left-1; left == 0 {
				return true
			}
		}
		return false
	})
}

// said exports the person's SAY events, as long as events are kept.
func (x *exporter) said() bool {
	after := uint64(0)
	return x.scan(func(r forum.Reader, add func(RecordKind, any)) bool {
		left := scanPage
		for e := range r.Events(after) {
			if e.Kind == forum.SaidToAll && e.Actor == x.actor.User {
				add(SaidRecord, e)
			}
			if after, left = e.Seq, left-1; left == 0 {
				return true
			}
		}
		return false
	})
}

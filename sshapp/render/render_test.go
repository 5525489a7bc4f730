package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
	"sshforum/forum/search"
	"sshforum/sshapp/exit"
)

// hostile has characters that must never reach a terminal unescaped: CSI, OSC 52, C1, BEL, CR,
// BS, a bidi override, a zero-width space, a tag character.
const hostile = "x\x1b[2J\x1b]52;c;aGk=\a\u009b31m\r\b\u202e\u200b\U000E0041y\x7f"

// samples has one of every result, with hostile strings wherever a person's may be.
func samples() []command.Result {
	at := time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)
	thread := forum.Thread{ID: 2, Title: hostile, Creator: 7, Created: at, Active: at, Messages: 2, Last: 3}
	message := forum.Message{ID: forum.MessageID{Thread: 2, Seq: 3}, Author: 7, Text: hostile + "\n2 Obi-wan: forged", Posted: at, Edited: at}
	hidden, hiddenMessage := thread, message
	hidden.Removed = forum.Removal{By: 7, At: at, Hidden: true, Reason: hostile}
	hiddenMessage.Removed = hidden.Removed
	posted := rules.Posted{Thread: thread, Message: message, Number: 1, Author: hostile}
	key := forum.Key{Blob: []byte("\x00\x00\x00\x0bssh-ed25519"), Comment: hostile, Added: at}
	quote := &rules.Quote{ID: forum.MessageID{Thread: 2, Seq: 1}, Number: 1, Author: hostile, Excerpt: hostile}
	entries := func(yield func(rules.Entry, error) bool) {
		_ = yield(rules.Entry{Number: 1, Message: message, Author: hostile, Quote: quote}, nil) &&
			yield(rules.Entry{Number: 2, Message: message, Author: hostile, Quote: &rules.Quote{ID: quote.ID}}, nil) &&
			yield(rules.Entry{Number: 3, Message: message, Author: hostile, Folded: true}, nil) &&
			yield(rules.Entry{Message: hiddenMessage, Author: hostile}, nil)
	}
	messages := func(yield func(rules.Posted, error) bool) { yield(posted, nil) }
	row := &command.Command{Usage: "CRT thread", Alias: "create", Help: "create a thread", Long: "More."}
	letter := forum.PrivateMessage{Seq: 9, From: 8, To: 7, Text: message.Text, Sent: at}
	event := forum.Event{
		Seq: 9, At: at, Kind: forum.MessagePosted, Actor: 7, Name: hostile, Thread: 2, Title: hostile,
		Message: message.ID, Number: 1, Text: message.Text,
	}
	dropped := forum.Event{
		Seq: 10, At: at, Kind: forum.FileDropped, Actor: 7, Name: hostile, To: 8, ToName: hostile, File: hostile,
	}
	report := forum.Report{Object: message.ID, By: 8, At: at, Reason: hostile}
	reported := rules.Case{
		Object: message.ID, Thread: hostile, Author: hostile, Excerpt: hostile, File: hostile, Hidden: true,
		Reports: []rules.NamedReport{{Report: report, Name: hostile}},
	}
	ban := rules.Ban{User: 8, Name: hostile, Sanction: forum.Sanction{By: 7, Since: at, Until: at, Reason: hostile}, ByName: hostile}
	return []command.Result{
		command.ThreadCreated{Thread: thread},
		command.ThreadList{Threads: []forum.Thread{thread}},
		command.ThreadRemoved{Thread: thread, Until: at},
		command.ThreadRestored{Thread: thread},
		command.ThreadHidden{Thread: hidden},
		command.ThreadUnhidden{Thread: thread},
		command.ThreadList{Threads: []forum.Thread{thread}, Hidden: []forum.Thread{hidden}},
		command.ThreadText{Reading: rules.Reading{Thread: thread, Creator: hostile, Entries: entries}, Unread: 2},
		command.LevelSet{ThreadInterest: rules.ThreadInterest{Thread: thread, Level: forum.Watched}},
		command.LevelList{Threads: []rules.ThreadInterest{{Thread: thread, Level: forum.Muted}}},
		command.News{News: rules.News{
			Threads: []rules.UnreadThread{{Thread: thread, Level: forum.Watched, Messages: 2}}, Muted: 1, Mentions: 1,
			Private: []rules.UnreadConversation{{Peer: hostile, Messages: 2}},
		}},
		command.CaughtUp{CaughtUp: rules.CaughtUp{Threads: 1, Messages: 2}},
		command.MessagesFound{Found: rules.Found{
			Hits: []rules.Hit{{Posted: posted, Excerpt: search.Excerpt{Text: hostile, Hits: []search.Span{{Start: 0, End: 3}}}}},
			Page: rules.Page{Size: 20, Number: 1}, Total: 1,
		}},
		command.MentionList{Messages: []rules.Posted{posted}},
		command.MentionShown{Posted: posted},
		command.MessagesSince{Messages: messages, Old: true},
		command.MessagePosted{Posted: posted},
		command.MessageEdited{Posted: posted},
		command.MessageDeleted{Posted: posted, Until: at},
		command.MessageRestored{Posted: posted},
		command.MessageHidden{Posted: rules.Posted{Thread: thread, Message: hiddenMessage, Author: hostile}},
		command.MessageUnhidden{Posted: posted},
		command.MessageHistory{History: rules.History{Posted: posted, Earlier: []forum.Edit{{Text: hostile, Until: at}}}},
		command.Happened{Event: &event},
		command.Happened{Event: &dropped},
		command.AreHere{People: []rules.Presence{{User: 7, Name: hostile, Door: "shell", Since: at, Acted: at, Sent: 3, Sessions: 2, You: true}}},
		command.WereHere{People: []rules.LastSeen{{User: 7, Name: hostile, Left: at}}},
		command.LoginHistory{Visits: func(yield func(rules.NamedVisit, error) bool) {
			yield(rules.NamedVisit{VisitRecord: forum.VisitRecord{ID: 1, User: 7, Door: "shell", Source: hostile, Began: at}, Name: hostile}, nil)
		}},
		command.PrivateSent{Delivery: rules.Delivery{Message: letter, To: hostile}},
		command.SaidToAll{Said: rules.Said{Reached: 3, Missed: true}},
		command.Inbox{Conversations: []rules.NamedConversation{{Name: hostile, Conversation: forum.Conversation{Unread: 1, LastAt: at}}}},
		command.Conversation{ConversationReading: rules.ConversationReading{
			Me: forum.User{ID: 7, Name: hostile}, Peer: forum.User{ID: 8, Name: hostile},
			Messages: func(yield func(forum.PrivateMessage, error) bool) { yield(letter, nil) },
		}},
		command.BlockList{Users: []forum.User{{ID: 7, Name: hostile}}},
		command.Blocked{User: forum.User{ID: 7, Name: hostile}},
		command.Unblocked{User: forum.User{ID: 7, Name: hostile}},
		command.Reported{Reported: rules.Reported{Report: report, Thread: hostile, Number: 3}},
		command.ReportQueue{Cases: []rules.Case{reported, {Object: forum.MessageID{Thread: 2}, Reports: reported.Reports}}},
		command.ReportsResolved{Resolved: rules.Resolved{Case: reported, Note: hostile}},
		command.Banned{Ban: ban},
		command.Unbanned{Ban: rules.Ban{Network: netip.MustParsePrefix("2001:db8::/48"), Sanction: ban.Sanction, ByName: hostile}},
		command.BanList{Bans: []rules.Ban{ban, {Network: netip.MustParsePrefix("192.0.2.1/32"), Sanction: forum.Sanction{Since: at, Reason: hostile}, ByName: hostile}}},
		command.TalkAsked{With: forum.User{ID: 7, Name: hostile}},
		command.TalkBegun{With: forum.User{ID: 7, Name: hostile}},
		command.TalkLineSent{With: forum.User{ID: 7, Name: hostile}},
		command.TalkEnded{With: forum.User{ID: 7, Name: hostile}},
		command.TalkEnded{With: forum.User{ID: 7, Name: hostile}, How: forum.TalkRefused},
		command.TalkEnded{With: forum.User{ID: 7, Name: hostile}, How: forum.TalkWithdrawn},
		command.FileList{Thread: hostile, Files: []rules.FileInfo{{File: forum.File{Name: hostile, Uploaded: at}, Uploader: hostile}}},
		command.FileUploaded{Uploaded: rules.Uploaded{Title: hostile, File: forum.File{Name: hostile}}},
		command.FileContent{Content: content{strings.NewReader("content\n")}, Progress: func(int64) {}},
		command.CopyHint{Thread: hostile, Name: hostile, Upload: true},
		command.Identity{User: forum.User{ID: 7, Name: hostile, Created: at, Silenced: forum.Sanction{Since: at, Reason: hostile}}, Door: "shell", Password: true, Keys: 1},
		command.Settings{},
		command.PasswordChanged{},
		command.KeyList{Keys: []forum.Key{key}},
		command.KeyAdded{Key: key},
		command.KeyRemoved{Key: key},
		command.AccountClosed{User: forum.User{ID: 7, Name: hostile}},
		command.InviteMade{NewInvite: rules.NewInvite{Invite: forum.Invite{Number: 1, Made: at, Expires: at}, Secret: "ABCD-EFGH"}},
		command.InviteRevoked{Invite: forum.Invite{Number: 1, Made: at, Expires: at}},
		command.InviteList{Invites: []forum.Invite{{Number: 1, Made: at, Expires: at}}},
		command.Export{Records: func(yield func(rules.Record, error) bool) {
			for _, record := range records(at, posted, letter, key) {
				if !yield(record, nil) {
					return
				}
			}
		}},
		command.ExportHint{},
		command.ThreadModerated{Thread: thread, Act: forum.AuditThreadLock},
		command.PersonModerated{User: forum.User{ID: 7, Name: hostile, Silenced: forum.Sanction{Since: at, Until: at, Reason: hostile}}, Act: forum.AuditUserSilence},
		command.AuditLog{AuditLog: rules.AuditLog{Entries: []forum.AuditEntry{
			{N: 1, At: at, ByName: hostile, Act: forum.AuditMessageDelete, Object: hostile, Name: hostile, Value: hostile, Reason: hostile, Until: at},
		}}},
		command.Modlog{Modlog: rules.Modlog{Entries: []rules.ModlogEntry{
			{N: 1, At: at, By: hostile, Act: forum.AuditThreadRemove, Object: "thread 2", Thread: hostile, Value: hostile, Reason: hostile, Until: at},
			{N: 2, At: at, By: hostile, Act: forum.AuditMessageDelete, Object: "message 2.3"},
			{N: 3, At: at, By: hostile, Act: forum.AuditUserRole, Object: "user 7", Person: hostile},
			{N: 4, At: at, By: hostile, Act: "source.ban", Object: "source"},
		}}},
		command.Overview{Commands: []*command.Command{row}},
		command.Manual{Command: row},
		command.Stayed{},
		command.Goodbye{},
		command.ShuttingDown{},
	}
}

// records has one of every kind of an export.
func records(at time.Time, posted rules.Posted, letter forum.PrivateMessage, key forum.Key) []rules.Record {
	person := forum.User{ID: 7, Name: hostile, Created: at, Silenced: forum.Sanction{Since: at, Until: at, Reason: hostile}}
	visit := rules.NamedVisit{VisitRecord: forum.VisitRecord{ID: 1, User: 7, Door: "shell", Source: hostile, Began: at}, Name: hostile}
	file := rules.FileInfo{File: forum.File{Name: hostile, Uploaded: at}, Uploader: hostile}
	return []rules.Record{
		{Kind: rules.AccountRecord, Value: rules.Account{User: person}},
		{Kind: rules.KeyRecord, Value: key},
		{Kind: rules.SettingsRecord, Value: forum.Preferences{Zone: hostile}},
		{Kind: rules.CommandRecord, Value: hostile},
		{Kind: rules.BlockRecord, Value: person},
		{Kind: rules.ReportRecord, Value: forum.Report{Object: posted.Message.ID, By: 7, At: at, Reason: hostile}},
		{Kind: rules.InviteRecord, Value: forum.Invite{By: 7, Number: 1, Made: at, Expires: at}},
		{Kind: rules.ReceiptRecord, Value: forum.ReceiptID{By: 7, Key: hostile, At: at}},
		{Kind: rules.ThreadRecord, Value: posted.Thread},
		{Kind: rules.InterestRecord, Value: rules.ReadThread{Thread: posted.Thread, Interest: forum.Interest{Read: forum.Marks{Upto: 2, Spans: []forum.Span{{From: 4, To: 5}}}}}},
		{Kind: rules.MessageRecord, Value: rules.History{Posted: posted, Earlier: []forum.Edit{{Text: hostile, Until: at}}}},
		{Kind: rules.PrivateMessageRecord, Value: rules.NamedPrivateMessage{PrivateMessage: letter, FromName: hostile, ToName: hostile}},
		{Kind: rules.MentionRecord, Value: posted},
		{Kind: rules.FileRecord, Value: rules.KeptFile{FileInfo: file, Thread: hostile}},
		{Kind: rules.VisitedRecord, Value: visit},
		{Kind: rules.SaidRecord, Value: forum.Event{Seq: 9, At: at, Kind: forum.SaidToAll, Text: hostile}},
		{Kind: rules.EndRecord, Value: 13},
	}
}

func TestEveryRecordIsSampled(t *testing.T) {
	sampled := make(map[rules.RecordKind]bool)
	for _, r := range records(time.Time{}, rules.Posted{}, forum.PrivateMessage{}, forum.Key{}) {
		sampled[r.Kind] = true
	}
	if len(sampled) != len(recordFields) {
		t.Errorf("%d kinds of records in the samples, %d with fields", len(sampled), len(recordFields))
	}
}

// content is a file of a few bytes.
type content struct{ *strings.Reader }

func (content) Close() error { return nil }

// resultTypes reads the names of all result types from their source.
func resultTypes(t *testing.T) (names []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", "forum", "command", "results.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, decl := range file.Decls {
		if types, ok := decl.(*ast.GenDecl); ok && types.Tok == token.TYPE {
			for _, spec := range types.Specs {
				names = append(names, spec.(*ast.TypeSpec).Name.Name)
			}
		}
	}
	return names
}

func TestEveryResultHasARowAndASample(t *testing.T) {
	shown, sampled := make(map[string]bool), make(map[string]bool)
	for result := range rows {
		shown[result.Name()] = true
	}
	for _, r := range samples() {
		sampled[reflect.TypeOf(r).Name()] = true
	}
	types := resultTypes(t)
	for _, name := range types {
		if !shown[name] || !sampled[name] {
			t.Errorf("%s has a row: %t, a sample: %t", name, shown[name], sampled[name])
		}
	}
	if len(types) != len(rows) || len(types) == 0 {
		t.Errorf("%d result types and %d rows", len(types), len(rows))
	}
}

func looks() map[string]Look {
	now := func() time.Time { return time.Date(2026, time.June, 1, 13, 0, 0, 0, time.UTC) }
	return map[string]Look{
		"pipe":           {Zone: time.UTC, now: now},
		"terminal":       {Zone: time.UTC, now: now, terminal: true},
		"color":          {Zone: time.UTC, now: now, terminal: true, color: true},
		"plain terminal": {Zone: time.UTC, now: now, terminal: true, Plain: true, color: true},
	}
}

func TestEveryResultHasSafeWords(t *testing.T) {
	for name, l := range looks() {
		for _, r := range samples() {
			var out, problems bytes.Buffer
			render := &Text{Look: l, Seen: &rules.Seen{}, Out: &out, Err: &problems}
			if err := render.Result(r); err != nil {
				t.Errorf("%s, %T: %v", name, r, err)
			}
			text := out.String()
			if text == "" || !strings.HasSuffix(text, "\n") {
				t.Errorf("%s, %T: result %q", name, r, text)
			}
			if hint := problems.String(); hint != "" && (l.terminal || !strings.HasPrefix(hint, "RESTORE ") && !strings.HasPrefix(hint, "UNHIDE ") || forum.Printable(hint) != strings.TrimSuffix(hint, "\n")+" ") {
				t.Errorf("%s, %T: beside the result %q", name, r, hint)
			}
			if strings.Contains(text, "\n2 Obi-wan") {
				t.Errorf("%s, %T: a message looks like two:\n%s", name, r, text)
			}
			if l.color && !l.Plain {
				text = strings.NewReplacer("\x1b[1m", "", "\x1b[2m", "", "\x1b[m", "").Replace(text)
			}
			if safe := forum.PrintableText(text); safe != text {
				t.Errorf("%s, %T: unsafe %q", name, r, text)
			}
		}
	}
}

func TestHelpFitsATerminal(t *testing.T) {
	table, err := command.Standard()
	if err != nil {
		t.Fatal(err)
	}
	all := table.Commands(forum.Admin)
	results := []command.Result{command.Overview{Commands: all}}
	for _, c := range all {
		results = append(results, command.Manual{Command: c})
	}
	var out bytes.Buffer
	render := &Text{Look: looks()["terminal"], Out: &out, Err: &out}
	for _, r := range results {
		if err := render.Result(r); err != nil {
			t.Error(err)
		}
	}
	for line := range strings.Lines(out.String()) {
		if width := len(strings.TrimSuffix(line, "\n")); width > 80 {
			t.Errorf("%d columns: %s", width, line)
		}
	}
}

func TestEveryResultHasAFormOfItsOwn(t *testing.T) {
	page, err := os.ReadFile("../../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	owner := make(map[string]reflect.Type)
	for _, r := range samples() {
		if _, raw := r.(command.FileContent); raw {
			continue
		}
		var out, problems bytes.Buffer
		if err := (&JSON{Out: &out, Err: &problems}).Result(r); err != nil {
			t.Errorf("%T: %v", r, err)
		}
		var form map[string]any
		for line := range strings.Lines(out.String()) {
			if err := json.Unmarshal([]byte(line), &form); err != nil || !strings.HasPrefix(line, `{"schema":"sshforum.`) {
				t.Errorf("%T: %v in %s", r, err, line)
			}
			schema, _ := form["schema"].(string)
			if other, taken := owner[schema]; taken && other != reflect.TypeOf(r) {
				t.Errorf("%T and %v have the schema %s", r, other, schema)
			}
			owner[schema] = reflect.TypeOf(r)
		}
		if text := out.String(); forum.PrintableText(text) != text {
			t.Errorf("%T: unsafe %q", r, text)
		}
		if created, ok := r.(command.ThreadCreated); ok && form["thread"] != created.Thread.Title {
			t.Errorf("the title changed on its way: %s", out.String())
		}
	}
	for schema := range owner {
		if !bytes.Contains(page, []byte("| `"+schema+"` |")) {
			t.Errorf("docs/json.md does not have %s", schema)
		}
	}
	if len(owner) != len(rows)-1 { // without FileContent
		t.Errorf("%d schemas of %d rows", len(owner), len(rows))
	}
}

// TestEverySettingHasAField of the name it is set with.
func TestEverySettingHasAField(t *testing.T) {
	encoded, err := json.Marshal(newSettingsJSON(forum.Preferences{}))
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(encoded, &fields); err != nil {
		t.Fatal(err)
	}
	for _, s := range forum.Settings {
		if _, ok := fields[s.Name]; !ok {
			t.Errorf("%s is not in %s", s.Name, encoded)
		}
		delete(fields, s.Name)
	}
	if len(fields) > 0 {
		t.Errorf("%v are no settings", fields)
	}
}

func TestProblems(t *testing.T) {
	for _, test := range []struct {
		err    error
		text   string
		status int
	}{
		{forum.Errorf(forum.NotFound, "Thread %s does not exist", "3331"), "Thread 3331 does not exist\n", 3},
		{errors.New("bbolt: page 7 is broken"), "Something went wrong on the server; please try again.\n", 1},
		{forum.Hinted(forum.HintUnblock, "Han", forum.Errorf(forum.Conflict, "You have blocked Han.")), "You have blocked Han; UNBLOCK Han first.\n", 5},
		{forum.Errorf(forum.Denied, "No"), "No\n", 4},
		{forum.Errorf(forum.Conflict, "No"), "No\n", 5},
		{forum.Errorf(forum.Limited, "No"), "No\n", 6},
		{forum.Errorf(forum.Stopping, "No"), "No\n", 7},
		{forum.Errorf(forum.Usage, "No"), "No\n", 2},
		{forum.Errorf(forum.Invalid, "No"), "No\n", 2},
		{forum.Errorf(forum.Unavailable, "No"), "No\n", 75},
	} {
		var out, problems bytes.Buffer
		(&Text{Out: &out, Err: &problems}).Problem(test.err)
		if problems.String() != test.text || out.Len() > 0 || exit.Status(test.err) != test.status {
			t.Errorf("%v: %q, result %q, status %d", test.err, problems.String(), out.String(), exit.Status(test.err))
		}
		problems.Reset()
		(&JSON{Out: &out, Err: &problems}).Problem(test.err)
		var form map[string]any
		if err := json.Unmarshal(problems.Bytes(), &form); err != nil || form["message"] != strings.TrimSuffix(test.text, "\n") || form["status"] != float64(test.status) {
			t.Errorf("%v: %s", test.err, problems.String())
		}
		h, about := forum.HintOf(test.err)
		if said, ok := form["hint"]; ok != (h != "") || ok && (said != string(h) || form["about"] != about) {
			t.Errorf("%v: %s", test.err, problems.String())
		}
	}
}

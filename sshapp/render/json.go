package render

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
	"sshforum/sshapp/exit"
)

// JSON shows results to programs: one JSON object on a line, with a schema that
// names its fields for ever. Threads are read as one object a message. Times are UTC.
type JSON struct {
	Out, Err io.Writer // for results, and for problems
}

// forms makes the JSON object of every result, by its schema.
var forms = formsOf(
	form(func(r command.ThreadCreated) any { return object{"thread": threadForm(r.Thread)} }),
	form(threadListForm),
	form(func(r command.ThreadRemoved) any {
		return object{"thread": threadForm(r.Thread), "restorable_until": r.Until.UTC()}
	}),
	form(func(r command.ThreadRestored) any { return object{"thread": threadForm(r.Thread)} }),
	form(func(r command.ThreadHidden) any { return object{"thread": threadForm(r.Thread)} }),
	form(func(r command.ThreadUnhidden) any { return object{"thread": threadForm(r.Thread)} }),
	form(func(r command.MessagePosted) any { return postedForm(r.Posted) }),
	form(func(r command.MessageEdited) any { return postedForm(r.Posted) }),
	form(func(r command.MessageDeleted) any {
		o := postedForm(r.Posted)
		o["restorable_until"] = r.Until.UTC()
		return o
	}),
	form(func(r command.MessageRestored) any { return postedForm(r.Posted) }),
	form(func(r command.MessageHidden) any { return postedForm(r.Posted) }),
	form(func(r command.MessageUnhidden) any { return postedForm(r.Posted) }),
	form(historyForm),
	form(eventForm),
	form(func(r command.LevelSet) any { return levelForm(r.ThreadInterest) }),
	form(levelListForm),
	form(newsForm),
	form(func(r command.CaughtUp) any { return object{"threads": r.Threads, "messages": r.Messages} }),
	form(mentionListForm),
	form(messagesFoundForm),
	form(func(r command.MentionShown) any { return postedForm(r.Posted) }),
	form(areHereForm),
	form(wereHereForm),
	form(privateSentForm),
	form(func(r command.SaidToAll) any { return object{"reached": r.Reached, "missed": r.Missed} }),
	form(inboxForm),
	form(blockListForm),
	form(func(r command.Blocked) any { return withForm(r.User) }),
	form(func(r command.Unblocked) any { return withForm(r.User) }),
	form(reportedForm),
	form(reportQueueForm),
	form(func(r command.ReportsResolved) any {
		o := caseForm(r.Case)
		o["note"] = r.Note
		return o
	}),
	form(func(r command.Banned) any { return banForm(r.Ban) }),
	form(func(r command.Unbanned) any { return banForm(r.Ban) }),
	form(banListForm),
	form(func(r command.TalkAsked) any { return withForm(r.With) }),
	form(func(r command.TalkBegun) any { return withForm(r.With) }),
	form(func(r command.TalkLineSent) any { return withForm(r.With) }),
	form(func(r command.TalkEnded) any { return withForm(r.With) }),
	form(fileListForm),
	form(func(r command.FileUploaded) any {
		o := fileForm(rules.FileInfo{File: r.File})
		o["thread"] = r.Title
		return o
	}),
	form(func(r command.CopyHint) any { return object{"thread": r.Thread, "file": r.Name, "upload": r.Upload} }),
	form(func(r command.Identity) any {
		return object{
			"name": r.User.Name, "role": r.User.Role, "created": r.User.Created.UTC(),
			"door": r.Door, "password": r.Password, "keys": r.Keys,
		}
	}),
	form(settingsForm),
	form(func(command.PasswordChanged) any { return object{} }),
	form(keyListForm),
	form(func(r command.KeyAdded) any { return object{"key": keyForm(r.Key)} }),
	form(func(r command.KeyRemoved) any { return object{"key": keyForm(r.Key)} }),
	form(func(r command.AccountClosed) any { return withForm(r.User) }),
	form(func(r command.InviteMade) any {
		o := inviteForm(r.Invite)
		o["code"] = r.Secret
		return o
	}),
	form(func(r command.InviteRevoked) any { return inviteForm(r.Invite) }),
	form(func(r command.InviteList) any {
		open := make([]object, len(r.Invites))
		for n, i := range r.Invites {
			open[n] = inviteForm(i)
		}
		return object{"invites": open}
	}),
	form(func(command.ExportHint) any { return object{} }),
	form(func(r command.ThreadModerated) any { return object{"thread": threadForm(r.Thread), "act": r.Act} }),
	form(personModeratedForm),
	form(auditLogForm),
	form(modlogForm),
	form(overviewForm),
	form(func(r command.Manual) any { return object{"command": commandForm(r.Command)} }),
	form(func(command.Stayed) any { return object{} }),
	form(func(command.Goodbye) any { return object{} }),
	form(func(command.ShuttingDown) any { return object{} }),
)

// object is the fields of a JSON object; encoding/json sorts them by name.
type object map[string]any

type shape struct {
	schema string
	form   func(command.Result) object
}

func form[R command.Result](f func(R) any) shape {
	var zero R
	return shape{zero.Schema(), func(r command.Result) object { return f(r.(R)).(object) }}
}

func formsOf(all ...shape) map[string]func(command.Result) object {
	m := make(map[string]func(command.Result) object, len(all))
	for _, s := range all {
		m[s.schema] = s.form
	}
	return m
}

// Result shows a result. Errors: the output's, and those of what is read as it is shown.
func (j *JSON) Result(r command.Result) error {
	switch r := r.(type) {
	case command.ThreadText:
		return j.entries(r)
	case command.MessagesSince:
		return j.since(r)
	case command.LoginHistory:
		return j.visits(r)
	case command.Conversation:
		return j.letters(r)
	case command.Export:
		return j.export(r)
	case command.FileContent: // asked for as it is
		return writeContent(j.Out, r)
	}
	form, ok := forms[r.Schema()]
	if !ok {
		return fmt.Errorf("no JSON form for %s", r.Schema())
	}
	return j.write(j.Out, r.Schema(), form(r))
}

// entries writes a thread as it is read, a message on each line.
func (j *JSON) entries(r command.ThreadText) error {
	for e, err := range r.Entries {
		if err != nil {
			return err
		}
		if err := j.write(j.Out, r.Schema(), entryForm(r.Thread, e)); err != nil {
			return err
		}
	}
	return nil
}

// Problem shows an error, on the side where no result goes, with the exit status that it
// leads to.
func (j *JSON) Problem(err error) {
	_ = j.write(j.Err, "sshforum.error.v1", object{
		"kind": forum.KindOf(err).String(), "message": command.Explain(err), "status": exit.Status(err),
	})
}

func (j *JSON) write(w io.Writer, schema string, o object) error {
	o["schema"] = schema
	encoded, err := json.Marshal(o)
	if err != nil {
		return err
	}
	_, err = w.Write(escapeUnprintable(encoded))
	return err
}

// escapeUnprintable writes a line of JSON so that a terminal shows it and nothing else:
// what is not printable, such as C1 controls, can only stand inside of a JSON string,
// where an escape means the same.
func escapeUnprintable(encoded []byte) []byte {
	line := make([]byte, 0, len(encoded)+1)
	for _, r := range string(encoded) {
		switch {
		case unicode.IsPrint(r):
			line = utf8.AppendRune(line, r)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			line = fmt.Appendf(line, `\u%04x\u%04x`, high, low)
		default:
			line = fmt.Appendf(line, `\u%04x`, r)
		}
	}
	return append(line, '\n')
}

func threadForm(t forum.Thread) object {
	o := object{
		"id": t.ID, "title": t.Title, "messages": t.Messages,
		"created": t.Created.UTC(), "active": t.Active.UTC(),
	}
	setHidden(o, t.Removed)
	if t.Pinned {
		o["pinned"] = true
	}
	if t.Locked {
		o["locked"] = true
	}
	if t.Slow > 0 {
		o["slow_seconds"] = t.Slow / time.Second
	}
	setText(o, "lock_reason", t.LockReason)
	return o
}

func threadListForm(r command.ThreadList) any {
	threads := make([]object, 0, len(r.Threads)+len(r.Hidden))
	for _, t := range slices.Concat(r.Threads, r.Hidden) {
		threads = append(threads, threadForm(t))
	}
	return object{"threads": threads}
}

func postedForm(p rules.Posted) object {
	o := object{
		"id": p.Message.ID, "thread": p.Thread.Title, "author": p.Author,
		"text": p.Message.Text, "posted": p.Message.Posted.UTC(),
	}
	if p.Number > 0 {
		o["number"] = p.Number
	}
	if p.Message.Upload != "" {
		o["file"] = p.Message.Upload
	}
	setQuote(o, p.Message.Reply, p.Quote)
	setTime(o, "edited", p.Message.Edited)
	if !p.Message.Removed.Hidden {
		setTime(o, "deleted", p.Message.Removed.At)
	}
	setHidden(o, p.Message.Removed)
	return o
}

func historyForm(r command.MessageHistory) any {
	return object{"message": postedForm(r.Posted), "earlier": earlierForm(r.Earlier)}
}

func earlierForm(edits []forum.Edit) []object {
	earlier := make([]object, len(edits))
	for i, e := range edits {
		earlier[i] = object{"text": e.Text, "until": e.Until.UTC()}
	}
	return earlier
}

func fileListForm(r command.FileList) any {
	files := make([]object, len(r.Files))
	for i, f := range r.Files {
		files[i] = fileForm(f)
		files[i]["uploader"] = f.Uploader
		setFolded(files[i], f.Folded, "name")
	}
	return object{"thread": r.Thread, "files": files}
}

func fileForm(f rules.FileInfo) object {
	return object{
		"name": f.Name, "size": f.Size, "sha256": fmt.Sprintf("%x", f.SHA256),
		"uploaded": f.Uploaded.UTC(), "modified": f.Modified.UTC(), "placeholder": f.Placeholder,
	}
}

func eventForm(r command.Happened) any {
	o := object{"seq": r.Seq, "at": r.At.UTC(), "event": r.Kind, "actor": r.Name}
	if r.Thread != 0 {
		o["thread"] = r.Title
	}
	if r.Kind == forum.ThreadHidden { // its title is gone from everywhere
		delete(o, "thread")
		o["thread_id"] = r.Thread
	}
	if r.File != "" {
		o["file"] = r.File
	}
	if r.Number > 0 {
		o["id"], o["number"] = r.Message, r.Number
	}
	if r.Text != "" {
		o["text"] = r.Text
	}
	if r.ToName != "" {
		o["to"] = r.ToName
	}
	setQuote(o, r.Reply, nil)
	return o
}

func keyListForm(r command.KeyList) any {
	keys := make([]object, len(r.Keys))
	for i, k := range r.Keys {
		keys[i] = keyForm(k)
	}
	return object{"keys": keys}
}

func keyForm(k forum.Key) object {
	return object{"type": k.Type(), "fingerprint": k.Fingerprint(), "comment": k.Comment, "added": k.Added.UTC()}
}

func overviewForm(r command.Overview) any {
	commands := make([]object, len(r.Commands))
	for i, c := range r.Commands {
		commands[i] = commandForm(c)
	}
	return object{"commands": commands}
}

func commandForm(c *command.Command) object {
	return object{"name": c.Name(), "alias": c.Alias, "usage": c.Usage, "help": c.Help, "long": c.Long}
}

func settingsForm(r command.Settings) any {
	o := object{"plain": r.Plain, "presence": !r.NoPresence}
	for _, s := range forum.Settings {
		if _, set := o[s.Name]; !set {
			o[s.Name] = s.Get(r.Preferences)
		}
	}
	return o
}

// setHidden marks what a moderator has hidden.
func setHidden(o object, r forum.Removal) {
	if r.Hidden {
		o["hidden"] = object{"at": r.At.UTC(), "reason": r.Reason}
	}
}

func setTime(o object, name string, t time.Time) {
	if !t.IsZero() {
		o[name] = t.UTC()
	}
}

package forum

import "time"

// Uploaded is a file that was just completed.
type Uploaded struct {
	File    File
	Title   string // of its thread
	Hidden  bool   // it waits under a temporary name
	unnamed []BlobID
}

// partChange names an upload that a change is about. Blob tells it from an earlier or
// later upload of the same name, Writer from one that was taken over.
type partChange struct {
	By     UserID
	At     time.Time
	Folder Folder
	Name   string
	Blob   BlobID
	Writer BlobID
}

func (c *partChange) When() time.Time { return c.At }

// part returns the upload, if it has not been given up, replaced or taken over in between.
func (c *partChange) part(r Reader) (User, Part, error) {
	u, err := account(r, c.By)
	if err != nil {
		return u, Part{}, err
	}
	p, ok := r.Part(c.Folder, c.By, c.Name)
	switch {
	case !ok || p.Blob != c.Blob:
		return u, p, Errorf(Conflict, "The upload of %s was given up; send it again.", c.Name)
	case p.Writer != c.Writer:
		return u, p, errTakenOver(c.Name)
	}
	return u, p, nil
}

func errTakenOver(name string) error {
	return Errorf(Conflict, "The upload of %s goes on from another connection.", name)
}

type beginUpload struct {
	By      UserID
	At      time.Time
	Place   Place
	Name    string
	Blob    BlobID // for a new content
	Size    int64  // to reserve
	Keep    bool
	Resume  bool
	Replace bool
	Quotas  Quotas
}

// begunUpload says where an upload begins.
type begunUpload struct {
	Part    Part
	Resumed bool   // Part's blob has content already
	From    BlobID // the content to begin with, when it is not zero
	Unnamed []BlobID
}

func (c *beginUpload) Kind() string    { return "file.begin" }
func (c *beginUpload) When() time.Time { return c.At }

func (c *beginUpload) Apply(tx Tx) (any, Event, error) {
	if c.Place.Own {
		return nil, Event{}, Errorf(Denied, "Your inbox is for what others send you.")
	}
	to, err := locate(tx, c.By, c.Place, c.Name)
	if err != nil {
		return nil, Event{}, err
	}
	if err := mayUpload(tx, to.user, to.folder, to.name, c.Replace); err != nil {
		return nil, Event{}, err
	}
	if t, ok := tx.Thread(to.folder.Thread); ok {
		if err := mayAdd(tx, to.user, t); err != nil {
			return nil, Event{}, err
		}
	}
	begun := begunUpload{Part: Part{
		Folder: to.folder, Name: to.name, Owner: c.By, Blob: c.Blob, Writer: c.Blob, Size: c.Size, Touched: tx.Time(),
	}}
	old, unfinished := to.part(tx)
	f, whole := to.file(tx)
	switch {
	case unfinished && (c.Resume || c.Keep && !whole):
		begun.Resumed = true
		begun.Part.Blob, begun.Part.Size = old.Blob, max(old.Size, c.Size)
	case whole && (c.Resume || c.Keep):
		begun.From = f.Blob
	}
	room, refusal := c.Quotas.room(tx, to.folder, c.By, old.Size)
	if begun.Part.Size-old.Size > room {
		return nil, Event{}, refusal
	}
	if unfinished {
		tx.DropPart(old)
		if !begun.Resumed {
			begun.Unnamed = append(begun.Unnamed, old.Blob)
		}
	}
	tx.PutPart(begun.Part)
	return begun, Event{}, nil
}

// mayUpload reports why u cannot have a file of that name there.
func mayUpload(r Reader, u User, folder Folder, name string, replace bool) error {
	if !u.May(UploadFiles, u.ID) {
		return Errorf(Denied, "You may not upload files.")
	}
	if err := mayPut(r, u, folder); err != nil {
		return err
	}
	if len(name) > maxFileNameBytes {
		return Errorf(Invalid, "The file name is too long to be sent to a person; shorten it.")
	}
	f, taken := r.File(folder, name)
	switch {
	case !taken:
		return nil
	case f.From != u.ID:
		return Errorf(Denied, "%s already exists in %s and belongs to another user", name, folderText(r, folder))
	case !replace:
		return Errorf(Conflict, "%s already exists in %s", name, folderText(r, folder))
	}
	return nil
}

// mayPut reports why u cannot put anything into a folder.
func mayPut(r Reader, u User, folder Folder) error {
	if t, ok := r.Thread(folder.Thread); ok {
		return mayWrite(r, u, t)
	}
	return mayDrop(r, u, folder)
}

// mayDrop reports what keeps a file of u's from the person whose inbox it is for.
func mayDrop(r Reader, u User, folder Folder) error {
	to, dropped := r.User(folder.Inbox)
	switch {
	case !dropped:
		return nil
	case r.Blocked(u.ID, to.ID):
		return blockedByYou(to)
	case r.Blocked(to.ID, u.ID):
		return Errorf(Denied, "Your file for %s cannot be delivered.", to.Name)
	}
	return mayAddress(u, to, r.Time())
}

// reservePart takes more of the quotas for an upload: Want bytes of size, or as much as
// there is when that is Need at least.
type reservePart struct {
	partChange
	Need, Want int64
	Quotas     Quotas
}

func (c *reservePart) Kind() string { return "file.reserve" }

func (c *reservePart) Apply(tx Tx) (any, Event, error) {
	_, p, err := c.part(tx)
	if err != nil {
		return nil, Event{}, err
	}
	room, refusal := c.Quotas.room(tx, c.Folder, c.By, p.Size)
	size := min(c.Want, p.Size+room)
	if size < c.Need {
		return nil, Event{}, refusal
	}
	p.Size, p.Touched = max(size, p.Size), tx.Time()
	tx.PutPart(p)
	return p.Size, Event{}, nil
}

// leavePart ends an upload that was cut off: it is kept with Size bytes, or given up.
type leavePart struct {
	partChange
	Keep bool
	Size int64
}

func (c *leavePart) Kind() string { return "file.leave" }

func (c *leavePart) Apply(tx Tx) (any, Event, error) {
	p, ok := tx.Part(c.Folder, c.By, c.Name)
	if !ok || p.Blob != c.Blob || p.Writer != c.Writer {
		return []BlobID(nil), Event{}, nil
	}
	if c.Keep && c.Size > 0 {
		p.Size, p.Touched = c.Size, tx.Time()
		tx.PutPart(p)
		return []BlobID(nil), Event{}, nil
	}
	tx.DropPart(p)
	return []BlobID{p.Blob}, Event{}, nil
}

// completePart makes an upload a file, with its line in the thread; or, under a
// temporary name, a whole part.
type completePart struct {
	partChange
	Size     int64
	SHA256   [32]byte
	Modified time.Time
	Replace  bool
	Quotas   Quotas

	Placeholder bool
}

func (c *completePart) Kind() string { return "file.complete" }

func (c *completePart) Apply(tx Tx) (any, Event, error) {
	u, p, err := c.part(tx)
	if err != nil {
		return nil, Event{}, err
	}
	if room, refusal := c.Quotas.room(tx, c.Folder, c.By, p.Size); c.Size-p.Size > room {
		return nil, Event{}, refusal
	}
	p.Size, p.SHA256, p.Whole, p.Modified, p.Touched = c.Size, c.SHA256, true, c.Modified, tx.Time()
	p.Placeholder = c.Placeholder
	if Temporary(c.Name) {
		tx.PutPart(p)
		return Uploaded{File: File{Folder: p.Folder, Name: p.Name, Blob: p.Blob, Size: p.Size}, Hidden: true}, Event{}, nil
	}
	return publish(tx, u, p, c.Name, c.Replace)
}

// publish shows a whole part to others as a file of that name.
func publish(tx Tx, u User, p Part, name string, replace bool) (any, Event, error) {
	t, inThread := tx.Thread(p.Folder.Thread)
	if p.Folder.Inbox == 0 && (!inThread || t.Removed.Done()) {
		return nil, Event{}, noThread(t.Title)
	}
	if err := mayUpload(tx, u, p.Folder, name, replace); err != nil {
		return nil, Event{}, err
	}
	if inThread {
		if err := mayAdd(tx, u, t); err != nil {
			return nil, Event{}, err
		}
	}
	done := Uploaded{Title: t.Title}
	tx.DropPart(p)
	if stale, ok := tx.Part(p.Folder, p.Owner, name); ok {
		tx.DropPart(stale)
		done.unnamed = append(done.unnamed, stale.Blob)
	}
	if old, ok := tx.File(p.Folder, name); ok {
		done.unnamed = append(done.unnamed, dropFile(tx, old)...)
	}
	blob, unnamed := share(tx, p)
	done.unnamed = append(done.unnamed, unnamed...)
	done.File = File{
		Folder: p.Folder, Name: name, From: p.Owner, Blob: blob, Size: p.Size, SHA256: p.SHA256,
		Uploaded: tx.Time(), Modified: modified(p), Placeholder: p.Placeholder,
	}
	if inThread {
		ownEntry(tx, u, t)
		t.Last++
		t.Active = tx.Time()
		done.File.Line = t.Last
		tx.PutThread(t)
		tx.PutMessage(Message{ID: MessageID{Thread: t.ID, Seq: t.Last}, Author: u.ID, Upload: name, Posted: tx.Time()})
	}
	tx.PutFile(done.File)
	return done, uploadEvent(tx, u, done.File), nil
}

// share names p's content, and returns the blob that holds it: an earlier one when the
// same content is there already.
func share(tx Tx, p Part) (blob BlobID, unnamed []BlobID) {
	c, known := tx.Content(p.SHA256)
	if !known {
		c = Content{SHA256: p.SHA256, Blob: p.Blob}
	} else if c.Blob != p.Blob {
		unnamed = []BlobID{p.Blob}
	}
	c.Refs++
	tx.PutContent(c)
	return c.Blob, unnamed
}

// dropFile removes a file with its line in the thread, and returns the blob that no file
// has any more.
func dropFile(tx Tx, f File) (unnamed []BlobID) {
	tx.DropFile(f)
	if f.Line > 0 {
		tx.DropMessage(MessageID{Thread: f.Folder.Thread, Seq: f.Line})
	}
	return release(tx, f.SHA256)
}

// release counts one file less of a content.
func release(tx Tx, sha256 [32]byte) (unnamed []BlobID) {
	c, ok := tx.Content(sha256)
	if !ok {
		return nil
	}
	if c.Refs--; c.Refs > 0 {
		tx.PutContent(c)
		return nil
	}
	tx.DropContent(c)
	return []BlobID{c.Blob}
}

package rules

import (
	"sshforum/forum"
)

// Uploaded is the result of a completed upload.
type Uploaded struct {
	File    forum.File
	Title   string // of its thread
	Hidden  bool   // it has a temporary name, so only its owner sees it
	unnamed []forum.BlobID
}

// partChange identifies the upload that a change is about. Blob tells it apart from an earlier
// or later upload of the same name; Writer from the upload that took it over.
type partChange struct {
	origin

	Folder forum.Folder
	Name   string
	Blob   forum.BlobID
	Writer forum.BlobID
}

// changeOf returns the partChange for the upload that writes to p.
func changeOf(p forum.Part) partChange {
	return partChange{Folder: p.Folder, Name: p.Name, Blob: p.Blob, Writer: p.Writer}
}

// part returns the part of the upload. Errors: Conflict if it has been dropped, replaced or
// taken over in the meantime.
func (c *partChange) part(r forum.Reader) (forum.Part, error) {
	p, ok := r.Part(c.Folder, c.By, c.Name)
	switch {
	case !ok || p.Blob != c.Blob:
		return p, errGivenUp(c.Name)
	case p.Writer != c.Writer:
		return p, errTakenOver(c.Name)
	}
	return p, nil
}

func errGivenUp(name string) error {
	return forum.Errorf(forum.Conflict, "The upload of %s was given up; send it again.", name)
}

func errTakenOver(name string) error {
	return forum.Errorf(forum.Conflict, "The upload of %s continues on another connection.", name)
}

type beginUpload struct {
	origin

	Place   Place
	Name    string
	Blob    forum.BlobID // for a new content
	Size    int64        // bytes to reserve
	Ahead   int64        // bytes to reserve besides, as far as there is room
	Keep    bool
	Resume  bool
	Replace bool
	Quotas  Quotas
}

// begunUpload is the result of a beginUpload.
type begunUpload struct {
	Part    forum.Part
	Resumed bool           // Part's blob may have content already; From is used only if it has none
	From    forum.BlobID   // the content to begin with; zero if there is none
	File    forum.File     // the file with that content, which stays until Complete; zero if there is none
	Unnamed []forum.BlobID // the blobs that no row names any more
}

func (c *beginUpload) apply(tx forum.Tx, by forum.User) (begunUpload, error) {
	to, room, err := c.target(tx, by)
	if err != nil {
		return begunUpload{}, err
	}
	old, unfinished := to.part(tx)
	f, whole := to.file(tx)
	begun := begunUpload{Part: c.newPart(to)}
	begun.Part.Size += min(c.Ahead, max(0, room-c.Size))
	resumes := unfinished && (c.Resume || c.Keep && !whole)
	if unfinished && !resumes {
		begun.Unnamed = dropPart(tx, old)
	}
	switch {
	case resumes:
		begun.Part, begun.From = reopen(tx, old, c.Blob)
		begun.Part.Size, begun.Resumed = max(old.Size, c.Size), begun.Part.Blob != c.Blob
	case whole && (c.Resume || c.Keep):
		begun.From, begun.File = f.Blob, f
	}
	begun.Part.Writer, begun.Part.Touched = c.Blob, tx.Time()
	tx.PutPart(begun.Part)
	return begun, nil
}

// newPart returns the part of an upload that continues nothing.
func (c *beginUpload) newPart(to fileAddress) forum.Part {
	return forum.Part{Folder: to.folder, Name: to.name, Owner: c.By, Blob: c.Blob, Writer: c.Blob, Size: c.Size}
}

// target returns where the upload goes, and how many bytes it may have there. Errors: those of
// FileService.Upload.
func (c *beginUpload) target(r forum.Reader, by forum.User) (to fileAddress, room int64, err error) {
	if c.Place.Own {
		return to, 0, forum.Errorf(forum.Denied, "Your inbox is for what others send you.")
	}
	to, err = locate(r, by, c.Place, c.Name)
	if err == nil {
		err = c.allowed(r, to)
	}
	if err != nil {
		return to, 0, err
	}
	old, _ := to.part(r)
	more, refusal := c.Quotas.room(r, to.folder, c.By, old.Size)
	if c.Size-old.Size > more {
		return to, 0, refusal
	}
	return to, old.Size + more, nil
}

func (c *beginUpload) allowed(r forum.Reader, to fileAddress) error {
	if err := mayUpload(r, to.user, to.folder, to.name, c.Replace); err != nil {
		return err
	}
	if waiting, ok := to.part(r); ok && waiting.Whole && !c.Replace {
		return errExists(c.Name, r, to.folder)
	}
	if t, ok := r.Thread(to.folder.Thread); ok {
		return mayAdd(r, to.user, t)
	}
	return nil
}

func errExists(name string, r forum.Reader, in forum.Folder) error {
	return forum.Errorf(forum.Conflict, "%s already exists in %s", name, folderText(r, in))
}

// mayUpload returns nil if u may upload a file of that name to a folder. Errors: Denied;
// Invalid name; Conflict if u has such a file and replace is not set.
func mayUpload(r forum.Reader, u forum.User, folder forum.Folder, name string, replace bool) error {
	if !u.May(forum.UploadFiles, u.ID) {
		return forum.Errorf(forum.Denied, "You may not upload files.")
	}
	if err := mayPut(r, u, folder); err != nil {
		return err
	}
	if len(name) > forum.MaxFileNameBytes {
		return forum.Errorf(forum.Invalid, "The file name is too long to be sent to a person; shorten it.")
	}
	f, taken := r.File(folder, name)
	switch {
	case !taken:
		return nil
	case f.From != u.ID:
		return forum.Errorf(forum.Denied, "%s already exists in %s and belongs to another user", name, folderText(r, folder))
	case !replace:
		return errExists(name, r, folder)
	}
	return nil
}

// mayPut returns nil if u may put files into a folder.
func mayPut(r forum.Reader, u forum.User, folder forum.Folder) error {
	if t, ok := r.Thread(folder.Thread); ok {
		return mayWrite(r, u, t)
	}
	return mayDrop(r, u, folder)
}

// mayDrop returns nil if u may put files into an inbox. Errors: Denied.
func mayDrop(r forum.Reader, u forum.User, folder forum.Folder) error {
	to, dropped := r.User(folder.Inbox)
	switch {
	case !dropped:
		return nil
	case r.Blocked(u.ID, to.ID):
		return blockedByYou(to)
	case r.Blocked(to.ID, u.ID):
		return forum.Errorf(forum.Denied, "Your file for %s cannot be delivered.", to.Name)
	}
	return mayAddress(u, to, r.Time())
}

// reservePart reserves more bytes of the quotas for an upload: up to a size of Want, or less if
// the quotas have room for at least Need. Errors: Limited if they do not.
type reservePart struct {
	partChange
	Need, Want int64
	Quotas     Quotas
}

func (c *reservePart) apply(tx forum.Tx, _ forum.User) (int64, error) {
	p, err := c.part(tx)
	if err != nil {
		return 0, err
	}
	room, refusal := c.Quotas.room(tx, c.Folder, c.By, p.Size)
	size := min(c.Want, p.Size+room)
	if size < c.Need {
		return 0, refusal
	}
	p.Size, p.Touched = max(size, p.Size), tx.Time()
	tx.PutPart(p)
	return p.Size, nil
}

// trimPart gives back the bytes beyond Size that an upload has reserved.
type trimPart struct {
	partChange
	Size int64
}

func (c *trimPart) apply(tx forum.Tx, _ forum.User) (int64, error) {
	p, err := c.part(tx)
	if err != nil {
		return 0, err
	}
	p.Size = min(p.Size, c.Size)
	tx.PutPart(p)
	return p.Size, nil
}

// leavePart ends an upload that is not complete: its part is kept with Size bytes, or dropped.
type leavePart struct {
	partChange
	Keep bool
	Size int64
}

// author returns the account without checking that it is open, since an upload also ends when
// its account is banned or closed.
func (c *leavePart) author(forum.Reader) (forum.User, error) { return forum.User{ID: c.By}, nil }

func (c *leavePart) apply(tx forum.Tx, _ forum.User) ([]forum.BlobID, error) {
	p, ok := tx.Part(c.Folder, c.By, c.Name)
	if !ok || p.Blob != c.Blob || p.Writer != c.Writer {
		return nil, nil
	}
	if c.Keep && c.Size > 0 {
		p.Size, p.Touched = c.Size, tx.Time()
		tx.PutPart(p)
		return nil, nil
	}
	return dropPart(tx, p), nil
}

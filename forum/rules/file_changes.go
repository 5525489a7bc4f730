package rules

import (
	"cmp"
	"context"
	"time"

	"sshforum/forum"
)

// RemoveFile removes a file with its line in the thread, and drops the actor's own part of that
// name. Their space is free at once. Errors: NotFound; Denied.
func (s *FileService) RemoveFile(ctx context.Context, actor Actor, at Place, name string) error {
	name = forum.FileKey(name)
	s.storeRows(actor, at, name)
	unnamed, err := submit(ctx, s.core, actor, &removeFile{Place: at, Name: name})
	s.cfg.Blobs.Remove(unnamed...)
	return err
}

// RenameFile renames the actor's own file in its place. A whole part that gets a name that is
// not temporary becomes a file that others see. If replace is set, it replaces an own file that
// has the new name. Errors: Invalid; NotFound; Denied; Conflict.
func (s *FileService) RenameFile(ctx context.Context, actor Actor, at Place, from, to string, replace bool) error {
	to, err := forum.CleanFileName(to)
	if err != nil {
		return err
	}
	from = forum.FileKey(from)
	s.storeRows(actor, at, from, to)
	unnamed, err := submit(ctx, s.core, actor, &renameFile{Place: at, From: from, To: to, Replace: replace})
	s.cfg.Blobs.Remove(unnamed...)
	return err
}

// SetModified stores the time at which the actor's own file was last changed on their machine.
// A time before 1970 or after 7 February 2106 becomes the nearest time in that range. Errors:
// NotFound; Denied; Limited.
func (s *FileService) SetModified(ctx context.Context, actor Actor, at Place, name string, modified time.Time) error {
	name = forum.FileKey(name)
	s.storeRows(actor, at, name)
	_, err := submit(ctx, s.core, actor, &touchFile{Place: at, Name: name, Modified: clampModified(modified)})
	return err
}

// MayChange returns nil if the actor may change the attributes of a file, such as its modified
// time. Errors: NotFound; Denied.
func (s *FileService) MayChange(ctx context.Context, actor Actor, at Place, name string) error {
	info, err := s.File(ctx, actor, at, name)
	if err != nil {
		return err
	}
	return s.viewAs(actor, func(_ forum.Reader, u forum.User) error { return mayTouch(u, info.File) })
}

func mayTouch(u forum.User, f forum.File) error {
	if !u.May(forum.RenameFiles, f.From) {
		return forum.Errorf(forum.Denied, "The file belongs to another user and cannot be changed")
	}
	return nil
}

type removeFile struct {
	origin

	Place Place
	Name  string
}

func (c *removeFile) apply(tx forum.Tx, by forum.User) ([]forum.BlobID, error) {
	at, err := locate(tx, by, c.Place, c.Name)
	if err != nil {
		return nil, err
	}
	_, unfinished := at.part(tx)
	unnamed := at.dropPart(tx)
	f, whole := at.file(tx)
	switch {
	case whole && at.user.May(forum.RemoveFiles, fileOwner(f)):
		if t, ok := tx.Thread(f.Folder.Thread); ok {
			if err := mayChange(at.user, t); err != nil {
				return nil, err
			}
		}
		recordOver(tx, at.user, fileOwner(f), forum.AuditEntry{Act: forum.AuditFileRemove, Object: auditThread(f.Folder.Thread), Name: f.Name})
		tx.Publish(fileEvent(tx, forum.FileRemoved, at.user, f))
		return append(unnamed, dropFile(tx, f)...), nil
	case unfinished:
		return unnamed, nil
	case whole:
		return nil, forum.Errorf(forum.Denied, "The file belongs to another user and cannot be removed")
	}
	return nil, noFile(c.Name, c.Place)
}

// dropPart drops the user's own part at the address, if there is one, and returns the blobs
// that no row names any more.
func (s fileAddress) dropPart(tx forum.Tx) (unnamed []forum.BlobID) {
	if p, ok := s.part(tx); ok {
		unnamed = dropPart(tx, p)
	}
	return unnamed
}

// uploadEvent returns the event of a new file. An event of a file in an inbox concerns only the
// sender and the owner of the inbox.
func uploadEvent(r forum.Reader, u forum.User, f forum.File) forum.Event {
	to, dropped := r.User(f.Folder.Inbox)
	if !dropped {
		return fileEvent(r, forum.FileUploaded, u, f)
	}
	return forum.Event{Kind: forum.FileDropped, Actor: u.ID, Name: u.Name, To: to.ID, ToName: to.Name, File: f.Name}
}

// fileEvent returns the event of a file in a thread, or the zero Event if it is in an inbox.
func fileEvent(r forum.Reader, kind forum.EventKind, u forum.User, f forum.File) forum.Event {
	t, ok := r.Thread(f.Folder.Thread)
	if !ok {
		return forum.Event{}
	}
	e := forum.Event{Kind: kind, Actor: u.ID, Name: u.Name, Thread: t.ID, Title: t.Title, File: f.Name}
	if f.From != u.ID {
		e.Other = f.From
	}
	if kind != forum.FileRemoved {
		e.Message = forum.MessageID{Thread: t.ID, Seq: f.Line}
	}
	return e
}

// fileOwner returns the owner of a file: the owner of the inbox it is in, or its uploader.
func fileOwner(f forum.File) forum.UserID {
	if f.Folder.Inbox != 0 {
		return f.Folder.Inbox
	}
	return f.From
}

type renameFile struct {
	origin

	Place    Place
	From, To string
	Replace  bool
}

func (c *renameFile) apply(tx forum.Tx, by forum.User) ([]forum.BlobID, error) {
	from, err := locate(tx, by, c.Place, c.From)
	if err != nil {
		return nil, err
	}
	to, err := locate(tx, by, c.Place, c.To)
	if err != nil {
		return nil, err
	}
	p, unfinished := from.part(tx)
	f, whole := from.file(tx)
	switch {
	case unfinished && !whole:
		return c.renamePart(tx, p, to)
	case !whole:
		return nil, noFile(c.From, c.Place)
	case !from.user.May(forum.RenameFiles, f.From):
		return nil, forum.Errorf(forum.Denied, "The file belongs to another user and cannot be renamed")
	case from.name == to.name:
		return nil, nil
	}
	if err := mayUpload(tx, to.user, to.folder, to.name, c.Replace); err != nil {
		return nil, err
	}
	if forum.Temporary(c.To) {
		return c.withdraw(tx, f, to)
	}
	unnamed := to.dropPart(tx)
	if old, ok := tx.File(to.folder, to.name); ok {
		unnamed = append(unnamed, dropFile(tx, old)...)
	}
	tx.DropFile(f)
	f.Name = to.name
	tx.PutFile(f)
	if line, ok := tx.Message(forum.MessageID{Thread: f.Folder.Thread, Seq: f.Line}); ok {
		line.Upload = f.Name
		tx.PutMessage(line)
	}
	tx.Publish(fileEvent(tx, forum.FileRenamed, to.user, f))
	return unnamed, nil
}

// withdraw turns a file into a whole part with a temporary name. sshfs renames a file in this
// way if it is removed while open, until it is closed.
func (c *renameFile) withdraw(tx forum.Tx, f forum.File, to fileAddress) ([]forum.BlobID, error) {
	if fileOwner(f) != to.user.ID {
		return nil, forum.Errorf(forum.Denied, "%s is a temporary name, which only the owner of the inbox can give to a file there; choose another.", c.To)
	}
	unnamed, err := c.makeRoom(tx, to)
	if err != nil {
		return nil, err
	}
	dropRow(tx, f)
	tx.PutPart(forum.Part{
		Folder: f.Folder, Name: to.name, Owner: f.From, Blob: f.Blob, Size: f.Size, Whole: true, SHA256: f.SHA256,
		Modified: f.Modified, Touched: tx.Time(), Placeholder: f.Placeholder,
	})
	tx.Publish(fileEvent(tx, forum.FileRemoved, to.user, f))
	return unnamed, nil
}

// renamePart renames a whole part, and publishes it unless the new name is temporary.
func (c *renameFile) renamePart(tx forum.Tx, p forum.Part, to fileAddress) ([]forum.BlobID, error) {
	switch {
	case !p.Whole:
		return nil, forum.Errorf(forum.Conflict, "The upload of %s is not complete; send it to its end first.", c.From)
	case p.Name == to.name:
		return nil, nil
	case !forum.Temporary(c.To):
		if err := mayPublish(tx, to.user, p.Folder, to.name, c.Replace); err != nil {
			return nil, err
		}
		tx.DropPart(p)
		done, event := publish(tx, to.user, p, to.name, p.Blob)
		tx.Publish(event)
		return done.unnamed, nil
	}
	unnamed, err := c.makeRoom(tx, to)
	if err != nil {
		return nil, err
	}
	tx.DropPart(p)
	p.Name = to.name
	tx.PutPart(p)
	return unnamed, nil
}

// makeRoom drops the user's own part at the new address. Errors: Conflict if it is whole and
// Replace is not set.
func (c *renameFile) makeRoom(tx forum.Tx, to fileAddress) (unnamed []forum.BlobID, err error) {
	if old, ok := to.part(tx); ok && old.Whole && !c.Replace {
		return nil, errExists(c.To, tx, to.folder)
	}
	return to.dropPart(tx), nil
}

type touchFile struct {
	origin

	Place    Place
	Name     string
	Modified time.Time
}

func (c *touchFile) apply(tx forum.Tx, by forum.User) (nothing, error) {
	at, err := locate(tx, by, c.Place, c.Name)
	if err != nil {
		return nothing{}, err
	}
	p, unfinished := at.part(tx)
	f, whole := at.file(tx)
	switch {
	case unfinished && !whole:
		p.Modified = c.Modified
		tx.PutPart(p)
	case !whole:
		return nothing{}, noFile(c.Name, c.Place)
	default:
		if err := cmp.Or(mayTouch(at.user, f), mayPut(tx, at.user, f.Folder)); err != nil {
			return nothing{}, err
		}
		f.Modified = c.Modified
		tx.PutFile(f)
	}
	return nothing{}, nil
}

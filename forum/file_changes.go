package forum

import (
	"context"
	"time"

	"golang.org/x/text/unicode/norm"
)

// RemoveFile takes a file away with its line in the thread, or gives up an unfinished
// upload of that name. Its space is free at once. Errors: NotFound; Denied.
func (s *Service) RemoveFile(ctx context.Context, actor Actor, at Place, name string) error {
	unnamed, err := submit[[]BlobID](ctx, s.Journal, &removeFile{By: actor.User, At: s.Clock(), Place: at, Name: norm.NFC.String(name)})
	s.forget(unnamed)
	return err
}

// RenameFile gives an own file of a place another name there. An upload that is whole
// under a temporary name becomes a file that others see. An own file that has the new
// name already is replaced when replace is set. Errors: Invalid; NotFound; Denied; Conflict.
func (s *Service) RenameFile(ctx context.Context, actor Actor, at Place, from, to string, replace bool) error {
	to, err := CleanFileName(to)
	if err != nil {
		return err
	}
	unnamed, err := submit[[]BlobID](ctx, s.Journal, &renameFile{
		By: actor.User, At: s.Clock(), Place: at, From: norm.NFC.String(from), To: to, Replace: replace,
	})
	s.forget(unnamed)
	return err
}

// SetModified keeps when an own file was last changed on its uploader's machine. Errors:
// NotFound; Denied.
func (s *Service) SetModified(ctx context.Context, actor Actor, at Place, name string, modified time.Time) error {
	_, err := s.Journal.Submit(ctx, &touchFile{By: actor.User, At: s.Clock(), Place: at, Name: norm.NFC.String(name), Modified: modified})
	return err
}

type removeFile struct {
	By    UserID
	At    time.Time
	Place Place
	Name  string
}

func (c *removeFile) Kind() string    { return "file.remove" }
func (c *removeFile) When() time.Time { return c.At }

func (c *removeFile) Apply(tx Tx) (any, Event, error) {
	u, folder, err := c.where(tx)
	if err != nil {
		return nil, Event{}, err
	}
	if p, ok := tx.Part(folder, c.By, c.Name); ok {
		tx.DropPart(p)
		return []BlobID{p.Blob}, Event{}, nil
	}
	f, ok := tx.File(folder, c.Name)
	if !ok {
		return nil, Event{}, noFile(c.Name, c.Place)
	}
	if !u.May(RemoveFiles, fileOwner(f)) {
		return nil, Event{}, Errorf(Denied, "The file belongs to another user and cannot be removed")
	}
	t, _ := tx.Thread(folder.Thread)
	unnamed := dropFile(tx, &t, f)
	if f.Line == 0 {
		return unnamed, Event{}, nil
	}
	return unnamed, Event{Kind: FileRemoved, Actor: u.ID, Name: u.Name, Thread: t.ID, Title: t.Title, File: f.Name}, nil
}

func (c *removeFile) where(r Reader) (User, Folder, error) {
	u, err := account(r, c.By)
	if err != nil {
		return u, Folder{}, err
	}
	folder, err := placeFolder(r, c.By, c.Place)
	return u, folder, err
}

// fileOwner returns whose a file is: what was sent to a person is that person's.
func fileOwner(f File) UserID {
	if f.Folder.Inbox != 0 {
		return f.Folder.Inbox
	}
	return f.From
}

type renameFile struct {
	By       UserID
	At       time.Time
	Place    Place
	From, To string
	Replace  bool
}

func (c *renameFile) Kind() string    { return "file.rename" }
func (c *renameFile) When() time.Time { return c.At }

func (c *renameFile) Apply(tx Tx) (any, Event, error) {
	u, folder, err := (&removeFile{By: c.By, Place: c.Place}).where(tx)
	if err != nil {
		return nil, Event{}, err
	}
	if p, ok := tx.Part(folder, c.By, c.From); ok {
		return c.renamePart(tx, u, p)
	}
	f, ok := tx.File(folder, c.From)
	switch {
	case !ok:
		return nil, Event{}, noFile(c.From, c.Place)
	case !u.May(RenameFiles, f.From):
		return nil, Event{}, Errorf(Denied, "The file belongs to another user and cannot be renamed")
	case c.From == c.To:
		return []BlobID(nil), Event{}, nil
	}
	if err := mayUpload(tx, u, folder, c.To, c.Replace); err != nil {
		return nil, Event{}, err
	}
	t, _ := tx.Thread(folder.Thread)
	var unnamed []BlobID
	if old, ok := tx.File(folder, c.To); ok {
		unnamed = dropFile(tx, &t, old)
	}
	tx.DropFile(f)
	f.Name = c.To
	tx.PutFile(f)
	line, ok := tx.Message(MessageID{Thread: t.ID, Seq: f.Line})
	if !ok {
		return unnamed, Event{}, nil
	}
	line.Upload = c.To
	tx.PutMessage(line)
	return unnamed, Event{Kind: FileRenamed, Actor: u.ID, Name: u.Name, Thread: t.ID, Title: t.Title, Message: line.ID, File: c.To}, nil
}

// renamePart publishes a whole part under a name that is not a temporary one.
func (c *renameFile) renamePart(tx Tx, u User, p Part) (any, Event, error) {
	switch {
	case !p.Whole:
		return nil, Event{}, Errorf(Conflict, "The upload of %s is not complete; send it to its end first.", p.Name)
	case !Temporary(c.To):
		result, event, err := publish(tx, u, p, c.To, c.Replace)
		if err != nil {
			return nil, Event{}, err
		}
		return result.(Uploaded).unnamed, event, nil
	}
	var unnamed []BlobID
	if old, ok := tx.Part(p.Folder, c.By, c.To); ok {
		tx.DropPart(old)
		unnamed = []BlobID{old.Blob}
	}
	tx.DropPart(p)
	p.Name = c.To
	tx.PutPart(p)
	return unnamed, Event{}, nil
}

type touchFile struct {
	By       UserID
	At       time.Time
	Place    Place
	Name     string
	Modified time.Time
}

func (c *touchFile) Kind() string    { return "file.touch" }
func (c *touchFile) When() time.Time { return c.At }

func (c *touchFile) Apply(tx Tx) (any, Event, error) {
	u, folder, err := (&removeFile{By: c.By, Place: c.Place}).where(tx)
	if err != nil {
		return nil, Event{}, err
	}
	if p, ok := tx.Part(folder, c.By, c.Name); ok {
		p.Modified = c.Modified
		tx.PutPart(p)
		return nil, Event{}, nil
	}
	f, ok := tx.File(folder, c.Name)
	if !ok {
		return nil, Event{}, noFile(c.Name, c.Place)
	}
	if !u.May(RenameFiles, f.From) {
		return nil, Event{}, Errorf(Denied, "The file belongs to another user and cannot be changed")
	}
	f.Modified = c.Modified
	tx.PutFile(f)
	return nil, Event{}, nil
}

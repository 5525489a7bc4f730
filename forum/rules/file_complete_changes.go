package rules

import (
	"sshforum/forum"
	"time"
)

// completePart turns an upload into a file with its line in the thread, or into a whole part if
// its name is temporary.
type completePart struct {
	partChange
	Size     int64
	SHA256   [32]byte
	Modified time.Time
	Replace  bool
	Quotas   Quotas

	Placeholder bool
	Grown       forum.BlobID // blob of the file that it replaces, if the upload only appended to it
}

func (c *completePart) apply(tx forum.Tx, u forum.User) (Uploaded, error) {
	p, err := c.part(tx)
	if err != nil {
		return Uploaded{}, err
	}
	return c.complete(tx, u, p)
}

// complete is apply for a part of which no row is stored, or that row.
func (c *completePart) complete(tx forum.Tx, u forum.User, p forum.Part) (Uploaded, error) {
	if room, refusal := c.Quotas.room(tx, c.Folder, c.By, p.Size); c.Size-p.Size > room {
		return Uploaded{}, refusal
	}
	p.Modified, p.Touched, p.Placeholder = c.Modified, tx.Time(), c.Placeholder
	if hasTemporaryName(u, p) {
		p, unnamed := makeWhole(tx, p, c.Size, c.SHA256)
		tx.PutPart(p)
		return Uploaded{File: forum.File{Folder: p.Folder, Name: p.Name, Blob: p.Blob, Size: p.Size}, Hidden: true, unnamed: unnamed}, nil
	}
	if err := mayPublish(tx, u, p.Folder, c.Name, c.Replace); err != nil {
		return Uploaded{}, err
	}
	origin := p.Blob
	if old, ok := tx.File(p.Folder, c.Name); ok && old.Blob == c.Grown {
		origin = old.Origin
	}
	p, unnamed := makeWhole(tx, p, c.Size, c.SHA256)
	done, event := publish(tx, u, p, c.Name, origin)
	done.unnamed = append(done.unnamed, unnamed...)
	tx.Publish(event)
	return done, nil
}

// mayPublish is mayUpload for a part that others will see. Errors: also NotFound.
func mayPublish(r forum.Reader, u forum.User, folder forum.Folder, name string, replace bool) error {
	t, inThread := r.Thread(folder.Thread)
	if folder.Inbox == 0 && (!inThread || t.Removed.Done()) {
		return noThread(t.Title)
	}
	if err := mayUpload(r, u, folder, name, replace); err != nil || !inThread {
		return err
	}
	return mayAdd(r, u, t)
}

// publish turns a whole part, whose row the caller has dropped, into a file that others see. It
// replaces a file or part of that name, and returns the event for the caller to publish.
func publish(tx forum.Tx, u forum.User, p forum.Part, name string, origin forum.BlobID) (Uploaded, forum.Event) {
	t, inThread := tx.Thread(p.Folder.Thread)
	done := Uploaded{Title: t.Title, File: forum.File{
		Folder: p.Folder, Name: name, From: p.Owner, Blob: p.Blob, Origin: origin, Size: p.Size, SHA256: p.SHA256,
		Uploaded: tx.Time(), Modified: modified(p), Placeholder: p.Placeholder,
	}}
	if stale, ok := tx.Part(p.Folder, p.Owner, name); ok {
		done.unnamed = dropPart(tx, stale)
	}
	if old, ok := tx.File(p.Folder, name); ok {
		done.unnamed = append(done.unnamed, dropFile(tx, old)...)
	}
	if inThread {
		ownEntry(tx, u, t)
		t.Last++
		t.Active = tx.Time()
		done.File.Line = t.Last
		tx.PutThread(t)
		tx.AddMessage(forum.Message{ID: forum.MessageID{Thread: t.ID, Seq: t.Last}, Author: u.ID, Upload: name, Posted: tx.Time()})
	}
	tx.PutFile(done.File)
	return done, uploadEvent(tx, u, done.File)
}

// dropFile drops a file with its line in the thread, and returns the blobs that no row names
// any more.
func dropFile(tx forum.Tx, f forum.File) (unnamed []forum.BlobID) {
	dropRow(tx, f)
	return release(tx, f.SHA256)
}

// dropRow drops a file with its line in the thread, but keeps its content.
func dropRow(tx forum.Tx, f forum.File) {
	tx.DropFile(f)
	if f.Line > 0 {
		tx.DropMessage(forum.MessageID{Thread: f.Folder.Thread, Seq: f.Line})
	}
}

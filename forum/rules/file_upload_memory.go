package rules

import (
	"context"
	"crypto/sha256"

	"sshforum/forum"
)

// An upload of a new content begins without a row: it is only in memory, and one change stores
// the file with its inline content when it is complete. That is one commit instead of four. The
// upload gets a row before anything that needs one: more than forum.MaxInline bytes, a Sync, an
// interruption, or its owner asking for the file on any connection.

// beginInMemory begins the upload without a row, if it continues nothing and is not declared to
// be too large. It reports whether it did. The caller holds u.mu. Errors: those of
// FileService.Upload.
func (u *Upload) beginInMemory(c *beginUpload) (began bool, err error) {
	s := u.service
	if room, _ := s.cfg.Blobs.Room(); c.Size > s.cfg.MaxInline || room < s.cfg.MaxInline {
		return false, nil
	}
	newSubmission(u.actor.User, s.Clock(), c)
	var to fileAddress
	var room int64
	var begins bool
	err = s.cfg.Store.View(func(r forum.Reader) error {
		by, err := c.author(r)
		if err != nil {
			return err
		}
		to, room, err = c.target(r, by)
		_, unfinished := to.part(r)
		_, whole := to.file(r)
		begins = !unfinished && !(whole && (c.Keep || c.Resume))
		return err
	})
	if err != nil || !begins {
		return false, err
	}
	at := uploadAddress{to.folder, to.name, c.By}
	if other := s.uploading.claim(at, u); other != nil {
		return false, other.storeRow()
	}
	c.Keep, c.Resume = false, false
	u.rowless, u.change, u.inline = c, changeOf(c.newPart(to)), min(s.cfg.MaxInline, room)
	return true, nil
}

// storeRow gives the upload a row, unless it has one. Errors: those of FileService.Upload.
func (u *Upload) storeRow() error {
	return u.service.uploading.makeRoom(func() error {
		u.mu.Lock()
		defer u.mu.Unlock()
		if u.rowless == nil {
			return nil
		}
		return u.service.uploading.grant(u, 0, u.needed, func(int64) error { return u.storeRowWith(u.needed, 0) })
	})
}

// storeRowWith stores the row of an upload that has none, with a reservation of size bytes, and
// as many of those ahead as there is room for. The caller holds u.mu.
func (u *Upload) storeRowWith(size, ahead int64) error {
	s := u.service
	c := *u.rowless
	c.Size, c.Ahead = size, ahead
	begun, err := submit(context.Background(), s, u.actor, &c)
	if err != nil {
		return err
	}
	u.leaveMemory()
	u.reserved = begun.Part.Size
	s.uploading.set(u, reservation{u.reserved, u.writer})
	s.cfg.Blobs.Remove(begun.Unnamed...)
	return nil
}

// leaveMemory notes that the upload has a row, or has ended. The caller holds u.mu.
func (u *Upload) leaveMemory() {
	u.service.uploading.release(uploadAddress{u.change.Folder, u.change.Name, u.actor.User})
	u.rowless = nil
}

// discard ends an upload that has no row, and reports whether it had none.
func (u *Upload) discard() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.rowless == nil {
		return false
	}
	u.leaveMemory()
	if u.writer != nil {
		u.writer.Discard()
	}
	return true
}

// completeInline completes an upload without a row. It reports false, and has done nothing, if
// the upload needs a row. Errors: those of Complete.
func (u *Upload) completeInline(ctx context.Context) (done Uploaded, complete bool, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.rowless == nil {
		return done, false, nil
	}
	content := make([]byte, u.writer.Size())
	if _, err := u.writer.ReadAt(content, 0); err != nil {
		return done, false, nil // the caller meets the error of the writer again
	}
	c := &storeFile{
		beginUpload: *u.rowless, Content: content, SHA256: sha256.Sum256(content),
		Modified: u.modified, Placeholder: u.placeholder,
	}
	c.Size = int64(len(content))
	if !u.service.isSound(ctx, c.SHA256) {
		return done, false, nil
	}
	done, err = submit(ctx, u.service, u.actor, c)
	u.leaveMemory()
	u.writer.Discard()
	u.service.uploading.drop(u)
	u.service.cfg.Blobs.Remove(done.unnamed...)
	return done, true, err
}

// isSound reports whether the content with a hash, if it is stored, is undamaged.
func (s *core) isSound(ctx context.Context, hash [32]byte) bool {
	var content forum.Content
	var stored bool
	err := s.cfg.Store.View(func(r forum.Reader) error {
		content, stored = r.Content(hash)
		return nil
	})
	if err != nil || !stored {
		return err == nil
	}
	found, err := s.contents().Hash(ctx, content.Blob)
	return err == nil && found == hash
}

// healInline stores an inline content again if it is damaged.
func (u *Upload) healInline(ctx context.Context, hash [32]byte) error {
	if u.service.isSound(ctx, hash) {
		return nil
	}
	c := &healContent{SHA256: hash, Content: make([]byte, u.writer.Size())}
	if _, err := u.writer.ReadAt(c.Content, 0); err != nil {
		return err
	}
	_, err := submit(ctx, u.service, u.actor, c)
	return err
}

// storeRows gives rows to the actor's own uploads in a place that have none: those with one of
// the names, or all if there are no names.
func (s *core) storeRows(actor Actor, at Place, names ...string) {
	waiting := s.uploading.claimedBy(actor.User)
	if len(waiting) == 0 {
		return
	}
	wanted := make(map[uploadAddress]bool)
	var folder forum.Folder
	err := s.viewAs(actor, func(r forum.Reader, by forum.User) (err error) {
		folder, err = placeFolder(r, by, at)
		for _, name := range names {
			to := newFileAddress(by, folder, at, name)
			wanted[uploadAddress{to.folder, to.name, actor.User}] = true
		}
		return err
	})
	for address, u := range waiting {
		if err == nil && (wanted[address] || len(names) == 0 && address.folder == folder) {
			_ = u.storeRow() // if it cannot have one, it stays unseen
		}
	}
}

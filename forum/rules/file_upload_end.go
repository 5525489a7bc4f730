package rules

import (
	"cmp"
	"context"
	"errors"
	"sshforum/forum"
)

// Complete makes the file durable, and shows it to others unless its name is temporary. After
// an error nothing is shown. A file that the upload continues stays as it is if the upload
// wrote nothing. Errors: those of Upload and WriteAt.
func (u *Upload) Complete(ctx context.Context) (Uploaded, error) {
	u.mu.Lock()
	refused, modified, grown := u.refused, u.modified, u.continued.Blob
	if u.unchanged < u.continued.Size {
		grown = forum.BlobID{}
	}
	u.mu.Unlock()
	if u.untouched() {
		err := u.Leave(ctx, false)
		if err == nil && !modified.IsZero() {
			err = u.service.files.SetModified(ctx, u.actor, u.at, u.name, modified)
		}
		return Uploaded{}, err
	}
	if err := cmp.Or(refused, u.fill()); err != nil {
		return Uploaded{}, errors.Join(err, u.Leave(ctx, false))
	}
	if done, complete, err := u.completeInline(ctx); complete {
		return done, err
	}
	if err := u.storeRow(); err != nil {
		return Uploaded{}, errors.Join(err, u.Leave(ctx, false))
	}
	sha256, err := u.writer.Finish(ctx)
	u.worked(u.writer.Size())
	if err != nil {
		return Uploaded{}, errors.Join(err, u.Leave(ctx, true))
	}
	if err := u.heal(ctx, sha256); err != nil {
		return Uploaded{}, errors.Join(err, u.Leave(ctx, true))
	}
	c := &completePart{
		partChange: u.change, Size: u.writer.Size(), SHA256: sha256, Modified: modified,
		Replace: u.replace, Placeholder: u.placeholder, Grown: grown, Quotas: u.service.cfg.Quotas,
	}
	// The writer stays open until the content is named, so that no sweep takes it.
	done, err := submit(ctx, u.service, u.actor, c)
	if err != nil {
		return done, errors.Join(err, u.Leave(ctx, false))
	}
	u.service.uploading.drop(u)
	err = u.writer.Close()
	u.service.cfg.Blobs.Remove(done.unnamed...)
	return done, err
}

// heal repairs the stored blob with the same content, if there is one. Complete then keeps that
// blob and drops the upload's.
func (u *Upload) heal(ctx context.Context, sha256 [32]byte) error {
	var content forum.Content
	var inline bool
	err := u.service.cfg.Store.View(func(r forum.Reader) error {
		content, _ = r.Content(sha256)
		inline = r.IsInline(content.Blob)
		return nil
	})
	if err != nil || content.Blob.IsZero() || content.Blob == u.change.Blob {
		return err
	}
	if inline {
		return u.healInline(ctx, sha256)
	}
	return u.service.cfg.Blobs.Heal(ctx, content.Blob, u.change.Blob)
}

// untouched reports whether the upload continues a content and has not changed it.
func (u *Upload) untouched() bool {
	u.initialMu.Lock()
	defer u.initialMu.Unlock()
	return !u.initial.IsZero() && !u.filling
}

// Leave ends an upload that is not complete. If keep is set, its durable bytes are kept for a
// day for the owner to continue. Otherwise, or if the disk is full, they are dropped at once,
// since other uploads need the room.
func (u *Upload) Leave(ctx context.Context, keep bool) error {
	if keep && u.writer != nil && u.writer.Size() > 0 && u.storeRow() != nil {
		keep = false
	}
	u.service.uploading.drop(u)
	if u.discard() {
		return nil
	}
	u.worked(0)
	keep = keep && u.refusal() == nil
	var err error
	if u.writer != nil {
		err = u.writer.Close()
		keep = keep && forum.KindOf(err) != forum.Unavailable
	}
	c := &leavePart{partChange: u.change, Keep: keep}
	if size, err := u.service.cfg.Blobs.Size(u.change.Blob); err == nil {
		c.Size = size
	}
	unnamed, leaveErr := submit(context.WithoutCancel(ctx), u.service, u.actor, c)
	u.service.cfg.Blobs.Remove(unnamed...)
	return errors.Join(err, leaveErr)
}

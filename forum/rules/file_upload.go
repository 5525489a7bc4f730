package rules

import (
	"cmp"
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"sshforum/forum"
	"sshforum/forum/limit"
)

// UploadOptions say how a file comes in.
type UploadOptions struct {
	Declared int64 // bytes announced, when the protocol does; reserved at once
	Replace  bool  // an own file of that name may be replaced
	Keep     bool  // go on with what is there: an own file's content, or else an unfinished upload
	Resume   bool  // go on with an unfinished upload, which is taken over; or else as Keep
	Final    bool  // who uploads cannot rename, so that a temporary name is refused
}

// Upload is one file on its way in. What it has is the owner's alone until Complete. Its
// methods may be called from several goroutines; Complete or Leave ends it.
type Upload struct {
	service *core
	actor   Actor
	at      Place
	name    string     // in that place
	change  partChange // names the part in every change of it
	replace bool
	writer  forum.BlobWriter
	stands  bool // for a file its owner has yet to send

	goesOn  forum.File // the file that it changes, if there is one
	base    sync.Mutex
	from    forum.BlobID // the content to begin with, until something is written
	touched bool         // that was tried

	mu       sync.Mutex
	kept     int64 // how many bytes at the beginning are as in the file it goes on with
	sent     int64 // bytes that came in
	copied   int64 // bytes from the content to begin with
	needed   int64 // of the quotas, for what was written and announced
	reserved int64 // of the quotas, in the part's row
	refused  error // by a quota, or no file can be so; the upload has ended
	modified time.Time
}

// Upload begins a file, or goes on with one. An own upload of that name that is still
// under way ends: its connection may be one that was lost. Errors: Invalid name; NotFound;
// Denied for a file of somebody else; Conflict when the file exists and may not be
// replaced; Limited.
func (s *FileService) Upload(ctx context.Context, actor Actor, at Place, name string, o UploadOptions) (*Upload, error) {
	name, err := forum.CleanFileName(name)
	if err == nil && o.Final && forum.Temporary(name) {
		err = forum.Errorf(forum.Invalid, "Nobody but you would see a file of the temporary name %s; send it under another name.", name)
	}
	if err != nil {
		return nil, err
	}
	if err := s.MayWork(actor); err != nil {
		return nil, err
	}
	u := &Upload{service: s.core, actor: actor, at: at, name: name, replace: o.Replace, needed: o.Declared}
	resumed, err := u.open(ctx, o)
	if err != nil && (u.change.Blob.IsZero() || resumed) { // what there is of it stays
		return nil, err
	}
	if err == nil && !resumed && u.goesOn.Blob.IsZero() {
		err = u.fill() // as its name has nothing else meanwhile
	}
	if err != nil {
		return nil, errors.Join(err, u.Leave(ctx, false))
	}
	return u, nil
}

// open has the forum know of the upload and begins to write, or goes on with what there is.
// Others find it meanwhile, and wait until it is open.
func (u *Upload) open(ctx context.Context, o UploadOptions) (resumed bool, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	begun, err := u.begin(ctx, o)
	if err != nil {
		return false, err
	}
	blobs := u.service.cfg.Blobs
	blobs.Remove(begun.Unnamed...)
	if resumed = begun.Resumed; resumed {
		u.writer, err = blobs.Resume(u.change.Blob)
	}
	if !resumed || forum.KindOf(err) == forum.NotFound && err != nil {
		resumed, u.from = false, begun.From
		u.writer, err = blobs.Create(u.change.Blob)
	}
	if err != nil {
		u.service.uploading.drop(u)
		return resumed, err
	}
	u.needed = max(u.needed, u.writer.Size())
	u.service.uploading.set(u, reservation{u.reserved, u.writer})
	return resumed, nil
}

// begin has the forum know of the upload. The caller holds u.mu.
func (u *Upload) begin(ctx context.Context, o UploadOptions) (begun begunUpload, err error) {
	s := u.service
	c := &beginUpload{
		Place: u.at, Name: u.name, Blob: NewBlobID(),
		Size: o.Declared, Keep: o.Keep, Resume: o.Resume, Replace: o.Replace, Quotas: s.cfg.Quotas,
	}
	err = s.uploading.makeRoom(func() error {
		return s.uploading.grant(u, 0, o.Declared, func(int64) (err error) {
			if begun, err = submit(ctx, s, u.actor, c); err == nil {
				s.uploading.set(u, reservation{reserved: begun.Part.Size})
			}
			return err
		})
	})
	if err != nil {
		return begun, err
	}
	u.goesOn, u.kept, u.reserved = begun.File, begun.File.Size, begun.Part.Size
	u.change = partChange{
		Folder: begun.Part.Folder, Name: begun.Part.Name, Blob: begun.Part.Blob, Writer: begun.Part.Writer,
	}
	return begun, err
}

// fill copies the content to begin with, the first time it matters.
func (u *Upload) fill() error {
	u.base.Lock()
	defer u.base.Unlock()
	if u.from.IsZero() {
		return nil
	}
	u.touched = true
	if err := u.copy(u.from); err != nil {
		return err
	}
	u.from = forum.BlobID{}
	return nil
}

// copy fills the upload with an earlier content.
func (u *Upload) copy(from forum.BlobID) error {
	content, err := u.service.cfg.Blobs.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	buffer := make([]byte, 256<<10)
	for at := int64(0); at < content.Size(); {
		n, err := content.ReadAt(buffer, at)
		if err != nil && err != io.EOF {
			return err
		}
		if err := u.reserve(at, int64(n)); err != nil {
			return err
		}
		if _, err := u.writer.WriteAt(buffer[:n], at); err != nil {
			return err
		}
		u.count(&u.copied, n)
		at += int64(n)
	}
	return nil
}

// WriteAt writes anywhere in the file. Errors: Limited when a quota is used up; Invalid
// for an offset no file can have.
func (u *Upload) WriteAt(p []byte, at int64) (int, error) {
	if err := errors.Join(u.fill(), u.reserve(at, int64(len(p)))); err != nil {
		return 0, err
	}
	u.changes(at)
	n, err := u.writer.WriteAt(p, at)
	u.count(&u.sent, n)
	if err != nil {
		err = cmp.Or(u.refusal(), err) // meanwhile, of another write
	}
	return n, err
}

// changes notes that the content changes from a position on.
func (u *Upload) changes(from int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.kept = min(u.kept, from)
}

// ReadAt reads what there is of the file.
func (u *Upload) ReadAt(p []byte, at int64) (int, error) {
	from := u.unwritten()
	if from.IsZero() {
		return u.writer.ReadAt(p, at)
	}
	content, err := u.service.cfg.Blobs.Open(from)
	if err != nil {
		return 0, err
	}
	defer func() { _ = content.Close() }()
	return content.ReadAt(p, at)
}

// unwritten returns the content that there is before something is written.
func (u *Upload) unwritten() forum.BlobID {
	u.base.Lock()
	defer u.base.Unlock()
	return u.from
}

// Size returns how many bytes the file has so far.
func (u *Upload) Size() (int64, error) {
	u.base.Lock()
	defer u.base.Unlock()
	if !u.from.IsZero() {
		return u.service.cfg.Blobs.Size(u.from)
	}
	return u.writer.Size(), nil
}

// Truncate makes the file size bytes long. Errors as of WriteAt.
func (u *Upload) Truncate(size int64) error {
	if size == 0 {
		u.base.Lock()
		u.from = forum.BlobID{}
		u.base.Unlock()
	}
	if err := errors.Join(u.fill(), u.reserve(0, size)); err != nil {
		return err
	}
	u.changes(size)
	return u.writer.Truncate(size)
}

// Sync returns when what was written before is durable. Errors: Limited, and then nothing
// is lost.
func (u *Upload) Sync(ctx context.Context) error {
	if err := u.service.paced(u.actor, limit.Changing); err != nil {
		return err
	}
	return u.writer.Sync(ctx)
}

// SetModified keeps when the file was last changed on its uploader's machine, as
// Service.SetModified does. The zero time is when it is complete.
func (u *Upload) SetModified(t time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.modified = possible(t)
}

// Modified returns what SetModified was told, or else the time it is now.
func (u *Upload) Modified() time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.modified.IsZero() {
		return u.service.Clock()
	}
	return u.modified
}

// Complete makes the file durable and shows it to others, unless its name is a
// temporary one. On an error nothing is shown. A file that was opened to go on with it,
// and was not touched, stays as it is. Errors as of Upload and WriteAt.
func (u *Upload) Complete(ctx context.Context) (Uploaded, error) {
	u.mu.Lock()
	refused, modified, grown := u.refused, u.modified, u.goesOn.Blob
	if u.kept < u.goesOn.Size {
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
		Replace: u.replace, Placeholder: u.stands, Grown: grown, Quotas: u.service.cfg.Quotas,
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

// heal makes the content whole that the upload, which has the same, will be left out for.
func (u *Upload) heal(ctx context.Context, sha256 [32]byte) error {
	var content forum.Content
	err := u.service.cfg.Store.View(func(r forum.Reader) error {
		content, _ = r.Content(sha256)
		return nil
	})
	if err != nil || content.Blob.IsZero() || content.Blob == u.change.Blob {
		return err
	}
	return u.service.cfg.Blobs.Heal(ctx, content.Blob, u.change.Blob)
}

// untouched reports whether nothing was done with a content that was there before.
func (u *Upload) untouched() bool {
	u.base.Lock()
	defer u.base.Unlock()
	return !u.from.IsZero() && !u.touched
}

// Leave ends an upload that was cut off. What is durable is kept for its owner to go on
// with, for a day, or given up at once, as it is where the disk is full: others need the
// room.
func (u *Upload) Leave(ctx context.Context, keep bool) error {
	u.service.uploading.drop(u)
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

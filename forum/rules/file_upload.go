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

// UploadOptions are the options of an upload.
type UploadOptions struct {
	Declared int64 // size in bytes, if the protocol announces it; reserved at once
	Replace  bool  // an own file of that name may be replaced
	Keep     bool  // continue the content of an own file, or otherwise an own part
	Resume   bool  // continue an own part, which is taken over; otherwise as Keep
	Final    bool  // the client cannot rename, so a temporary name is refused
}

// Upload is one file on its way in. Only its owner sees its content until Complete. Its methods
// may be called from several goroutines. Complete or Leave ends it.
type Upload struct {
	service     *core
	actor       Actor
	at          Place
	name        string     // in that place
	change      partChange // identifies the part in every change
	replace     bool
	writer      forum.BlobWriter
	placeholder bool
	rowless     *beginUpload // the change that gives the upload its row; nil once that was made
	inline      int64        // how many bytes it may have without a row

	continued forum.File // the file whose content it continues, if there is one
	initialMu sync.Mutex
	initial   forum.BlobID // the content to begin with, until something is written; zero if none
	filling   bool         // fill has begun to copy initial

	mu        sync.Mutex
	unchanged int64 // bytes at the beginning that are still those of continued
	sent      int64 // bytes received
	copied    int64 // bytes copied from the content to begin with
	needed    int64 // bytes of the quotas that the written and the declared size take
	reserved  int64 // bytes of the quotas in the part's row
	refused   error // why the upload has ended early: a quota, a full disk or an offset that no file can have
	modified  time.Time
}

// Upload begins a file, or continues one. It ends an own upload of that name that is still
// under way, since its connection may be lost. Errors: Invalid name; NotFound; Denied if the
// file belongs to another person; Conflict if the file exists and Replace is not set; Limited.
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
	if err := s.checkPace(actor, limit.Uploading); err != nil {
		return nil, err
	}
	u := &Upload{service: s.core, actor: actor, at: at, name: name, replace: o.Replace, needed: o.Declared}
	resumed, err := u.open(ctx, o)
	if err != nil && (u.change.Blob.IsZero() || resumed) { // nothing was begun, or the part stays
		return nil, err
	}
	if err == nil && !resumed && u.continued.Blob.IsZero() {
		err = u.fill() // at once, since no file of that name has the content
	}
	if err != nil {
		return nil, errors.Join(err, u.Leave(ctx, false))
	}
	return u, nil
}

// open begins the upload and opens its writer. It reports whether it continues a blob that was
// written to before. Other goroutines can find the upload, and wait on mu until it is open.
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
		resumed, u.initial = false, begun.From
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

// begin begins the upload in memory, or stores its part. The caller holds u.mu.
func (u *Upload) begin(ctx context.Context, o UploadOptions) (begun begunUpload, err error) {
	s := u.service
	c := &beginUpload{
		Place: u.at, Name: u.name, Blob: NewBlobID(),
		Size: o.Declared, Keep: o.Keep, Resume: o.Resume, Replace: o.Replace, Quotas: s.cfg.Quotas,
	}
	if began, err := u.beginInMemory(c); began || err != nil {
		return begun, err
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
	u.continued, u.unchanged, u.reserved = begun.File, begun.File.Size, begun.Part.Size
	u.change = changeOf(begun.Part)
	return begun, err
}

// fill copies the content to begin with, unless that is done or there is none.
func (u *Upload) fill() error {
	u.initialMu.Lock()
	defer u.initialMu.Unlock()
	if u.initial.IsZero() {
		return nil
	}
	u.filling = true
	if err := u.copy(u.initial); err != nil {
		return err
	}
	u.initial = forum.BlobID{}
	return nil
}

// copy writes an earlier content to the upload, and reserves room for it.
func (u *Upload) copy(from forum.BlobID) error {
	content, err := u.service.contents().Open(from)
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

// WriteAt implements io.WriterAt, at any offset. Errors: Limited if a quota is used up;
// Unavailable if the disk is full; Invalid if no file can have that offset.
func (u *Upload) WriteAt(p []byte, at int64) (int, error) {
	if err := errors.Join(u.fill(), u.reserve(at, int64(len(p)))); err != nil {
		return 0, err
	}
	u.noteChange(at)
	n, err := u.writer.WriteAt(p, at)
	u.count(&u.sent, n)
	if err != nil {
		err = cmp.Or(u.refusal(), err) // another write may have ended the upload
	}
	return n, err
}

// noteChange notes that the content changes from an offset on.
func (u *Upload) noteChange(from int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.unchanged = min(u.unchanged, from)
}

// ReadAt implements io.ReaderAt for the content so far.
func (u *Upload) ReadAt(p []byte, at int64) (int, error) {
	from := u.initialContent()
	if from.IsZero() {
		return u.writer.ReadAt(p, at)
	}
	content, err := u.service.contents().Open(from)
	if err != nil {
		return 0, err
	}
	defer func() { _ = content.Close() }()
	return content.ReadAt(p, at)
}

// initialContent returns the content to begin with, or zero once it is copied or there is none.
func (u *Upload) initialContent() forum.BlobID {
	u.initialMu.Lock()
	defer u.initialMu.Unlock()
	return u.initial
}

// Size returns the size of the file so far, in bytes.
func (u *Upload) Size() (int64, error) {
	u.initialMu.Lock()
	defer u.initialMu.Unlock()
	if !u.initial.IsZero() {
		return u.service.contents().Size(u.initial)
	}
	return u.writer.Size(), nil
}

// Truncate sets the size of the file, in bytes. Errors: those of WriteAt.
func (u *Upload) Truncate(size int64) error {
	if size == 0 {
		u.initialMu.Lock()
		u.initial = forum.BlobID{}
		u.initialMu.Unlock()
	}
	if err := errors.Join(u.fill(), u.reserve(0, size)); err != nil {
		return err
	}
	u.noteChange(size)
	return u.writer.Truncate(size)
}

// Sync returns when all bytes written before are durable. Errors: Limited, after which nothing
// is lost.
func (u *Upload) Sync(ctx context.Context) error {
	if err := u.service.checkPace(u.actor, limit.Changing); err != nil {
		return err
	}
	if err := u.storeRow(); err != nil {
		return err
	}
	return u.writer.Sync(ctx)
}

// SetModified sets the time at which the file was last changed on its uploader's machine, as
// FileService.SetModified does. The zero time stands for the time of Complete.
func (u *Upload) SetModified(t time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.modified = clampModified(t)
}

// Modified returns the time set by SetModified, or the forum's time if none was set.
func (u *Upload) Modified() time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.modified.IsZero() {
		return u.service.Clock()
	}
	return u.modified
}

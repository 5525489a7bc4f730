package forum

import (
	"cmp"
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

// UploadOptions say how a file comes in.
type UploadOptions struct {
	Declared int64 // bytes announced, when the protocol does; reserved at once
	Replace  bool  // an own file of that name may be replaced
	Keep     bool  // go on with what is there: an unfinished upload, or an own file's content
}

// Upload is one file on its way in. What it has is the owner's alone until Complete. Its
// methods may be called from several goroutines; Complete or Leave ends it.
type Upload struct {
	service *Service
	actor   Actor
	change  partChange // names the part in every change of it
	replace bool
	writer  BlobWriter

	base sync.Mutex
	from BlobID // the content to begin with, until something is written or read

	mu       sync.Mutex
	reserved int64
	refused  error // by a quota, or no file can be so; the rest of the upload is of no use
	modified time.Time
}

// An upload reserves as much again of the quotas as it has, at least minReserve and at
// most maxReserve bytes: so a small one takes no room from others, and a large one asks
// rarely.
const (
	minReserve = 1 << 20
	maxReserve = 16 << 20
)

// Upload begins a file, or goes on with one. Errors: Invalid name; NotFound; Denied for a
// file of somebody else; Conflict when the file exists and may not be replaced, or is
// being uploaded already; Limited.
func (s *Service) Upload(ctx context.Context, actor Actor, at Place, name string, o UploadOptions) (*Upload, error) {
	name, err := CleanFileName(name)
	if err != nil {
		return nil, err
	}
	begun, err := submit[begunUpload](ctx, s.Journal, &beginUpload{
		By: actor.User, At: s.Clock(), Place: at, Name: name, Blob: NewBlobID(),
		Size: o.Declared, Keep: o.Keep, Replace: o.Replace, Quotas: s.Quotas,
	})
	if err != nil {
		return nil, err
	}
	u := &Upload{service: s, actor: actor, replace: o.Replace, reserved: begun.Part.Size}
	u.change = partChange{By: actor.User, Folder: begun.Part.Folder, Name: begun.Part.Name, Blob: begun.Part.Blob}
	s.forget(begun.Unnamed)
	if begun.Resumed {
		u.writer, err = s.Blobs.Resume(begun.Part.Blob)
		if KindOf(err) != NotFound {
			return u, err
		}
	}
	u.from = begun.From
	if u.writer, err = s.Blobs.Create(begun.Part.Blob); err != nil {
		return nil, errors.Join(err, u.Leave(ctx, false))
	}
	return u, nil
}

// fill copies the content to begin with, the first time it matters.
func (u *Upload) fill() error {
	u.base.Lock()
	defer u.base.Unlock()
	if u.from.IsZero() {
		return nil
	}
	if err := u.copy(u.from); err != nil {
		return err
	}
	u.from = BlobID{}
	return nil
}

// copy fills the upload with an earlier content.
func (u *Upload) copy(from BlobID) error {
	content, err := u.service.Blobs.Open(from)
	if err != nil {
		return err
	}
	defer content.Close()
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
	return u.writer.WriteAt(p, at)
}

// ReadAt reads what was written so far.
func (u *Upload) ReadAt(p []byte, at int64) (int, error) {
	if err := u.fill(); err != nil {
		return 0, err
	}
	return u.writer.ReadAt(p, at)
}

// Size returns how many bytes the file has so far.
func (u *Upload) Size() (int64, error) {
	u.base.Lock()
	defer u.base.Unlock()
	if !u.from.IsZero() {
		return u.service.Blobs.Size(u.from)
	}
	return u.writer.Size(), nil
}

// Truncate makes the file size bytes long. Errors as of WriteAt.
func (u *Upload) Truncate(size int64) error {
	if size == 0 {
		u.base.Lock()
		u.from = BlobID{}
		u.base.Unlock()
	}
	if err := errors.Join(u.fill(), u.reserve(0, size)); err != nil {
		return err
	}
	return u.writer.Truncate(size)
}

// Sync returns when what was written before is durable.
func (u *Upload) Sync(ctx context.Context) error { return u.writer.Sync(ctx) }

// SetModified keeps when the file was last changed on its uploader's machine.
func (u *Upload) SetModified(t time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.modified = t
}

// reserve makes sure that the quotas have room for length bytes at an offset.
func (u *Upload) reserve(at, length int64) error {
	need := at + length
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.refused == nil && (at < 0 || length < 0 || need < at) {
		u.refused = Errorf(Invalid, "No file is that long.")
	}
	if u.refused != nil || need <= u.reserved {
		return u.refused
	}
	c := &reservePart{partChange: u.change, Need: need, Want: need + min(max(need, minReserve), maxReserve), Quotas: u.service.Quotas}
	c.At = u.service.Clock()
	size, err := submit[int64](context.Background(), u.service.Journal, c)
	if err != nil {
		if KindOf(err) == Limited {
			u.refused = err
		}
		return err
	}
	u.reserved = size
	return nil
}

// Complete makes the file durable and shows it to others, unless its name is a
// temporary one. On an error nothing is shown. Errors as of Upload and WriteAt.
func (u *Upload) Complete(ctx context.Context) (Uploaded, error) {
	err := u.fill()
	u.mu.Lock()
	refused, modified := u.refused, u.modified
	u.mu.Unlock()
	if err := cmp.Or(refused, err); err != nil {
		return Uploaded{}, errors.Join(err, u.Leave(ctx, false))
	}
	sha256, err := u.writer.Finish(ctx)
	if err != nil {
		return Uploaded{}, errors.Join(err, u.Leave(ctx, true))
	}
	c := &completePart{
		partChange: u.change, Size: u.writer.Size(), SHA256: sha256, Modified: modified,
		Replace: u.replace, Quotas: u.service.Quotas,
	}
	c.At = u.service.Clock()
	// The writer stays open until the content is named, so that no sweep takes it.
	done, err := submit[Uploaded](ctx, u.service.Journal, c)
	if err != nil {
		return done, errors.Join(err, u.Leave(ctx, false))
	}
	err = u.writer.Close()
	u.service.forget(done.unnamed)
	return done, err
}

// Leave ends an upload that was cut off. What is durable is kept for its owner to go on
// with, for a day, or given up at once.
func (u *Upload) Leave(ctx context.Context, keep bool) error {
	u.mu.Lock()
	keep = keep && u.refused == nil
	u.mu.Unlock()
	var err error
	if u.writer != nil {
		err = u.writer.Close()
	}
	c := &leavePart{partChange: u.change, Keep: keep}
	c.At = u.service.Clock()
	if size, err := u.service.Blobs.Size(u.change.Blob); err == nil {
		c.Size = size
	}
	unnamed, leaveErr := submit[[]BlobID](context.WithoutCancel(ctx), u.service.Journal, c)
	u.service.forget(unnamed)
	return errors.Join(err, leaveErr)
}

// forget frees blobs that no row names any more. What it cannot free now, Sweep will.
func (s *Service) forget(blobs []BlobID) {
	if len(blobs) > 0 {
		_ = s.Blobs.Remove(context.Background(), blobs...)
	}
}

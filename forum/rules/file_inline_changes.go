package rules

import (
	"slices"
	"time"

	"sshforum/forum"
)

// storeFile begins and completes an upload that had no row.
type storeFile struct {
	beginUpload

	SHA256      [32]byte
	Content     []byte
	Modified    time.Time
	Placeholder bool
}

func (c *storeFile) apply(tx forum.Tx, by forum.User) (Uploaded, error) {
	to, _, err := c.target(tx, by)
	if err != nil {
		return Uploaded{}, err
	}
	if _, other := to.part(tx); other {
		return Uploaded{}, errGivenUp(c.Name)
	}
	p := c.newPart(to)
	p.Size = 0 // nothing is reserved
	whole := &completePart{
		partChange: changeOf(p), Size: c.Size, SHA256: c.SHA256, Modified: c.Modified,
		Replace: c.Replace, Placeholder: c.Placeholder, Quotas: c.Quotas,
	}
	whole.origin = c.origin
	done, err := whole.complete(tx, by, p)
	if err != nil {
		return done, err
	}
	done.unnamed = slices.DeleteFunc(done.unnamed, func(id forum.BlobID) bool { return id == c.Blob })
	if done.File.Blob == c.Blob {
		tx.PutInline(c.Blob, c.Content)
	}
	return done, nil
}

// healContent replaces the bytes of an inline content, which are damaged.
type healContent struct {
	origin
	SHA256  [32]byte
	Content []byte
}

func (c *healContent) apply(tx forum.Tx, _ forum.User) (nothing, error) {
	if stored, ok := tx.Content(c.SHA256); ok && tx.IsInline(stored.Blob) {
		tx.PutInline(stored.Blob, c.Content)
	}
	return nothing{}, nil
}

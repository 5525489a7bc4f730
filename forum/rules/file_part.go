package rules

import (
	"strings"

	"sshforum/forum"
)

// hasTemporaryName reports whether p has a temporary name, so that only its owner sees it even
// if it is whole. In an inbox the stored name begins with the owner's name.
func hasTemporaryName(owner forum.User, p forum.Part) bool {
	name := p.Name
	if p.Folder.Inbox != 0 {
		name = strings.TrimPrefix(name, forum.DropPrefix(owner.Name))
	}
	return forum.Temporary(name)
}

// makeWhole returns p as a whole part, and counts its content like that of a file. It drops the
// row of p; the caller must put a row of a part or of a file. unnamed are the blobs that no row
// names any more.
func makeWhole(tx forum.Tx, p forum.Part, size int64, sha256 [32]byte) (whole forum.Part, unnamed []forum.BlobID) {
	tx.DropPart(p)
	base := p.SHA256
	p.Whole, p.Size, p.SHA256 = true, size, sha256
	p.Blob, unnamed = retain(tx, p)
	return p, append(unnamed, release(tx, base)...)
}

// dropPart drops a part, and returns the blobs that no row names any more.
func dropPart(tx forum.Tx, p forum.Part) (unnamed []forum.BlobID) {
	tx.DropPart(p)
	unnamed = release(tx, p.SHA256)
	if !p.Whole {
		unnamed = append(unnamed, p.Blob)
	}
	return unnamed
}

// reopen returns p as a part to write to. It keeps its blob, unless p is whole and its content
// is inline or shared with others: then its blob is other. If the blob is empty, from has the content to begin
// with, or is zero. It drops the row of p; the caller must put one.
func reopen(tx forum.Tx, p forum.Part, other forum.BlobID) (opened forum.Part, from forum.BlobID) {
	tx.DropPart(p)
	base, _ := tx.Content(p.SHA256)
	if !p.Whole {
		return p, base.Blob
	}
	p.Whole = false
	if base.Refs > 1 || tx.IsInline(base.Blob) {
		p.Blob = other
		return p, base.Blob
	}
	release(tx, p.SHA256)
	p.SHA256 = [32]byte{}
	return p, forum.BlobID{}
}

// retain adds a reference to the content of p, and returns the blob that has it. That is an
// earlier blob if the same content is stored already; then unnamed has the blob of p.
func retain(tx forum.Tx, p forum.Part) (blob forum.BlobID, unnamed []forum.BlobID) {
	c, known := tx.Content(p.SHA256)
	if !known {
		c = forum.Content{SHA256: p.SHA256, Blob: p.Blob}
	} else if c.Blob != p.Blob {
		unnamed = []forum.BlobID{p.Blob}
	}
	c.Refs++
	tx.PutContent(c)
	return c.Blob, unnamed
}

// release drops a reference to a content. It returns the blob if that was the last reference,
// unless the content was inline.
func release(tx forum.Tx, sha256 [32]byte) (unnamed []forum.BlobID) {
	c, ok := tx.Content(sha256)
	if !ok {
		return nil
	}
	if c.Refs--; c.Refs > 0 {
		tx.PutContent(c)
		return nil
	}
	inline := tx.IsInline(c.Blob)
	tx.DropContent(c)
	if inline {
		return nil
	}
	return []forum.BlobID{c.Blob}
}

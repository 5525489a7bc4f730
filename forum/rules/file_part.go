package rules

import (
	"strings"

	"sshforum/forum"
)

// waits reports whether a part that is complete stays its owner's alone, since its name is
// a temporary one. In an inbox the owner's name stands before it.
func waits(owner forum.User, p forum.Part) bool {
	name := p.Name
	if p.Folder.Inbox != 0 {
		name = strings.TrimPrefix(name, forum.DropPrefix(owner.Name))
	}
	return forum.Temporary(name)
}

// makeWhole returns p with all of its content, which is counted like that of a file. The
// row of p is gone, for the caller to write that of a part or of a file.
func makeWhole(tx forum.Tx, p forum.Part, size int64, sha256 [32]byte) (whole forum.Part, unnamed []forum.BlobID) {
	tx.DropPart(p)
	base := p.SHA256
	p.Whole, p.Size, p.SHA256 = true, size, sha256
	p.Blob, unnamed = share(tx, p)
	return p, append(unnamed, release(tx, base)...)
}

// dropPart gives up a part, and returns the blobs that nothing has any more.
func dropPart(tx forum.Tx, p forum.Part) (unnamed []forum.BlobID) {
	tx.DropPart(p)
	unnamed = release(tx, p.SHA256)
	if !p.Whole {
		unnamed = append(unnamed, p.Blob)
	}
	return unnamed
}

// reopen makes p, which may be whole, one that is being written: in its own blob, or, where
// others have its content, in another. Where that blob is empty the content to begin with
// is in from, if there is one.
func reopen(tx forum.Tx, p forum.Part, other forum.BlobID) (opened forum.Part, from forum.BlobID) {
	tx.DropPart(p)
	base, _ := tx.Content(p.SHA256)
	if !p.Whole {
		return p, base.Blob
	}
	p.Whole = false
	if base.Refs > 1 {
		p.Blob = other
		return p, base.Blob
	}
	release(tx, p.SHA256)
	p.SHA256 = [32]byte{}
	return p, forum.BlobID{}
}

// share counts one more of p's content, and returns the blob that holds it: an earlier one
// when the same content is there already.
func share(tx forum.Tx, p forum.Part) (blob forum.BlobID, unnamed []forum.BlobID) {
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

// release counts one less of a content, and returns its blob when that was the last.
func release(tx forum.Tx, sha256 [32]byte) (unnamed []forum.BlobID) {
	c, ok := tx.Content(sha256)
	if !ok {
		return nil
	}
	if c.Refs--; c.Refs > 0 {
		tx.PutContent(c)
		return nil
	}
	tx.DropContent(c)
	return []forum.BlobID{c.Blob}
}

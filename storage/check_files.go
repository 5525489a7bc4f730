package storage

import (
	"maps"

	"sshforum/forum"
)

// uploadEntry checks that the entry of an upload leads to its file.
func (c *checker) uploadEntry(t forum.Thread, m forum.Message) {
	f, ok := c.File(forum.Folder{Thread: t.ID}, m.Upload)
	if !t.Removed.Done() && (!ok || f.Line != m.ID.Seq) {
		c.Report("the line %s has no file %q", m.ID, m.Upload)
	}
}

// files checks the counts over files: how many bytes they use, and how many of them have each
// content.
func (c *checker) files() {
	used, refs := make(map[string]int64), make(map[[32]byte]uint64)
	use := func(in forum.Folder, owner forum.UserID, n int64) {
		for _, key := range [][]byte{usedKey, ownerKey(owner), folderKey(in)} {
			used[string(key)] += n
		}
	}
	for p := range c.Parts(forum.Folder{}) {
		use(p.Folder, p.Owner, p.Size)
		if p.SHA256 != [32]byte{} {
			refs[p.SHA256]++
		}
		if !p.Whole {
			c.named(p.Blob)
		} else if content, ok := c.Content(p.SHA256); !ok || content.Blob != p.Blob {
			c.Report("upload %q has another content than its hash says", p.Name)
		}
	}
	for f := range c.Files(forum.Folder{}) {
		use(f.Folder, f.From, f.Size)
		refs[f.SHA256]++
		if content, ok := c.Content(f.SHA256); !ok || content.Blob != f.Blob {
			c.Report("file %q has another content than its hash says", f.Name)
		}
	}
	c.contents(refs)
	for id := range c.UnnamedBlobs() {
		if c.BlobNamed(id) {
			c.Report("blob %s has a name and is listed as unnamed", id)
		}
	}
	c.scan(usedBucket, nil, nil, func(k, _ []byte) bool {
		if n := int64(c.getUint(usedBucket, k)); n != used[string(k)] || n == 0 {
			c.Report("files use %d bytes for %x, not %d", used[string(k)], k, n)
		}
		return true
	})
	maps.DeleteFunc(used, func(_ string, n int64) bool { return n == 0 })
	c.keys[usedBucket] = len(used)
}

func (c *checker) contents(refs map[[32]byte]uint64) {
	c.keys[contentsBucket] = len(refs)
	for sha256, n := range refs {
		content, _ := c.Content(sha256)
		if content.Refs != n {
			c.Report("%d files and uploads have the content %x, not %d", n, sha256, content.Refs)
		}
		c.named(content.Blob)
		if c.IsInline(content.Blob) {
			c.keys[inlineBucket]++
		}
	}
}

// named checks that blobsBucket has the key of a blob.
func (c *checker) named(id forum.BlobID) {
	c.keys[blobsBucket]++
	c.mustHave(blobsBucket, id[:])
}

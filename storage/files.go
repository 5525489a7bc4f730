package storage

import (
	"encoding/binary"
	"iter"

	"sshforum/forum"
)

func (r *reader) File(in forum.Folder, name string) (forum.File, bool) {
	row, ok := load[fileRow](r, filesBucket, fileKey(in, name))
	if !ok {
		return forum.File{}, false
	}
	return row.file(in, name), true
}

func (r *reader) Files(in forum.Folder) iter.Seq[forum.File] {
	prefix := folderPrefix(in)
	return func(yield func(forum.File) bool) {
		r.scan(filesBucket, prefix, prefix, func(k, v []byte) bool {
			in, ok := parseFolderKey(k[:min(len(k), folderKeyLen)])
			if !ok {
				r.fail(filesBucket, k, errMalformed)
				return false
			}
			row, ok := decode[fileRow](r, filesBucket, k, v)
			return ok && yield(row.file(in, string(k[folderKeyLen:])))
		})
	}
}

func (r *reader) Part(in forum.Folder, owner forum.UserID, name string) (forum.Part, bool) {
	row, ok := load[partRow](r, partsBucket, partKey(in, owner, name))
	if !ok {
		return forum.Part{}, false
	}
	return row.part(in, owner, name), true
}

func (r *reader) Parts(in forum.Folder) iter.Seq[forum.Part] {
	prefix := folderPrefix(in)
	return func(yield func(forum.Part) bool) {
		r.scan(partsBucket, prefix, prefix, func(k, v []byte) bool {
			in, owner, name, ok := parsePartKey(k)
			if !ok {
				r.fail(partsBucket, k, errMalformed)
				return false
			}
			row, ok := decode[partRow](r, partsBucket, k, v)
			return ok && yield(row.part(in, owner, name))
		})
	}
}

func (r *reader) Content(sha256 [32]byte) (forum.Content, bool) {
	row, ok := load[contentRow](r, contentsBucket, sha256[:])
	if !ok {
		return forum.Content{}, false
	}
	return row.content(sha256), true
}

func (r *reader) BlobNamed(id forum.BlobID) bool { return r.get(blobsBucket, id[:]) != nil }

func (r *reader) Used() int64 { return int64(r.getUint(usedBucket, usedKey)) }
func (r *reader) UsedBy(owner forum.UserID) int64 {
	return int64(r.getUint(usedBucket, ownerKey(owner)))
}
func (r *reader) UsedIn(folder forum.Folder) int64 {
	return int64(r.getUint(usedBucket, folderKey(folder)))
}

func (t *tx) PutFile(f forum.File) {
	if old, ok := t.File(f.Folder, f.Name); ok {
		t.use(old.Folder, old.From, -old.Size)
	}
	t.use(f.Folder, f.From, f.Size)
	store(t, filesBucket, fileKey(f.Folder, f.Name), newFileRow(f))
}

func (t *tx) DropFile(f forum.File) {
	if old, ok := t.File(f.Folder, f.Name); ok {
		t.use(old.Folder, old.From, -old.Size)
		t.drop(filesBucket, fileKey(f.Folder, f.Name))
	}
}

func (t *tx) PutPart(p forum.Part) {
	t.DropPart(p)
	t.use(p.Folder, p.Owner, p.Size)
	if !p.Whole {
		t.put(blobsBucket, p.Blob[:], present)
	}
	store(t, partsBucket, partKey(p.Folder, p.Owner, p.Name), newPartRow(p))
}

func (t *tx) DropPart(p forum.Part) {
	old, ok := t.Part(p.Folder, p.Owner, p.Name)
	if !ok {
		return
	}
	t.use(old.Folder, old.Owner, -old.Size)
	if !old.Whole {
		t.drop(blobsBucket, old.Blob[:])
	}
	t.drop(partsBucket, partKey(p.Folder, p.Owner, p.Name))
}

func (t *tx) PutContent(c forum.Content) {
	t.put(blobsBucket, c.Blob[:], present)
	store(t, contentsBucket, c.SHA256[:], newContentRow(c))
}

func (t *tx) DropContent(c forum.Content) {
	t.drop(blobsBucket, c.Blob[:])
	t.drop(contentsBucket, c.SHA256[:])
}

// use counts n bytes more for a person, in a folder and in all. A count of 0 has no key.
func (t *tx) use(in forum.Folder, owner forum.UserID, n int64) {
	for _, key := range [][]byte{usedKey, ownerKey(owner), folderKey(in)} {
		used := int64(t.getUint(usedBucket, key)) + n
		switch {
		case used < 0:
			t.fail(usedBucket, key, errMalformed)
		case used == 0:
			t.drop(usedBucket, key)
		default:
			t.putUint(usedBucket, key, uint64(used))
		}
	}
}

// The keys of usedBucket: what all files use, what one person's do, and, under their
// folderKey, those of one folder.
var usedKey = []byte("all")

func ownerKey(owner forum.UserID) []byte {
	return binary.BigEndian.AppendUint64([]byte{'p'}, uint64(owner))
}

// folderKey sorts a folder's files together.
func folderKey(in forum.Folder) []byte {
	if in.Inbox != 0 {
		return binary.BigEndian.AppendUint64([]byte{'i'}, uint64(in.Inbox))
	}
	return binary.BigEndian.AppendUint64([]byte{'t'}, uint64(in.Thread))
}

// folderPrefix is folderKey, or nothing for the zero Folder, which stands for all.
func folderPrefix(in forum.Folder) []byte {
	if in == (forum.Folder{}) {
		return nil
	}
	return folderKey(in)
}

const folderKeyLen = 9

func parseFolderKey(k []byte) (in forum.Folder, ok bool) {
	if len(k) != folderKeyLen {
		return in, false
	}
	id := binary.BigEndian.Uint64(k[1:])
	switch k[0] {
	case 'i':
		return forum.Folder{Inbox: forum.UserID(id)}, id != 0
	case 't':
		return forum.Folder{Thread: forum.ThreadID(id)}, id != 0
	}
	return in, false
}

func fileKey(in forum.Folder, name string) []byte { return append(folderKey(in), name...) }

func partKey(in forum.Folder, owner forum.UserID, name string) []byte {
	return append(binary.BigEndian.AppendUint64(folderKey(in), uint64(owner)), name...)
}

func parsePartKey(k []byte) (in forum.Folder, owner forum.UserID, name string, ok bool) {
	if len(k) <= folderKeyLen+8 {
		return in, 0, "", false
	}
	in, ok = parseFolderKey(k[:folderKeyLen])
	return in, forum.UserID(binary.BigEndian.Uint64(k[folderKeyLen:])), string(k[folderKeyLen+8:]), ok
}

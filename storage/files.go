package storage

import (
	"encoding/binary"
	"iter"

	"sshforum/forum"
)

// filePlace identifies a file: its folder and its name.
type filePlace struct {
	in   forum.Folder
	name string
}

// partPlace identifies a part: the folder that it is uploaded to, its owner and its name.
type partPlace struct {
	in    forum.Folder
	owner forum.UserID
	name  string
}

func placeOf(p forum.Part) partPlace { return partPlace{p.Folder, p.Owner, p.Name} }

var (
	fileRecords = records[filePlace, forum.File, fileRow]{
		filesBucket, fileKey, parseFileKey, newFileRow, fileRow.file,
	}
	partRecords = records[partPlace, forum.Part, partRow]{
		partsBucket, partKey, parsePartKey, newPartRow, partRow.part,
	}
	contentRecords = records[[32]byte, forum.Content, contentRow]{
		contentsBucket, hashKey, parseHashKey, newContentRow, contentRow.content,
	}
)

func (r *reader) File(in forum.Folder, name string) (forum.File, bool) {
	return fileRecords.find(r, filePlace{in, name})
}

func (r *reader) Files(in forum.Folder) iter.Seq[forum.File] {
	return fileRecords.within(r, folderPrefix(in))
}

func (r *reader) Part(in forum.Folder, owner forum.UserID, name string) (forum.Part, bool) {
	return partRecords.find(r, partPlace{in, owner, name})
}

func (r *reader) Parts(in forum.Folder) iter.Seq[forum.Part] {
	return partRecords.within(r, folderPrefix(in))
}

func (r *reader) Content(sha256 [32]byte) (forum.Content, bool) {
	return contentRecords.find(r, sha256)
}

func (r *reader) BlobNamed(id forum.BlobID) bool { return r.get(blobsBucket, id[:]) != nil }

func (r *reader) Inline(id forum.BlobID) (content []byte, ok bool) {
	content = r.get(inlineBucket, id[:])
	return content, content != nil
}

func (r *reader) IsInline(id forum.BlobID) bool {
	return r.fault == nil && len(r.bucket(inlineBucket).Keys(id[:], id[:], 1)) > 0
}

func (r *reader) Used() int64 { return int64(r.getUint(usedBucket, usedKey)) }
func (r *reader) UsedBy(owner forum.UserID) int64 {
	return int64(r.getUint(usedBucket, ownerKey(owner)))
}
func (r *reader) UsedIn(folder forum.Folder) int64 {
	return int64(r.getUint(usedBucket, folderKey(folder)))
}

func (t *tx) PutFile(f forum.File) {
	if old, ok := t.File(f.Folder, f.Name); ok {
		t.addUsed(old.Folder, old.From, -old.Size)
	}
	t.addUsed(f.Folder, f.From, f.Size)
	fileRecords.put(t, filePlace{f.Folder, f.Name}, f)
}

func (t *tx) DropFile(f forum.File) {
	if old, ok := t.File(f.Folder, f.Name); ok {
		t.addUsed(old.Folder, old.From, -old.Size)
		fileRecords.drop(t, filePlace{f.Folder, f.Name})
	}
}

func (t *tx) PutPart(p forum.Part) {
	t.DropPart(p)
	t.addUsed(p.Folder, p.Owner, p.Size)
	if !p.Whole {
		t.put(blobsBucket, p.Blob[:], presentValue)
	}
	partRecords.put(t, placeOf(p), p)
}

func (t *tx) DropPart(p forum.Part) {
	old, ok := partRecords.find(&t.reader, placeOf(p))
	if !ok {
		return
	}
	t.addUsed(old.Folder, old.Owner, -old.Size)
	if !old.Whole {
		t.drop(blobsBucket, old.Blob[:])
	}
	partRecords.drop(t, placeOf(p))
}

func (t *tx) PutContent(c forum.Content) {
	t.put(blobsBucket, c.Blob[:], presentValue)
	contentRecords.put(t, c.SHA256, c)
}

func (t *tx) DropContent(c forum.Content) {
	t.drop(blobsBucket, c.Blob[:])
	if t.IsInline(c.Blob) {
		t.drop(inlineBucket, c.Blob[:])
	}
	contentRecords.drop(t, c.SHA256)
}

func (t *tx) PutInline(id forum.BlobID, content []byte) { t.put(inlineBucket, id[:], content) }

// addUsed adds n bytes to the count of a person, of a folder, and of all files. A count of 0
// has no key.
func (t *tx) addUsed(in forum.Folder, owner forum.UserID, n int64) {
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

// The keys of usedBucket: usedKey counts the bytes of all files, ownerKey those of one account,
// and folderKey those of one folder.
var usedKey = []byte("all")

func ownerKey(owner forum.UserID) []byte {
	return binary.BigEndian.AppendUint64([]byte{'p'}, uint64(owner))
}

// folderKey returns the prefix of the keys of a folder's files, which sorts them together.
func folderKey(in forum.Folder) []byte {
	if in.Inbox != 0 {
		return binary.BigEndian.AppendUint64([]byte{'i'}, uint64(in.Inbox))
	}
	return binary.BigEndian.AppendUint64([]byte{'t'}, uint64(in.Thread))
}

// folderPrefix is folderKey, or nil for the zero Folder, which stands for all folders.
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

func fileKey(at filePlace) []byte { return append(folderKey(at.in), at.name...) }

func parseFileKey(k []byte) (at filePlace, ok bool) {
	n := min(len(k), folderKeyLen)
	at.in, ok = parseFolderKey(k[:n])
	at.name = string(k[n:])
	return at, ok
}

func partKey(at partPlace) []byte {
	return append(binary.BigEndian.AppendUint64(folderKey(at.in), uint64(at.owner)), at.name...)
}

func parsePartKey(k []byte) (at partPlace, ok bool) {
	if len(k) <= folderKeyLen+8 {
		return at, false
	}
	at.in, ok = parseFolderKey(k[:folderKeyLen])
	at.owner = forum.UserID(binary.BigEndian.Uint64(k[folderKeyLen:]))
	at.name = string(k[folderKeyLen+8:])
	return at, ok
}

func hashKey(hash [32]byte) []byte { return hash[:] }

func parseHashKey(k []byte) (hash [32]byte, ok bool) {
	return hash, copy(hash[:], k) == len(hash) && len(k) == len(hash)
}

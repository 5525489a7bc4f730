package rules

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"sshforum/forum"
)

// Place names a folder the way people do. The zero Place names no folder.
type Place struct {
	Thread string // title of a thread
	Person string // name of the person whose inbox it is
	Own    bool   // the actor's own inbox
}

// FileInfo is a file as a list of files shows it.
type FileInfo struct {
	forum.File
	Uploader string
	Part     bool // only its owner sees it: it is not complete, or has a temporary name
	Folded   bool // it is in a thread, by a person whom the actor has blocked: its name must not be shown
}

// Files returns the files of a place, sorted by name. Errors: NotFound; Denied if it is the
// inbox of another person.
func (s *FileService) Files(ctx context.Context, actor Actor, at Place) (files []FileInfo, err error) {
	err = s.viewAs(actor, func(r forum.Reader, u forum.User) error {
		folder, err := listableFolder(r, u, at)
		if err != nil {
			return err
		}
		blocked := setOf(r.Blocks(u.ID))
		for f := range r.Files(folder) {
			files = append(files, FileInfo{File: f, Uploader: authorName(r, f.From), Folded: folder.Thread != 0 && blocked[f.From]})
		}
		return nil
	})
	slices.SortFunc(files, func(a, b FileInfo) int { return cmp.Compare(a.Name, b.Name) })
	return files, err
}

// Unfinished returns the actor's parts in a place, by name, except those that will replace a
// file. Errors: those of Files.
func (s *FileService) Unfinished(ctx context.Context, actor Actor, at Place) (uploads []FileInfo, err error) {
	s.storeRows(actor, at)
	err = s.viewAs(actor, func(r forum.Reader, u forum.User) error {
		folder, err := listableFolder(r, u, at)
		if err != nil {
			return err
		}
		for p := range r.Parts(folder) {
			if _, whole := r.File(folder, p.Name); p.Owner == u.ID && !whole {
				uploads = append(uploads, s.partInfo(r, p))
			}
		}
		return nil
	})
	return uploads, err
}

// File returns a file as the actor sees it. If there is no such file, it returns the actor's
// own part of that name, with the size written so far. Errors: NotFound; Denied.
func (s *FileService) File(ctx context.Context, actor Actor, at Place, name string) (FileInfo, error) {
	return s.find(actor, at, name, false)
}

// Resumable returns the part or file that an Upload with Resume would continue: the actor's own
// part, even if there is a file of that name, and otherwise the file. Its size is the offset at
// which the upload continues. That is less than the size in File if the part has gaps. Errors:
// NotFound; Denied.
func (s *FileService) Resumable(ctx context.Context, actor Actor, at Place, name string) (FileInfo, error) {
	info, err := s.find(actor, at, name, true)
	if err == nil && info.Part {
		info.Size, _ = s.contents().Size(info.Blob) // 0 before the first byte
	}
	return info, err
}

func (s *FileService) find(actor Actor, at Place, name string, resume bool) (info FileInfo, err error) {
	name = forum.FileKey(name)
	s.storeRows(actor, at, name)
	err = s.viewAs(actor, func(r forum.Reader, u forum.User) error {
		folder, err := shownFolder(r, u, at)
		if err != nil {
			return err
		}
		address := newFileAddress(u, folder, at, name)
		p, unfinished := address.part(r)
		f, whole := address.file(r)
		switch {
		case unfinished && (resume || !whole):
			info = s.partInfo(r, p)
		case whole:
			info = FileInfo{File: f, Uploader: authorName(r, f.From)}
		default:
			return noFile(name, at)
		}
		return nil
	})
	return info, err
}

// partInfo returns a part as the file that it will be, with the size written so far.
func (s *FileService) partInfo(r forum.Reader, p forum.Part) FileInfo {
	size := p.Size
	if !p.Whole {
		size = s.written(p.Blob)
	}
	return FileInfo{Part: true, Uploader: authorName(r, p.Owner), File: forum.File{
		Folder: p.Folder, Name: p.Name, From: p.Owner, Blob: p.Blob, Origin: p.Blob, Size: size, SHA256: p.SHA256,
		Uploaded: p.Touched, Modified: modified(p), Placeholder: p.Placeholder,
	}}
}

// written returns the size of a blob in bytes, including gaps: 0 before the first byte.
func (s *FileService) written(id forum.BlobID) int64 {
	content, err := s.cfg.Blobs.Open(id)
	if err != nil {
		return 0
	}
	defer func() { _ = content.Close() }()
	return content.Size()
}

func modified(p forum.Part) time.Time {
	if p.Modified.IsZero() {
		return p.Touched
	}
	return p.Modified
}

// The range of times in SFTP: the seconds since 1970 in 32 bits (draft-ietf-secsh-filexfer-02,
// section 5).
var (
	firstModified = time.Unix(0, 0)
	lastModified  = time.Unix(math.MaxUint32, 0) // in 2106
)

// clampModified returns t, or the nearest time in the range of SFTP. It returns the zero time,
// which stands for no time, unchanged.
func clampModified(t time.Time) time.Time {
	switch {
	case t.IsZero():
	case t.Before(firstModified):
		return firstModified
	case t.After(lastModified):
		return lastModified
	}
	return t
}

// OpenFile opens a file for reading. The reader also reads bytes that are appended later. The
// caller must close it. Errors: NotFound; Denied.
func (s *FileService) OpenFile(ctx context.Context, actor Actor, at Place, name string) (FileInfo, forum.BlobReader, error) {
	info, err := s.File(ctx, actor, at, name)
	if err == nil && at.Person != "" && !info.Part {
		err = forum.Errorf(forum.Denied, "You can send files to %s here, but not read them.", forum.Printable(at.Person))
	}
	if err != nil {
		return info, nil, err
	}
	content, err := s.openContent(actor, at, name, info.Blob, info.Origin)
	return info, content, err
}

// Sums returns the hashes of a whole file. The first call for a content may take about two
// seconds per gigabyte. Errors: NotFound; Denied; Conflict if it is still being uploaded.
func (s *FileService) Sums(ctx context.Context, actor Actor, at Place, name string) (forum.Sums, error) {
	info, err := s.File(ctx, actor, at, name)
	if err != nil {
		return forum.Sums{}, err
	}
	return s.contents().Sums(ctx, info.Blob)
}

// placeFolder returns the folder that a place names for u. Errors: NotFound.
func placeFolder(r forum.Reader, u forum.User, at Place) (forum.Folder, error) {
	switch {
	case at.Own:
		return forum.Folder{Inbox: u.ID}, nil
	case at.Person != "":
		to, ok := r.UserByName(forum.NameKey(at.Person))
		if !ok || !to.Closed.IsZero() {
			return forum.Folder{}, forum.Errorf(forum.NotFound, "There is no account %s.", forum.Printable(at.Person))
		}
		return forum.Folder{Inbox: to.ID}, nil
	default:
		t, err := openThread(r, u, forum.TitleKey(at.Thread))
		return forum.Folder{Thread: t.ID}, err
	}
}

// shownFolder is placeFolder for reading only.
func shownFolder(r forum.Reader, u forum.User, at Place) (forum.Folder, error) {
	if at.Own || at.Person != "" {
		return placeFolder(r, u, at)
	}
	t, err := shownThread(r, u, forum.TitleKey(at.Thread))
	return forum.Folder{Thread: t.ID}, err
}

// listableFolder is shownFolder for a folder whose files u may list. Errors: NotFound; Denied.
func listableFolder(r forum.Reader, u forum.User, at Place) (forum.Folder, error) {
	folder, err := shownFolder(r, u, at)
	if err == nil && at.Person != "" {
		err = forum.Errorf(forum.Denied, "You can send files to %s here, but not list them.", forum.Printable(at.Person))
	}
	return folder, err
}

// fileAddress is a folder and the name of a file in it, for one user.
type fileAddress struct {
	user   forum.User
	folder forum.Folder
	name   string // as stored in the folder
	drop   bool   // the folder is the inbox of Place.Person
}

// locate returns the address of a file name in a place, for u. In another person's inbox the
// stored name begins with the name of its sender. Errors: NotFound.
func locate(r forum.Reader, u forum.User, at Place, name string) (fileAddress, error) {
	folder, err := placeFolder(r, u, at)
	if err != nil {
		return fileAddress{}, err
	}
	return newFileAddress(u, folder, at, name), nil
}

func newFileAddress(u forum.User, folder forum.Folder, at Place, name string) fileAddress {
	if at.Person != "" {
		name = forum.DropPrefix(u.Name) + name
	}
	return fileAddress{user: u, folder: folder, name: name, drop: at.Person != ""}
}

// part returns the user's own part at the address.
func (s fileAddress) part(r forum.Reader) (forum.Part, bool) {
	return r.Part(s.folder, s.user.ID, s.name)
}

// file returns the whole file at the address. In another person's inbox the user sees only
// files that they have put there.
func (s fileAddress) file(r forum.Reader) (forum.File, bool) {
	f, ok := r.File(s.folder, s.name)
	return f, ok && (!s.drop || f.From == s.user.ID)
}

func noFile(name string, at Place) error {
	if at.Thread == "" {
		return forum.Errorf(forum.NotFound, "File %s does not exist", forum.Printable(name))
	}
	return forum.Errorf(forum.NotFound, "File %s does not exist in Thread %s", forum.Printable(name), forum.Printable(at.Thread))
}

// folderText returns the name of a folder for people.
func folderText(r forum.Reader, folder forum.Folder) string {
	if folder.Inbox != 0 {
		return "the inbox of " + authorName(r, folder.Inbox)
	}
	t, _ := r.Thread(folder.Thread)
	return "Thread " + t.Title
}

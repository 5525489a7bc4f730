package rules

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"sshforum/forum"
)

// Place names a folder the way people do. The zero Place is none.
type Place struct {
	Thread string // title of a thread
	Person string // name of whom the files are for
	Own    bool   // the actor's own inbox
}

// FileInfo is a file with what its listing shows.
type FileInfo struct {
	forum.File
	Uploader string
	Part     bool // its owner's alone: not complete, or under a temporary name
	Folded   bool // in a thread, by somebody the actor has blocked: its name is not to be shown
}

// Files returns the files of a place by name. Errors: NotFound; Denied for the inbox of
// another person.
func (s *FileService) Files(ctx context.Context, actor Actor, at Place) (files []FileInfo, err error) {
	err = s.viewAs(actor, func(r forum.Reader, u forum.User) error {
		folder, err := readable(r, u, at)
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

// Unfinished returns the actor's uploads in a place that others do not see, by name, but
// not those that are to replace a file. Errors as of Files.
func (s *FileService) Unfinished(ctx context.Context, actor Actor, at Place) (uploads []FileInfo, err error) {
	err = s.viewAs(actor, func(r forum.Reader, u forum.User) error {
		folder, err := readable(r, u, at)
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

// File returns a file as the actor sees it: where there is none yet, an own upload that
// is not complete, with what was written of it so far. Errors: NotFound; Denied.
func (s *FileService) File(ctx context.Context, actor Actor, at Place, name string) (FileInfo, error) {
	return s.find(actor, at, name, false)
}

// Resumable returns what an Upload that resumes goes on with: an own upload that is not
// complete, even where there is a file of that name, or else as File. Its size is where the
// upload goes on, which is less than that of File where something is missing in between.
// Errors: NotFound; Denied.
func (s *FileService) Resumable(ctx context.Context, actor Actor, at Place, name string) (FileInfo, error) {
	info, err := s.find(actor, at, name, true)
	if err == nil && info.Part {
		info.Size, _ = s.cfg.Blobs.Size(info.Blob) // 0 before the first byte
	}
	return info, err
}

func (s *FileService) find(actor Actor, at Place, name string, resume bool) (info FileInfo, err error) {
	name = forum.FileKey(name)
	err = s.viewAs(actor, func(r forum.Reader, u forum.User) error {
		folder, err := shownFolder(r, u, at)
		if err != nil {
			return err
		}
		spot := newFileAddress(u, folder, at, name)
		p, unfinished := spot.part(r)
		f, whole := spot.file(r)
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

// partInfo shows an upload that is not complete as the file it will be, with what there is
// of it.
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

// written returns how much of a blob there is, perhaps with gaps: 0 before the first byte.
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

// What SFTP counts: the seconds since 1970 in 32 bits (draft-ietf-secsh-filexfer-02,
// section 5).
var (
	firstModified = time.Unix(0, 0)
	lastModified  = time.Unix(math.MaxUint32, 0) // in 2106
)

// possible returns the nearest time to t at which a file can have been modified. The zero
// time is none, and stays that.
func possible(t time.Time) time.Time {
	switch {
	case t.IsZero():
	case t.Before(firstModified):
		return firstModified
	case t.After(lastModified):
		return lastModified
	}
	return t
}

// OpenFile opens a file for reading. What is added to its end later can be read, too. The
// caller closes the reader. Errors: NotFound; Denied.
func (s *FileService) OpenFile(ctx context.Context, actor Actor, at Place, name string) (FileInfo, forum.BlobReader, error) {
	info, err := s.File(ctx, actor, at, name)
	if err == nil && at.Person != "" && !info.Part {
		err = forum.Errorf(forum.Denied, "You can put files here for %s, but not read them.", forum.Printable(at.Person))
	}
	if err != nil {
		return info, nil, err
	}
	content, err := s.openContent(actor, at, name, info.Blob, info.Origin)
	return info, content, err
}

// Sums returns the hashes of a whole file; the first time they may take a while, two
// seconds a gigabyte. Errors: NotFound; Denied; Conflict while it is being uploaded.
func (s *FileService) Sums(ctx context.Context, actor Actor, at Place, name string) (forum.Sums, error) {
	info, err := s.File(ctx, actor, at, name)
	if err != nil {
		return forum.Sums{}, err
	}
	return s.cfg.Blobs.Sums(ctx, info.Blob)
}

// placeFolder returns the folder a place names for u. Errors: NotFound.
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

// shownFolder is placeFolder for one who reads.
func shownFolder(r forum.Reader, u forum.User, at Place) (forum.Folder, error) {
	if at.Own || at.Person != "" {
		return placeFolder(r, u, at)
	}
	t, err := shownThread(r, u, forum.TitleKey(at.Thread))
	return forum.Folder{Thread: t.ID}, err
}

// readable is shownFolder for one whose files u may list.
func readable(r forum.Reader, u forum.User, at Place) (forum.Folder, error) {
	folder, err := shownFolder(r, u, at)
	if err == nil && at.Person != "" {
		err = forum.Errorf(forum.Denied, "You can put files here for %s, but not see what is there.", forum.Printable(at.Person))
	}
	return folder, err
}

// fileAddress is where a file is, for one who looks for it.
type fileAddress struct {
	user   forum.User
	folder forum.Folder
	name   string // as the folder has it
	drop   bool   // the folder is the inbox of the person the place names
}

// locate returns where a place has a file of that name for an actor. What is put into
// somebody's inbox has its sender's name before its own. Errors: NotFound.
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

// part returns the actor's own upload there.
func (s fileAddress) part(r forum.Reader) (forum.Part, bool) {
	return r.Part(s.folder, s.user.ID, s.name)
}

// file returns the whole file there. In an inbox that is not theirs people see what they
// have put there themselves.
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

// folderText names a folder to people.
func folderText(r forum.Reader, folder forum.Folder) string {
	if folder.Inbox != 0 {
		return "the inbox of " + authorName(r, folder.Inbox)
	}
	t, _ := r.Thread(folder.Thread)
	return "Thread " + t.Title
}

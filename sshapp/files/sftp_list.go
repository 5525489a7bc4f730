package files

import (
	"io"
	"io/fs"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/pkg/sftp"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/sshapp/render"
)

// Filelist implements sftp.FileLister.
func (f *files) Filelist(r *sftp.Request) (_ sftp.ListerAt, err error) {
	defer f.contain(&err)
	if r.Method == "Readlink" {
		return nil, errUnsupported
	}
	n, err := resolve(r.Filepath)
	if err != nil {
		return nil, f.fail(err)
	}
	if r.Method == "Stat" {
		entry, err := f.stat(r.Filepath, n, f.resumable)
		return listing{entry}, f.fail(err)
	}
	if err := f.service.AwaitTurn(f.ctx, f.actor); err != nil {
		return nil, f.fail(err)
	}
	if err := f.openHandle(); err != nil {
		return nil, err
	}
	entries, err := f.list(n)
	if err != nil {
		f.closeHandle()
		return nil, f.fail(err)
	}
	return &openListing{listing: entries, files: f}, nil
}

// Lstat implements sftp.LstatFileLister; there are no links. File systems and browsers use it
// to learn what there is to read.
func (f *files) Lstat(r *sftp.Request) (_ sftp.ListerAt, err error) {
	defer f.contain(&err)
	n, err := resolve(r.Filepath)
	if err != nil {
		return nil, f.fail(err)
	}
	entry, err := f.stat(r.Filepath, n, f.whole)
	return listing{entry}, f.fail(err)
}

// whole finds a file as readers see it.
func (f *files) whole(_ string, n node) (rules.FileInfo, error) {
	return f.service.File(f.ctx, f.actor, n.place, n.name)
}

// resumable finds a file for STAT, with which clients learn where to resume an upload. FSTAT
// comes here too: a file that is open for reading is shown as readers see it.
func (f *files) resumable(path string, n node) (rules.FileInfo, error) {
	if f.isReading(path) {
		return f.whole(path, n)
	}
	info, err := f.service.Resumable(f.ctx, f.actor, n.place, n.name)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.resume = ""
	if info.Part {
		f.resume = fileKey(path)
	}
	return info, err
}

// list returns the entries of a directory. Files made by the forum, and the drop boxes, can be
// opened but are not listed, so that mirrors stay clean.
func (f *files) list(n node) (listing, error) {
	switch n.kind {
	case rootNode:
		threads, err := f.service.Threads(f.ctx, f.actor)
		entries := make(listing, len(threads))
		for i, t := range threads {
			entries[i] = directory(t.Title, t.Active, 0o755)
		}
		return entries, err
	case folderNode:
		found, err := filesIn(f.ctx, f.service, f.actor, n.place)
		entries := make(listing, len(found))
		for i, file := range found {
			entries[i] = f.file(file)
		}
		return entries, err
	case sshNode:
		entry, err := f.stat("", node{kind: keysNode}, nil)
		return listing{entry}, err
	}
	return nil, forum.Errorf(forum.Invalid, "%s is not a directory", forum.Printable(n.name))
}

// stat returns the attributes of a node; it calls find for files. A file that this session is
// writing has its present size.
func (f *files) stat(path string, n node, find func(path string, n node) (rules.FileInfo, error)) (os.FileInfo, error) {
	if w, ok := f.isWriting(path); ok {
		size, err := w.Size()
		return entry{name: n.name, size: size, mode: 0o644, modified: w.Modified(), owner: uint32(f.actor.User)}, err
	}
	switch n.kind {
	case fileNode:
		found, err := find(path, n)
		if err != nil {
			return nil, err
		}
		return f.file(found), nil
	case textNode:
		s, err := f.snapshot(n, false)
		if err != nil {
			return nil, err
		}
		size, err := s.Size()
		return entry{name: n.name, size: size, mode: 0o444, modified: s.modified()}, err
	case keysNode:
		text, err := f.keysText()
		return entry{name: keysFile, size: int64(len(text)), mode: 0o600, modified: f.service.Clock()}, err
	case folderNode:
		return f.statFolder(n)
	}
	return directory("/", f.service.Clock(), 0o755), nil
}

func (f *files) statFolder(n node) (os.FileInfo, error) {
	switch {
	case n.place.Own:
		return directory(render.InboxDir, f.service.Clock(), 0o700), nil
	case n.place.Person != "":
		u, ok, err := f.service.Lookup(n.place.Person)
		if err == nil && !ok {
			err = forum.Errorf(forum.NotFound, "There is no account %s.", forum.Printable(n.place.Person))
		}
		return directory("@"+u.Name, u.Created, 0o333), err
	}
	t, err := f.service.Thread(f.ctx, f.actor, n.place.Thread)
	return directory(t.Title, t.Active, 0o755), err
}

// file returns the entry of a file, and remembers its uploader's name for the listing.
func (f *files) file(info rules.FileInfo) entry {
	e := entry{name: info.Name, size: info.Size, mode: 0o444, modified: info.Modified, owner: uint32(info.From)}
	if info.From == f.actor.User {
		e.mode = 0o644
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.names[strconv.FormatUint(uint64(e.owner), 10)] = info.Uploader
	return e
}

// LookupUserName implements sftp.NameLookupFileLister.
func (f *files) LookupUserName(id string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if name, ok := f.names[id]; ok {
		return forum.Printable(name)
	}
	return "forum"
}

// LookupGroupName implements sftp.NameLookupFileLister.
func (f *files) LookupGroupName(string) string { return "forum" }

// entry is one line of a listing.
type entry struct {
	name     string
	size     int64
	mode     fs.FileMode
	modified time.Time
	owner    uint32
}

func directory(name string, modified time.Time, mode fs.FileMode) entry {
	return entry{name: name, mode: fs.ModeDir | mode, modified: modified}
}

func (e entry) Name() string       { return e.name }
func (e entry) Size() int64        { return e.size }
func (e entry) Mode() fs.FileMode  { return e.mode }
func (e entry) ModTime() time.Time { return e.modified }
func (e entry) IsDir() bool        { return e.mode.IsDir() }
func (e entry) Sys() any           { return nil }
func (e entry) Uid() uint32        { return e.owner }
func (e entry) Gid() uint32        { return 0 }

// listing implements sftp.ListerAt.
type listing []os.FileInfo

func (l listing) ListAt(to []os.FileInfo, at int64) (int, error) {
	if at >= int64(len(l)) {
		return 0, io.EOF
	}
	n := copy(to, l[at:])
	if int(at)+n == len(l) {
		return n, io.EOF
	}
	return n, nil
}

// openListing is a handle on a directory.
type openListing struct {
	listing
	files *files
	once  sync.Once
}

func (o *openListing) Close() error {
	o.once.Do(o.files.closeHandle)
	return nil
}

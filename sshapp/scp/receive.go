package scp

import (
	"context"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"sshforum/forum"
)

// Target receives the files of Receive. A path is that of the request, as its user wrote it, or
// leads below it by names that are single elements: 1 to 255 bytes, perhaps not UTF-8, without
// slashes and control characters, neither "." nor "..". An error reaches the client as the
// sentence that command.Explain gives for it.
type Target interface {
	// IsDir reports whether path is a directory. It returns false if path does not exist.
	IsDir(ctx context.Context, path string) (bool, error)

	// Mkdir makes a directory with the permissions of mode. It leaves an existing one
	// unchanged.
	Mkdir(ctx context.Context, path string, mode fs.FileMode) error

	// Create begins a file, or returns an error, for example if there is no room for it. The
	// client sends the content only after Create has returned.
	Create(ctx context.Context, path string, f File) (Upload, error)
}

// File is the description that a client sends before a file.
type File struct {
	Size     int64       // bytes
	Mode     fs.FileMode // only permissions
	Modified time.Time   // zero unless the client sends times (-p)
}

// Upload takes the content of one file, in order. One call of Commit or of Abort ends it.
type Upload interface {
	io.Writer

	// Commit publishes the file. It is called after File.Size bytes were written and the client
	// has confirmed that they are all. The client learns of success after it.
	Commit(ctx context.Context) error

	// Abort discards the file, since a Write failed, the client could not read all of the file,
	// or the connection or ctx ended.
	Abort(cause error)
}

// Receive serves a client that uploads, until the client has sent everything. It holds 64 KiB.
// If a file fails, the client gets its sentence and the other files go on.
//
// When ctx ends, the upload in progress is aborted as soon as a waiting Read or Write returns;
// the caller must end those by closing rw.
//
// Errors, after all of which the exit status should be 1: the error of the first file that
// failed, as the Target gave it; Invalid if the client reported a failure, sent a bad name,
// broke the protocol or left in the middle (then the cause is io.ErrUnexpectedEOF); NotFound if
// the request needs a directory that does not exist; the cause of ctx; the errors of rw.
func Receive(ctx context.Context, rw io.ReadWriter, req Request, t Target) error {
	s := &sink{peer: newPeer(ctx, rw, bufferSize), target: t, recursive: req.Recursive}
	if err := s.request(ctx, req); err != nil {
		_ = Refuse(rw, err)
		return err
	}
	return s.failed
}

type sink struct {
	*peer
	target    Target
	recursive bool
}

// place returns the path for a record's file or directory.
type place func(record) (string, error)

func (s *sink) request(ctx context.Context, req Request) error {
	target := req.Paths[0]
	isDir, err := s.target.IsDir(ctx, target)
	if err != nil {
		return err
	}
	if req.TargetIsDir && !isDir {
		return noDirectory(target)
	}
	if err := s.ack(); err != nil {
		return err
	}
	if isDir {
		return s.records(ctx, inside(target), 0)
	}
	return s.records(ctx, as(target), 0)
}

// inside places everything in dir, under its own name.
func inside(dir string) place {
	return func(r record) (string, error) { return path.Join(dir, r.name), nil }
}

// as places the first file or directory at the path target, and refuses all others.
func as(target string) place {
	taken := false
	return func(r record) (string, error) {
		if taken || r.kind == kindFile && strings.HasSuffix(target, "/") {
			return "", noDirectory(target)
		}
		taken = true
		return target, nil
	}
}

func noDirectory(path string) error {
	return forum.Errorf(forum.NotFound, "There is no directory %s; make it first or name one that exists.", quote(path))
}

// records receives records up to the end of their directory, or of the input.
func (s *sink) records(ctx context.Context, to place, depth int) error {
	var modified time.Time
	for {
		kind, text, err := s.record()
		if err == io.EOF && depth == 0 {
			return nil
		}
		if err != nil {
			return earlyEnd(err)
		}
		switch kind {
		case kindWarning:
			s.note(clientError(text))
		case kindFatal:
			return clientError(text)
		case kindEnd:
			if depth == 0 {
				return protocolError("a directory ends that did not begin")
			}
			return s.ack()
		case kindTimes:
			if modified, err = parseTimes(text); err == nil {
				err = s.ack()
			}
		default:
			var r record
			if r, err = parseRecord(kind, text); err == nil {
				r.modified = modified
				modified = time.Time{}
				err = s.entry(ctx, to, r, depth+1)
			}
		}
		if err != nil {
			return err
		}
	}
}

// entry receives a file or a directory that is depth names below the request.
func (s *sink) entry(ctx context.Context, to place, r record, depth int) error {
	if r.kind == kindDir && !s.recursive {
		return protocolError("a directory comes without -r")
	}
	err := checkName(r.name)
	if err == nil && r.kind == kindDir && depth > maxDepth {
		err = tooDeep(r.name)
	}
	at := ""
	if err == nil {
		at, err = to(r)
	}
	if err != nil {
		return s.refuse(err)
	}
	if r.kind == kindFile {
		return s.file(ctx, at, r)
	}
	if err := s.target.Mkdir(ctx, at, r.mode); err != nil {
		return s.refuse(err)
	}
	if err := s.ack(); err != nil {
		return err
	}
	return s.records(ctx, inside(at), depth)
}

func (s *sink) file(ctx context.Context, at string, r record) error {
	up, err := s.target.Create(ctx, at, File{Size: r.size, Mode: r.mode, Modified: r.modified})
	if err != nil {
		return s.refuse(err)
	}
	failed, err := s.content(up, r.size)
	if err == nil && failed == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		up.Abort(err)
		return err
	}
	if failed != nil {
		up.Abort(failed)
		return s.refuse(failed)
	}
	if err := up.Commit(ctx); err != nil {
		return s.refuse(err)
	}
	return s.ack()
}

// content requests size bytes and the end of the file, and writes them to w. After a failed
// Write it reads on to the next record. failed is the reason why the file cannot be kept. After
// err nothing more can be read.
func (s *sink) content(w io.Writer, size int64) (failed, err error) {
	if err := s.ack(); err != nil {
		return nil, err
	}
	for size > 0 {
		if _, err := s.in.Peek(1); err != nil {
			return nil, earlyEnd(err)
		}
		chunk, _ := s.in.Peek(int(min(size, int64(s.in.Buffered()))))
		if failed == nil {
			_, failed = w.Write(chunk)
		}
		n, _ := s.in.Discard(len(chunk))
		size -= int64(n)
	}
	unread, err := s.answer()
	if failed == nil {
		failed = unread
	}
	return failed, err
}

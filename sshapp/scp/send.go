package scp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"sshforum/forum"
)

// Source is what Send takes files from. A path is one of the request, as its user wrote it,
// or leads below one by names that ReadDir gave. An error reaches the client as the
// sentence that forum.Explain gives for it.
type Source interface {
	// Open opens a file, or a directory: an fs.ReadDirFile. Its size does not change while
	// it is open. Send closes it.
	Open(ctx context.Context, path string) (fs.File, error)

	// Names returns the names in a directory that patterns are compared with. What is no
	// directory, or cannot be read, has none.
	Names(ctx context.Context, dir string) []string
}

// Send serves a client that downloads the request's paths, and returns when the client
// has acknowledged the last. It holds 68 KiB and one open file, with -r one more for each of
// up to 32 directories inside one another. What fails costs itself alone; its sentence
// goes to the client and the others go on. A path that is a pattern stands for what it
// matches, see Expand.
//
// A file goes by the last element of its path, since clients compare the two; where that
// is no name ("/", "..", "."), by the name its Stat gives.
//
// When ctx ends, Send returns as soon as a Read or a Write that waits returns; it is for
// the caller to end those by closing rw.
//
// Errors, all of which an exit status of 1 should follow: that of the first file which
// failed, as the Source gave it; Usage for a directory without -r; Invalid when the client
// reported a failure, did not keep to the protocol or left in the middle (then the cause
// is io.ErrUnexpectedEOF), and for a name that cannot be sent; the cause of ctx; that of
// rw.
func Send(ctx context.Context, rw io.ReadWriter, req Request, from Source) error {
	s := &source{peer: newPeer(ctx, rw, maxRecord), files: from, recursive: req.Recursive, times: req.Times}
	failed, err := s.answer()
	if err == nil {
		err = failed
	}
	paths := req.Paths
	if err == nil && req.words != nil {
		paths, err = s.expand(ctx, req.words)
	}
	for _, p := range paths {
		if err != nil {
			break
		}
		name := path.Base(p)
		if checkName(name) != nil {
			name = ""
		}
		err = s.entry(ctx, p, name, 1)
	}
	if err != nil {
		return err
	}
	return s.failed
}

// expand returns the paths that words stand for, or tells why it cannot.
func (s *source) expand(ctx context.Context, words []Word) ([]string, error) {
	paths, err := Expand(ctx, words, s.files.Names)
	if err != nil {
		return nil, errors.Join(err, Refuse(s.out, err))
	}
	return paths, nil
}

type source struct {
	*peer
	files            Source
	recursive, times bool
	buffer           []byte // of file; made when first needed
}

// entry sends what is at a path, depth names below the request. An empty name stands for
// its own.
func (s *source) entry(ctx context.Context, at, name string, depth int) error {
	f, err := s.files.Open(ctx, at)
	if err != nil {
		return s.refuse(err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return s.refuse(err)
	}
	if name == "" {
		name = info.Name()
	}
	if err := s.sendable(info, name, depth); err != nil {
		return s.refuse(err)
	}
	if info.IsDir() {
		return s.directory(ctx, f, info, at, name, depth)
	}
	return s.file(ctx, f, info, name)
}

func (s *source) sendable(info fs.FileInfo, name string, depth int) error {
	switch {
	case !info.IsDir() && !info.Mode().IsRegular():
		return forum.Errorf(forum.Invalid, "%s is neither a file nor a directory; it cannot be copied.", quote(name))
	case info.IsDir() && !s.recursive:
		return forum.Errorf(forum.Usage, "%s is a directory; copy it with scp -r.", quote(name))
	case info.IsDir() && depth > maxDepth:
		return tooDeep(name)
	}
	return checkName(name)
}

func (s *source) directory(ctx context.Context, f fs.File, info fs.FileInfo, at, name string, depth int) error {
	if taken, err := s.announce(kindDir, info, 0, name); err != nil || !taken {
		return err
	}
	if err := s.entries(ctx, f, at, depth+1); err != nil {
		return err
	}
	_, err := s.exchange(string(kindEnd) + "\n")
	return err
}

// entries sends what is in a directory.
func (s *source) entries(ctx context.Context, f fs.File, at string, depth int) error {
	dir, ok := f.(fs.ReadDirFile)
	if !ok {
		return s.refuse(fmt.Errorf("%T of the directory %q lists no entries", f, at))
	}
	for {
		entries, err := dir.ReadDir(100)
		for _, e := range entries {
			if err := s.entry(ctx, path.Join(at, e.Name()), e.Name(), depth); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return s.refuse(err)
		}
	}
}

func (s *source) file(ctx context.Context, f io.Reader, info fs.FileInfo, name string) error {
	if taken, err := s.announce(kindFile, info, info.Size(), name); err != nil || !taken {
		return err
	}
	unread, err := s.content(ctx, f, info.Size())
	if err != nil {
		return err
	}
	if unread != nil {
		err = s.refuse(unread)
	} else {
		err = s.ack()
	}
	if err != nil {
		return err
	}
	_, err = s.taken()
	return err
}

// content sends size bytes of f, and zeroes from where f cannot be read for the reason
// unread.
func (s *source) content(ctx context.Context, f io.Reader, size int64) (unread, err error) {
	if s.buffer == nil {
		s.buffer = make([]byte, bufferSize)
	}
	for size > 0 {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		chunk := s.buffer[:min(size, bufferSize)]
		n := 0
		if unread == nil {
			n, unread = io.ReadFull(f, chunk)
		}
		clear(chunk[n:])
		if _, err := s.out.Write(chunk); err != nil {
			return nil, err
		}
		size -= int64(len(chunk))
	}
	return unread, nil
}

// announce says what comes next, and reports whether the client takes it.
func (s *source) announce(kind byte, info fs.FileInfo, size int64, name string) (bool, error) {
	if s.times && !info.ModTime().IsZero() {
		seconds := max(0, info.ModTime().Unix())
		if taken, err := s.exchange(fmt.Sprintf("%c%d 0 %d 0\n", kindTimes, seconds, seconds)); err != nil || !taken {
			return false, err
		}
	}
	return s.exchange(fmt.Sprintf("%c%04o %d %s\n", kind, info.Mode().Perm(), size, name))
}

// exchange sends a record, and reports whether the client takes it.
func (s *source) exchange(record string) (bool, error) {
	if _, err := io.WriteString(s.out, record); err != nil {
		return false, err
	}
	return s.taken()
}

// taken reads an answer.
func (s *source) taken() (bool, error) {
	failed, err := s.answer()
	if failed != nil {
		s.note(failed)
	}
	return failed == nil, err
}

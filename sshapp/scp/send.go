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

// Source has the files that Send sends. A path is one of the request, as its user wrote it, or
// leads below one by names from ReadDir. An error reaches the client as the sentence that
// command.Explain gives for it.
type Source interface {
	// Open opens a file, or a directory, which is an fs.ReadDirFile. Its size must not change
	// while it is open. Send closes it.
	Open(ctx context.Context, path string) (fs.File, error)

	// Names returns the names in a directory, to compare with patterns. It returns none if dir
	// is not a directory or cannot be read.
	Names(ctx context.Context, dir string) []string
}

// Send serves a client that downloads the request's paths, and returns when the client has
// acknowledged the last one. It holds 68 KiB and one open file, and with -r one more for each
// of up to 32 nested directories. If a file fails, the client gets its sentence and the other
// files go on. A path that is a pattern is expanded; see Expand.
//
// A file is sent under the last element of its path, since clients compare the two. If that is
// not a name ("/", "..", "."), it is sent under the name of its Stat.
//
// When ctx ends, Send returns as soon as a waiting Read or Write returns; the caller must end
// those by closing rw.
//
// Errors, after all of which the exit status should be 1: the error of the first file that
// failed, as the Source gave it; Usage if a path is a directory and -r is missing; Invalid if
// the client reported a failure, broke the protocol or left in the middle (then the cause is
// io.ErrUnexpectedEOF), or if a name cannot be sent; the cause of ctx; the errors of rw.
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

// expand returns the paths of words, or tells the client why it cannot.
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
	buffer           []byte // of content; made when first needed
}

// entry sends the file or directory at a path, depth names below the request. If name is empty,
// it is sent under its own name.
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

// entries sends the entries of a directory.
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
	_, err = s.accepted()
	return err
}

// content sends size bytes of f. If f cannot be read, it sends zeroes instead, and returns the
// error as unread.
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

// announce sends the record of a file or directory, and reports whether the client accepts it.
func (s *source) announce(kind byte, info fs.FileInfo, size int64, name string) (bool, error) {
	if s.times && !info.ModTime().IsZero() {
		seconds := max(0, info.ModTime().Unix())
		if taken, err := s.exchange(fmt.Sprintf("%c%d 0 %d 0\n", kindTimes, seconds, seconds)); err != nil || !taken {
			return false, err
		}
	}
	return s.exchange(fmt.Sprintf("%c%04o %d %s\n", kind, info.Mode().Perm(), size, name))
}

// exchange sends a record, and reports whether the client accepts it.
func (s *source) exchange(record string) (bool, error) {
	if _, err := io.WriteString(s.out, record); err != nil {
		return false, err
	}
	return s.accepted()
}

// accepted reads an answer, and reports whether it is positive.
func (s *source) accepted() (bool, error) {
	failed, err := s.answer()
	if failed != nil {
		s.note(failed)
	}
	return failed == nil, err
}

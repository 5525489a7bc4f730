package rules

import (
	"context"
	"fmt"

	"sshforum/forum"
)

// NamedFile is a file or a whole part, with names for people.
type NamedFile struct {
	Folder string // such as "Thread 3331"
	Name   string
	From   string // name of the uploader
	Size   int64  // bytes
}

func (f NamedFile) String() string {
	return fmt.Sprintf("%s: %s, from %s, %d bytes", f.Folder, f.Name, f.From, f.Size)
}

// BytesOfFiles returns the size of all files in bytes. Errors: Stopping.
func (s *FileService) BytesOfFiles() (n int64, err error) {
	err = s.cfg.Store.View(func(r forum.Reader) error {
		n = r.Used()
		return nil
	})
	return n, err
}

// ContentState is the result of checking a file's content.
type ContentState string

const (
	ContentSound   ContentState = "sound"
	ContentMissing ContentState = "missing" // or too short
	ContentDamaged ContentState = "damaged" // a part of it does not match its checksum, or cannot be read
	ContentOther   ContentState = "another" // its SHA-256 is not that of the file
)

// LostFiles returns the files whose contents are missing. It reads the rows of all files in one
// transaction.
func (s *FileService) LostFiles() (lost []NamedFile, err error) {
	files, err := s.contentsOfFiles()
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		switch state, err := s.contentPresence(f); {
		case err != nil:
			return nil, err
		case state == ContentMissing:
			lost = append(lost, f.NamedFile)
		}
	}
	return lost, nil
}

// CheckFiles calls report for each file whose content is not sound. If whole is set, it reads
// every content; otherwise it checks only that the content is there and long enough. It calls
// progress with the size of each file in bytes after checking it. Errors: Stopping; Unavailable
// if ctx ends.
func (s *FileService) CheckFiles(ctx context.Context, whole bool, progress func(bytes int64), report func(NamedFile, ContentState)) error {
	files, err := s.contentsOfFiles()
	if err != nil {
		return err
	}
	known := make(map[forum.BlobID]ContentState)
	for _, f := range files {
		state, ok := known[f.blob]
		if !ok {
			if state, err = s.contentState(ctx, f, whole); err != nil {
				return err
			}
			known[f.blob] = state
		}
		progress(f.Size)
		if state != ContentSound && s.stillStored(f) {
			report(f.NamedFile, state)
		}
	}
	return nil
}

// fileContent is a file with its content.
type fileContent struct {
	NamedFile
	blob   forum.BlobID
	sha256 [32]byte
}

func (s *FileService) contentsOfFiles() (files []fileContent, err error) {
	err = s.cfg.Store.View(func(r forum.Reader) error {
		add := func(in forum.Folder, name string, from forum.UserID, size int64, blob forum.BlobID, sha256 [32]byte) {
			files = append(files, fileContent{NamedFile{folderText(r, in), name, authorName(r, from), size}, blob, sha256})
		}
		for f := range r.Files(forum.Folder{}) {
			add(f.Folder, f.Name, f.From, f.Size, f.Blob, f.SHA256)
		}
		for p := range r.Parts(forum.Folder{}) {
			if p.Whole {
				add(p.Folder, p.Name, p.Owner, p.Size, p.Blob, p.SHA256)
			}
		}
		return nil
	})
	return files, err
}

func (s *FileService) contentState(ctx context.Context, f fileContent, whole bool) (ContentState, error) {
	state, err := s.contentPresence(f)
	if err != nil || state != ContentSound || !whole {
		return state, err
	}
	switch sha256, err := s.contents().Hash(ctx, f.blob); forum.KindOf(err) {
	case forum.NotFound:
		return ContentMissing, nil
	case forum.Conflict: // its owner is changing it
		return ContentSound, nil
	case forum.Stopping, forum.Unavailable:
		return state, err
	default:
		if err != nil {
			return ContentDamaged, nil
		}
		if sha256 != f.sha256 {
			return ContentOther, nil
		}
		return ContentSound, nil
	}
}

func (s *FileService) contentPresence(f fileContent) (ContentState, error) {
	size, err := s.contents().Size(f.blob)
	switch {
	case err == nil && size >= f.Size:
		return ContentSound, nil
	case err == nil, forum.KindOf(err) == forum.NotFound:
		return ContentMissing, nil
	case forum.KindOf(err) == forum.Internal:
		return ContentDamaged, nil
	}
	return "", err
}

// stillStored reports whether the content of f is still stored, or the store cannot tell. The
// file may have been removed while its content was read.
func (s *FileService) stillStored(f fileContent) (stored bool) {
	err := s.cfg.Store.View(func(r forum.Reader) error {
		c, ok := r.Content(f.sha256)
		stored = ok && c.Blob == f.blob
		return nil
	})
	return stored || err != nil
}

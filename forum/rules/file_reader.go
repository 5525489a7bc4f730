package rules

import (
	"sync"

	"sshforum/forum"
)

// fileReader reads a file. If bytes are appended to the file, which replaces its content with a
// longer one, the reader continues with the new content.
type fileReader struct {
	service *core
	actor   Actor
	at      Place
	name    string
	origin  forum.BlobID
	size    int64 // when it was opened

	mu      sync.Mutex
	content forum.BlobReader
}

// openContent opens a content of a file.
func (s *FileService) openContent(actor Actor, at Place, name string, blob, origin forum.BlobID) (forum.BlobReader, error) {
	content, err := s.contents().Open(blob)
	if err != nil {
		return nil, err
	}
	return &fileReader{
		service: s.core, actor: actor, at: at, name: name, origin: origin, size: content.Size(), content: content,
	}, nil
}

func (f *fileReader) Size() int64 { return f.size }

// ReadAt implements io.ReaderAt. Errors: NotFound if the file was removed, or changed except by
// appending.
func (f *fileReader) ReadAt(p []byte, off int64) (int, error) {
	content := f.current()
	n, err := content.ReadAt(p, off)
	if err == nil || forum.KindOf(err) != forum.NotFound {
		return n, err
	}
	if content = f.followUpload(content); content == nil {
		return n, err
	}
	return content.ReadAt(p, off)
}

// Close implements io.Closer.
func (f *fileReader) Close() error { return f.current().Close() }

func (f *fileReader) current() forum.BlobReader {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.content
}

// followUpload returns the content that replaced one that is gone, or nil if there is none.
func (f *fileReader) followUpload(gone forum.BlobReader) forum.BlobReader {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.content != gone {
		return f.content // another call has found it
	}
	info, err := f.service.files.find(f.actor, f.at, f.name, false)
	if err != nil || info.Origin != f.origin {
		return nil
	}
	content, err := f.service.contents().Open(info.Blob)
	if err != nil {
		return nil
	}
	_ = gone.Close()
	f.content = content
	return content
}

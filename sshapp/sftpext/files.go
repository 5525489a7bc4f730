package sftpext

import (
	"path"
	"sync"
)

// unlimitedFiles is how many files are known where the server sets no limit.
const unlimitedFiles = 256

// files knows the path of each open file by its handle, as the packets that pass tell
// it. It does not take in more than most files at once.
type files struct {
	most int

	mu    sync.Mutex
	asked map[uint32]string // by the id of the request to open the file
	paths map[string]string // by handle
}

func newFiles(most int) *files {
	if most == 0 {
		most = unlimitedFiles
	}
	return &files{most: most, asked: map[uint32]string{}, paths: map[string]string{}}
}

// ask notes that a request is to open a file.
func (f *files) ask(id uint32, name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.asked) < f.most {
		f.asked[id] = path.Join("/", name)
	}
}

// open notes that the request was granted. Handles of directories are not of files.
func (f *files) open(id uint32, handle string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if name, ok := f.asked[id]; ok && len(f.paths) < f.most {
		f.paths[handle] = name
	}
	delete(f.asked, id)
}

// refuse notes that the request, if it was one, was refused.
func (f *files) refuse(id uint32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.asked, id)
}

func (f *files) close(handle string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.paths, handle)
}

// path returns the path by which a file was opened.
func (f *files) path(handle string) (string, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name, ok := f.paths[handle]
	return name, ok
}

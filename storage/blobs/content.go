package blobs

import (
	"io"

	"sshforum/storage/boltfile"
)

// ReadAt implements io.ReaderAt. Errors: io.EOF; Invalid if off is negative; those of WriteAt
// after the end of the upload.
func (u *upload) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errPosition(off)
	}
	for n < len(p) {
		m, err := u.read(p[n:], off+int64(n))
		if err != nil {
			return n, err
		}
		n += m
	}
	return n, nil
}

// read reads the bytes of p that are in one chunk.
func (u *upload) read(p []byte, off int64) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case u.err != nil:
		return 0, u.err
	case off >= u.size:
		return 0, io.EOF
	}
	index, at := off/chunkSize, off%chunkSize
	p = p[:min(int64(len(p)), chunkSize-at, u.size-off)]
	if c := u.dirty[index]; c != nil {
		fill(p, c.data, at)
		return len(p), nil
	}
	clear(p)
	err := u.readTaken(index, func(data []byte) { fill(p, data, at) })
	return len(p), err
}

// readTaken calls fn with the content of a chunk that the committer has taken. It does not call
// fn if there is none. The caller holds u.mu.
func (u *upload) readTaken(index int64, fn func(data []byte)) error {
	start := index * chunkSize
	limited := func(data []byte) {
		if u.cutting {
			data = data[:min(int64(len(data)), max(0, u.cut-start))]
		}
		fn(data)
	}
	switch c := u.committing[index]; {
	case c != nil:
		limited(c.data)
	case start < u.stored:
		return u.store.view(func(tx *boltfile.Tx) error {
			data, err := row{chunks: u.held}.chunk(tx.Bucket(chunksBucket), u.id, index, 0, chunkSize)
			if err == nil {
				limited(data)
			}
			return err
		})
	}
	return nil
}

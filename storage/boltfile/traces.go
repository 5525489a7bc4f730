package boltfile

import (
	"bytes"
	"io"
)

// hasTraces reports whether a file that has lost its heads was a file of sshforum. It may read
// the whole file.
func hasTraces(file io.ReaderAt) bool {
	const step = 1 << 20
	block := make([]byte, step+len(schemaKey))
	for at := int64(0); ; at += step {
		n, err := file.ReadAt(block, at)
		if bytes.Contains(block[:n], schemaKey) {
			return true
		}
		if err != nil {
			return false
		}
	}
}

package rules

import (
	"crypto/rand"

	"sshforum/forum"
)

// NewBlobID returns an id that nothing has yet.
func NewBlobID() (id forum.BlobID) {
	rand.Read(id[:])
	return id
}

package rules

import (
	"crypto/rand"

	"sshforum/forum"
)

// NewBlobID returns a new random id.
func NewBlobID() (id forum.BlobID) {
	rand.Read(id[:])
	return id
}

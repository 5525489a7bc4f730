package boltfile

import "sshforum/forum"

// Mark is what a file of a forum says of itself and of the forum's other file, so that
// two that do not belong together are found out. Each commit has a number, and says which
// one of the other file was durable before.
type Mark struct {
	Forum   [16]byte      // made when the forum was founded
	Pairing forum.Pairing // made then, and whenever the operator says that the two belong together
	Last    uint64        // number of the last commit
	Other   uint64        // the highest number it knows of the other file
}

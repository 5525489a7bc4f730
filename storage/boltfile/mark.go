package boltfile

import "sshforum/forum"

// Mark identifies a file of a forum, and the forum's other file as this one last knew it. It
// shows whether two files belong together. Each commit of a file has a number, and stores the
// number of the other file's last commit that was durable before.
type Mark struct {
	Forum   [16]byte      // random; set when the forum is founded
	Pairing forum.Pairing // set then, and when the operator runs sshforum pair
	Last    uint64        // number of the last commit
	Other   uint64        // highest number of the other file that this one knows
}

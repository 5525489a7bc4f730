package rules

import "sshforum/forum"

// unseenBy returns the threads and authors that must not influence an actor's searches, neither
// by text nor by count. No other function decides this.
func unseenBy(r forum.Reader, id forum.UserID) forum.Unseen {
	var u forum.Unseen
	for thread := range r.RemovedThreadIDs() {
		u.HideThread(thread)
	}
	for author := range r.Blocks(id) {
		u.HideAuthor(author)
	}
	return u
}

package rules

import "sshforum/forum"

// unseenBy returns what an actor's searches must not find, whether by its text or by its
// count. It is the one place that decides it.
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

package forum

// Sees reports whether u may see what owner made, if r tells of its removal. It is the one
// place that decides who sees what is hidden. Numbers, counts, searches and news are the
// same for everyone: they leave out what is hidden, as if it had been deleted.
func (u User) Sees(owner UserID, r Removal) bool {
	return !r.Done() || r.Hidden && u.May(SeeHidden, owner)
}

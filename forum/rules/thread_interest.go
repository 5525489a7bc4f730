package rules

import "sshforum/forum"

// interest returns the interest of u in t. Entries older than the account count as read.
func interest(r forum.Reader, u forum.User, t forum.Thread) forum.Interest {
	return interestOr(r, u, t, r.Interest(u.ID, t.ID))
}

// interestOr returns what interest returns if i is the stored interest.
func interestOr(r forum.Reader, u forum.User, t forum.Thread, i forum.Interest) forum.Interest {
	if i.Level == forum.Unset && i.Read.Upto == 0 && len(i.Read.Spans) == 0 {
		i.Read.Upto = before(r, u, t)
	}
	return i
}

// before returns the highest Seq up to which all entries of t are older than the account u.
func before(r forum.Reader, u forum.User, t forum.Thread) uint64 {
	switch {
	case t.Active.Before(u.Created):
		return t.Last
	case !t.Created.Before(u.Created):
		return 0
	}
	older := olderThan(r, t, u.Created)
	if older == t.Messages {
		return t.Last
	}
	newer, _ := r.MessageAt(t.ID, older+1)
	return newer.Seq - 1
}

// unread counts the messages of t that are not in read.
func unread(r forum.Reader, t forum.Thread, read forum.Marks) uint64 {
	n := t.Messages - r.Rank(t.ID, read.Upto)
	for _, s := range read.Spans {
		n -= r.Rank(t.ID, s.To) - r.Rank(t.ID, s.From-1)
	}
	return n
}

// unreadAgain makes an entry of t unread for a person who has read an earlier text of it.
func unreadAgain(tx forum.Tx, id forum.UserID, t forum.Thread, seq uint64) {
	u, _ := tx.User(id)
	i := interest(tx, u, t)
	if !u.Closed.IsZero() || !i.Read.Has(seq) {
		return
	}
	i.Read = i.Read.Without(seq)
	if i.Level == forum.Unset && i.Read.Upto == 0 && len(i.Read.Spans) == 0 {
		i.Level = forum.Normal // otherwise interest would count all entries older than the account as read
	}
	tx.SetInterest(id, t.ID, i)
	tx.SetBacklog(id, []forum.LeveledThread{leftover(t, i)})
}

// ownEntry marks the entry that by is about to add to t as read and notes its time. With the
// first entry, by begins to watch t.
func ownEntry(tx forum.Tx, by forum.User, t forum.Thread) {
	if by.ID == 0 || by.ID == forum.Guests {
		return
	}
	i := interest(tx, by, t)
	i.Read = i.Read.With(forum.Span{From: t.Last + 1, To: t.Last + 1})
	if i.Level == forum.Unset {
		i.Level = forum.Watched
	}
	i.Posted = tx.Time()
	tx.SetInterest(by.ID, t.ID, i)
}

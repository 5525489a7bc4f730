package storage

import "sshforum/forum"

// interests checks the interests of people in threads. The mentions are checked with the
// messages that contain them.
func (c *checker) interests() {
	c.scan(interestsBucket, nil, nil, func(k, v []byte) bool {
		user, thread, ok := parsePair[forum.ThreadID](k)
		row, decoded := decode[interestRow](&c.reader, interestsBucket, k, v)
		if !ok || !decoded {
			c.Report("interests %x cannot be read", k)
			return true
		}
		t, found := c.Thread(thread)
		if c.get(usersBucket, userKey(user)) == nil || !found {
			c.Report("interest of user %d in thread %d: no such user or thread", user, thread)
		}
		if i := row.interest(); !validMarks(i, t) || len(row.Spans)%2 > 0 {
			c.Report("interest of user %d in thread %d: %+v of %d entries", user, thread, i.Read, t.Last)
		}
		return true
	})
}

// validMarks reports whether marks are in order and only of entries that exist.
func validMarks(i forum.Interest, t forum.Thread) bool {
	upto := i.Read.Upto
	for _, s := range i.Read.Spans {
		if s.From <= upto+1 || s.To < s.From {
			return false
		}
		upto = s.To
	}
	return upto <= t.Last && i.Level <= forum.Muted
}

func (c *checker) mentions(m forum.Message) {
	for _, user := range m.Mentions {
		c.keys[mentionsBucket]++
		c.mustHave(mentionsBucket, mentionKey(user, m))
		if c.get(usersBucket, userKey(user)) == nil {
			c.Report("message %s mentions user %d, who does not exist", m.ID, user)
		}
	}
}

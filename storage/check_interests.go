package storage

import "sshforum/forum"

// interests checks the interests of people in threads. The mentions are checked with the
// messages that contain them.
func (c *checker) interests() {
	levels := 0
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
		if row.Level != 0 {
			levels++
		}
		if level := c.level(levelsBucket, user, thread); uint8(level) != row.Level {
			c.Report("interest of user %d in thread %d: listed with the level %s", user, thread, level)
		}
		return true
	})
	listed := 0
	c.levelBlocks(levelsBucket, func(forum.UserID, forum.LeveledThread) { listed++ })
	if listed != levels {
		c.Report("levels has %d threads, not %d", listed, levels)
	}
}

// backlogs checks that backlogs and horizons are of people, and of threads and times that exist.
func (c *checker) backlogs() {
	c.levelBlocks(backlogBucket, func(user forum.UserID, left forum.LeveledThread) {
		if c.get(threadsBucket, threadKey(left.Thread)) == nil {
			c.Report("backlog of user %d: thread %d does not exist", user, left.Thread)
		}
	})
	c.scan(horizonsBucket, nil, nil, func(k, v []byte) bool {
		if nanos, ok := parseUint(v); !ok || int64(nanos) > toNanos(c.Time()) {
			c.Report("horizon %x is malformed or in the future", k)
		}
		return true
	})
}

// levelBlocks checks the form of the blocks in b, and calls each for the levels in them.
func (c *checker) levelBlocks(b bucket, each func(forum.UserID, forum.LeveledThread)) {
	c.scan(b, nil, nil, func(k, v []byte) bool {
		user, _, ok := parsePair[forum.ThreadID](k)
		if !ok || !c.exists(user) || len(v) == 0 || len(v) > blockBytes || v[len(v)-1] == 0 {
			c.Report("%s %x is malformed or nobody's", b, k)
			return true
		}
		for level := range levelsOfBlock(k, v) {
			each(user, level)
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

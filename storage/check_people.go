package storage

import (
	"encoding/binary"

	"sshforum/forum"
)

func (c *checker) people() {
	c.blocks()
	c.bannedNetworks()
	c.reports()
	c.visits()
	c.privateMessages()
	c.conversations()
	c.receipts()
	c.invites()
}

func (c *checker) invites() {
	c.scan(invitesBucket, nil, nil, func(k, v []byte) bool {
		i, ok := c.invite(k, v)
		if !ok || i.By != 0 && !c.exists(i.By) {
			c.Report("invite %x cannot be read or is nobody's", k)
			return true
		}
		c.keys[inviteCodesBucket]++
		if found, ok := c.InviteByCode(i.Code); !ok || found != i {
			c.Report("invite %x cannot be found by its code", k)
		}
		return true
	})
}

func (c *checker) blocks() {
	c.scan(blocksBucket, nil, nil, func(k, _ []byte) bool {
		by, whom, ok := parsePair[forum.UserID](k)
		if !ok || by == whom || !c.exists(by) || !c.exists(whom) {
			c.Report("block %x is not of two people", k)
		}
		c.keys[blockersBucket]++
		c.mustHave(blockersBucket, pairKey(whom, by))
		return true
	})
}

func (c *checker) exists(id forum.UserID) bool { return c.get(usersBucket, userKey(id)) != nil }

func (c *checker) visits() {
	last := forum.VisitID(c.getUint(metaBucket, []byte(lastVisitKey)))
	for v := range c.VisitsBefore(0) {
		if v.ID == 0 || v.ID > last || !c.exists(v.User) {
			c.Report("visit %d of user %d: the last id given out is %d, or there is no such user", v.ID, v.User, last)
		}
		if v.Ended.IsZero() {
			c.keys[openVisitsBucket]++
			c.mustHave(openVisitsBucket, openVisitKey(v))
		} else {
			c.keys[endedVisitsBucket]++
			c.mustHave(endedVisitsBucket, endedVisitKey(v))
		}
	}
}

// privateMessages checks that every message is between two people, one of whom has the
// conversation. The counts of a conversation are checked by conversations.
func (c *checker) privateMessages() {
	seq, _ := c.last()
	c.scan(privateMessagesBucket, nil, nil, func(k, v []byte) bool {
		row, decoded := decode[privateMessageRow](&c.reader, privateMessagesBucket, k, v)
		if !decoded || len(k) != 24 {
			c.Report("private message %x cannot be read", k)
			return true
		}
		low, high, _ := parsePair[forum.UserID](k[:16])
		from := forum.UserID(row.From)
		if low >= high || from != low && from != high || binary.BigEndian.Uint64(k[16:]) > seq {
			c.Report("private message %x from user %d is not of two people and from the past", k, from)
		}
		if c.get(conversationsBucket, pairKey(low, high)) == nil {
			c.mustHave(conversationsBucket, pairKey(high, low))
		}
		return true
	})
}

func (c *checker) conversations() {
	for has := range conversationRecords.within(&c.reader, nil) {
		owner, peer := has.Owner, has.Peer
		if !c.exists(owner) || peer != 0 && !c.exists(peer) {
			c.Report("conversation of user %d with %d is not of two people", owner, peer)
			continue
		}
		want := forum.Conversation{Owner: owner, Peer: peer, ReadTo: has.ReadTo, ShownTo: has.ShownTo}
		for l := range c.PrivateMessages(owner, peer, 0) {
			want.Last, want.LastAt = l.Seq, l.Sent
			if l.To == owner {
				want.Received = l.Seq
				if l.Seq > has.ReadTo {
					want.Unread++
				}
			}
		}
		if has != want || has.ReadTo > has.ShownTo || has.ShownTo > has.Last {
			c.Report("conversation of user %d with %d is %+v, not %+v", owner, peer, has, want)
		}
	}
}

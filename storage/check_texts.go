package storage

import "sshforum/forum"

// textCounts checks the count of bytes of each account's texts.
func (c *checker) textCounts() {
	by := c.reader.texts()
	c.keys[textsBucket] = len(by)
	c.scan(textsBucket, nil, nil, func(k, _ []byte) bool {
		author, ok := parseUint(k)
		if n := int64(c.getUint(textsBucket, k)); !ok || n != by[forum.UserID(author)] || n == 0 {
			c.Report("texts of user %d have %d bytes, not %d", author, by[forum.UserID(author)], n)
		}
		return true
	})
}

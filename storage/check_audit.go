package storage

import "sshforum/forum"

// audit checks that every entry follows the one before. It stops at the first that does not,
// since the rest of the chain proves nothing then.
func (c *checker) audit() {
	var head forum.AuditHead
	for e := range c.Audit(0) {
		if !e.Follows(head) {
			c.Report("audit entry %d does not follow entry %d", e.N, head.N)
			return
		}
		head = e.Head()
	}
}

package rules

import (
	"fmt"

	"sshforum/forum"
)

// record appends an act by the user by to the audit log. The caller sets Act and Object, and
// Name, Value, Reason and Until as far as they apply.
func record(tx forum.Tx, by forum.User, e forum.AuditEntry) {
	head := tx.AuditHead()
	e.N, e.Previous = head.N+1, head.Hash
	e.At, e.By, e.ByName = tx.Time(), by.ID, by.Name
	e.Hash = e.Sum()
	tx.AppendAudit(e)
}

// recordOver calls record unless by is the owner of the object.
func recordOver(tx forum.Tx, by forum.User, owner forum.UserID, e forum.AuditEntry) {
	if owner != by.ID {
		record(tx, by, e)
	}
}

func auditThread(id forum.ThreadID) string   { return fmt.Sprintf("thread %d", id) }
func auditMessage(id forum.MessageID) string { return fmt.Sprintf("message %s", id) }
func auditUser(id forum.UserID) string       { return fmt.Sprintf("user %d", id) }

package render

import (
	"fmt"
	"strings"
	"time"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

// auditVerbs say what was done to an object, which follows.
var auditVerbs = map[forum.AuditAct]string{
	forum.AuditThreadLock:     "locked",
	forum.AuditThreadUnlock:   "opened",
	forum.AuditThreadPin:      "pinned",
	forum.AuditThreadUnpin:    "unpinned",
	forum.AuditThreadSlow:     "slowed down",
	forum.AuditUserSilence:    "silenced",
	forum.AuditUserUnsilence:  "ended the silence of",
	rules.AuditReportResolve:  "closed the reports of",
	forum.AuditThreadRemove:   "removed",
	forum.AuditThreadRestore:  "restored",
	forum.AuditThreadHide:     "hid",
	forum.AuditThreadUnhide:   "showed again",
	forum.AuditMessageHide:    "hid",
	forum.AuditMessageUnhide:  "showed again",
	forum.AuditMessageDelete:  "deleted",
	forum.AuditMessageRestore: "restored",
	forum.AuditFileRemove:     "removed a file from",
	rules.AuditUserBan:        "banned",
	rules.AuditUserUnban:      "ended the ban of",
	rules.AuditNetworkBan:     "banned",
	rules.AuditNetworkUnban:   "ended the ban of",
	forum.AuditUserAdd:        "made the account",
	forum.AuditUserClose:      "closed the account",
	forum.AuditUserAnonymise:  "closed the account and took the name from",
	forum.AuditUserPassword:   "gave a new password to",
	forum.AuditUserInvite:     "invited",
	forum.AuditUserRole:       "changed the role of",
	rules.AuditUserLink:       "linked with a banned account",
	forum.AuditStoresPair:     "paired the",
	rules.AuditClockSet:       "set the",
}

// auditLog writes entries as they are stored, for moderators.
func (t *Text) auditLog(r command.AuditLog) error {
	for _, e := range r.Entries {
		line := fmt.Sprintf("%d %s %s %s %s", e.N, t.Look.moment(e.At), t.Look.strong(forum.Printable(e.ByName)), e.Act, forum.Printable(e.Object))
		if e.Name != "" {
			line += " (" + forum.Printable(e.Name) + ")"
		}
		if err := t.printf("%s%s\n", line, t.actDetails(e.Value, e.Until, e.Reason)); err != nil {
			return err
		}
	}
	return t.auditHead(r.Head)
}

// modlog writes entries as sentences, for everybody.
func (t *Text) modlog(r command.Modlog) error {
	for _, e := range r.Entries {
		line := fmt.Sprintf("%s %s %s %s", t.Look.moment(e.At), t.Look.strong(forum.Printable(e.By)), auditVerbs[e.Act], modlogObject(e))
		if err := t.printf("%s%s\n", line, t.actDetails(e.Value, e.Until, e.Reason)); err != nil {
			return err
		}
	}
	return t.auditHead(r.Head)
}

// modlogObject names what an entry is about: a thread by its title or, where that cannot
// be read, by its id.
func modlogObject(e rules.ModlogEntry) string {
	kind, id, _ := strings.Cut(e.Object, " ")
	switch {
	case e.Person != "":
		return forum.Printable(e.Person)
	case kind == "thread" && e.Thread != "":
		return "Thread " + forum.Printable(e.Thread)
	case kind == "message" && e.Thread != "":
		return "message id:" + id + " in Thread " + forum.Printable(e.Thread)
	case kind == "thread", kind == "message":
		return kind + " id:" + id
	case kind == "source":
		return "an address"
	default:
		return forum.Printable(e.Object)
	}
}

func (t *Text) actDetails(value string, until time.Time, reason string) string {
	var b strings.Builder
	if value != "" {
		fmt.Fprintf(&b, ", %s", forum.Printable(value))
	}
	if !until.IsZero() {
		fmt.Fprintf(&b, ", until %s", t.Look.moment(until))
	}
	if reason != "" {
		fmt.Fprintf(&b, ": %s", forum.Printable(reason))
	}
	return b.String()
}

func (t *Text) auditHead(head forum.AuditHead) error {
	return t.printf("%s\n", t.Look.faint(fmt.Sprintf("Head of the log: %d %s", head.N, head.Hash)))
}

package render

import (
	"fmt"
	"strings"
	"time"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

var auditRows = []row{
	// AUDIT
	one("sshforum.audit.v1", (*Text).auditLog, func(r command.AuditLog) auditLogJSON {
		return auditLogJSON{list(r.Entries, newAuditEntryJSON), auditHeadJSON{r.Head.N, r.Head.Hash}}
	}),
	// MODLOG
	one("sshforum.modlog.v1", (*Text).modlog, func(r command.Modlog) modlogJSON {
		return modlogJSON{list(r.Entries, newModlogEntryJSON), auditHeadJSON{r.Head.N, r.Head.Hash}}
	}),
}

// actJSON is a moderator's or administrator's act, as everybody may see it.
type actJSON struct {
	// Number of the entry, counted from 1 without a gap.
	N uint64 `json:"n"`
	// When it was done.
	At utc `json:"at"`
	// Name of the person who did it.
	By string `json:"by"`
	// Kind of the act, such as `thread.lock`.
	Act forum.AuditAct `json:"act"`
	// Object of the act, as in `message 2.2`.
	Object string `json:"object"`
	// New value, such as a role.
	Value string `json:"value,omitempty"`
	// When the effect of the act ends by itself.
	Until utc `json:"until,omitzero"`
	// Reason.
	Reason string `json:"reason,omitempty"`
}

// auditEntryJSON is an entry of the audit log.
type auditEntryJSON struct {
	actJSON
	// Permanent id of the account that did it; 0 for the operator.
	ByID forum.UserID `json:"by_id"`
	// Name of the object at that time.
	Name string `json:"name,omitempty"`
	// Hash of the entry before.
	Previous forum.AuditHash `json:"previous"`
	// SHA-256 of this entry with the hash of the entry before, and so of all earlier entries.
	Hash forum.AuditHash `json:"hash"`
}

// modlogEntryJSON is an entry of the moderation log, with present names.
type modlogEntryJSON struct {
	actJSON
	// Title of the thread it is about, if everybody can read that thread.
	Thread string `json:"thread,omitempty"`
	// Name of the person it is about.
	Person string `json:"person,omitempty"`
}

// auditHeadJSON is the end of the audit log.
type auditHeadJSON struct {
	// Number of the last entry.
	N uint64 `json:"n"`
	// Hash of the last entry.
	Hash forum.AuditHash `json:"hash"`
}

// auditLogJSON is the end of the audit log.
type auditLogJSON struct {
	// The entries, the oldest first.
	Entries []auditEntryJSON `json:"entries"`
	// Where the log ends.
	Head auditHeadJSON `json:"head"`
}

// modlogJSON is the end of the moderation log.
type modlogJSON struct {
	// The entries, the oldest first.
	Entries []modlogEntryJSON `json:"entries"`
	// Where the audit log ends.
	Head auditHeadJSON `json:"head"`
}

func newAuditEntryJSON(e forum.AuditEntry) auditEntryJSON {
	return auditEntryJSON{
		actJSON{e.N, utc{e.At}, e.ByName, e.Act, e.Object, e.Value, utc{e.Until}, e.Reason},
		e.By, e.Name, e.Previous, e.Hash,
	}
}

func newModlogEntryJSON(e rules.ModlogEntry) modlogEntryJSON {
	return modlogEntryJSON{
		actJSON{e.N, utc{e.At}, e.By, e.Act, e.Object, e.Value, utc{e.Until}, e.Reason},
		e.Thread, e.Person,
	}
}

// auditVerbs has the verb of each act; the object follows it.
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

// auditLog writes the stored entries, for moderators.
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

// modlogObject returns the object of an entry: a thread by its title or, if that may not be
// shown, by its id.
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

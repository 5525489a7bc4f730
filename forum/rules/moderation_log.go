package rules

import (
	"strconv"
	"strings"
	"time"

	"sshforum/forum"
)

// ModlogEntry is what everybody may see of an entry of the audit log: names as they are
// now, nothing of what was hidden or removed, and no address. What is only suspected
// (AuditUserLink) is not for everybody.
type ModlogEntry struct {
	N      uint64
	At     time.Time
	By     string
	Act    forum.AuditAct
	Object string // as in the audit log; "source" alone for an address
	Thread string // title of the thread it is about, while that can be read
	Person string // name of the person it is about
	Value  string
	Reason string
	Until  time.Time
}

// Modlog is the end of the audit log, as everybody may see it.
type Modlog struct {
	Entries []ModlogEntry // oldest first
	Head    forum.AuditHead
}

// Modlog returns the last n entries, at most MaxAudited.
func (s *ModerationService) Modlog(actor Actor, n int) (log Modlog, err error) {
	err = s.cfg.Store.View(func(r forum.Reader) error {
		u, err := visitor(r, actor.User)
		switch {
		case err != nil:
			return err
		case !u.May(forum.ReadModlog, u.ID):
			return forum.Errorf(forum.Denied, "You may not read the moderation log.")
		}
		for _, e := range lastEntries(r, n, func(e forum.AuditEntry) bool { return e.Act != AuditUserLink }) {
			log.Entries = append(log.Entries, public(r, e))
		}
		log.Head = r.AuditHead()
		return nil
	})
	return log, err
}

// public returns what everybody may see of e.
func public(r forum.Reader, e forum.AuditEntry) ModlogEntry {
	p := ModlogEntry{
		N: e.N, At: e.At, By: authorName(r, e.By), Act: e.Act, Object: e.Object,
		Value: e.Value, Reason: e.Reason, Until: e.Until,
	}
	kind, id, _ := strings.Cut(e.Object, " ")
	switch kind {
	case "thread", "message":
		thread, _, _ := strings.Cut(id, ".")
		if t, ok := r.Thread(forum.ThreadID(parseID(thread))); ok && !t.Removed.Done() {
			p.Thread = t.Title
		}
	case "user":
		p.Person = authorName(r, forum.UserID(parseID(id)))
	default:
		p.Object = kind
	}
	return p
}

func parseID(s string) uint64 {
	n, _ := strconv.ParseUint(s, 10, 64)
	return n
}

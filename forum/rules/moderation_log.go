package rules

import (
	"strconv"
	"strings"
	"time"

	"sshforum/forum"
)

// ModlogEntry is the public part of an entry of the audit log: it has present names, nothing of
// hidden or removed things, and no address. A mere suspicion (AuditUserLink) is not public.
type ModlogEntry struct {
	N      uint64
	At     time.Time
	By     string
	Act    forum.AuditAct
	Object string // as in the audit log, except that an address is only "source"
	Thread string // title of the thread concerned, while that can be read
	Person string // name of the person concerned
	Value  string
	Reason string
	Until  time.Time
}

// Modlog is the end of the public part of the audit log.
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

// public returns the public part of e.
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

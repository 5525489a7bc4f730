package rules

import (
	"context"
	"slices"

	"sshforum/forum"
)

// AuditLog is the end of the audit log.
type AuditLog struct {
	Entries []forum.AuditEntry // oldest first
	Head    forum.AuditHead
}

// MaxAudited is the most entries that Audit and Modlog return.
const MaxAudited = 10_000

// Audit returns the last n entries of the audit log, at most MaxAudited. Errors: Denied.
func (s *ModerationService) Audit(actor Actor, n int) (log AuditLog, err error) {
	err = s.auditView(actor, func(r forum.Reader) error {
		log = AuditLog{Entries: lastEntries(r, n, func(forum.AuditEntry) bool { return true }), Head: r.AuditHead()}
		return nil
	})
	return log, err
}

// auditView reads the store for an actor who may read the audit log.
func (s *ModerationService) auditView(actor Actor, fn func(forum.Reader) error) error {
	return s.cfg.Store.View(func(r forum.Reader) error {
		u, err := account(r, actor.User)
		switch {
		case err != nil:
			return err
		case !u.May(forum.ReadAudit, u.ID):
			return forum.Errorf(forum.Denied, "Only a moderator can read the audit log; MODLOG shows what everybody may see of it.")
		}
		return fn(r)
	})
}

// lastEntries returns the last n entries for which shown is true, at most MaxAudited, oldest
// first.
func lastEntries(r forum.Reader, n int, shown func(forum.AuditEntry) bool) (entries []forum.AuditEntry) {
	for e := range r.AuditBack() {
		if len(entries) == min(n, MaxAudited) {
			break
		}
		if shown(e) {
			entries = append(entries, e)
		}
	}
	slices.Reverse(entries)
	return entries
}

// AuditHead returns the head of the audit log: the number and hash of its last entry.
func (s *ModerationService) AuditHead() (head forum.AuditHead, err error) {
	err = s.cfg.Store.View(func(r forum.Reader) error {
		head = r.AuditHead()
		return nil
	})
	return head, err
}

// AuditVerdict is the result of VerifyAudit.
type AuditVerdict struct {
	Sound  forum.AuditHead // head of the sound entries at the beginning of the log
	Broken uint64          // number of the first entry that is not sound; 0 if all are sound
	Known  bool            // the hash to look for is that of a sound entry
}

// verifiedAtOnce bounds the entries that one transaction of VerifyAudit reads.
const verifiedAtOnce = 1000

// VerifyAudit checks the hash chain of the whole audit log, and looks for an entry with the
// hash known, unless known is zero. Errors: Denied.
func (s *ModerationService) VerifyAudit(ctx context.Context, actor Actor, known forum.AuditHash) (v AuditVerdict, err error) {
	v.Known = known == forum.AuditHash{}
	for {
		from := v.Sound.N
		err := s.auditView(actor, func(r forum.Reader) error {
			v.walk(r, known)
			return nil
		})
		switch {
		case err != nil && forum.KindOf(err) == forum.Internal: // a row that cannot be read
			v.Broken = v.Sound.N + 1
			return v, nil
		case err != nil:
			return v, err
		case v.Broken > 0 || v.Sound.N == from:
			return v, ctx.Err()
		case ctx.Err() != nil:
			return v, ctx.Err()
		}
	}
}

// walk checks up to verifiedAtOnce entries after the sound ones.
func (v *AuditVerdict) walk(r forum.Reader, known forum.AuditHash) {
	end := v.Sound.N + verifiedAtOnce
	for e := range r.Audit(v.Sound.N) {
		if !e.Follows(v.Sound) {
			v.Broken = v.Sound.N + 1
			return
		}
		v.Sound = e.Head()
		v.Known = v.Known || e.Hash == known
		if e.N == end {
			return
		}
	}
}

package forum

import (
	"context"
	"slices"
	"strings"
)

// maxReason bounds the reason of an act, in bytes.
const maxReason = 500

// CleanReason returns the reason of an act as one line of at most 500 bytes, cleaned as
// messages are; "" stays "". Errors are of kind Invalid.
func CleanReason(reason string) (string, error) {
	if reason == "" {
		return "", nil
	}
	for { // a space that goes may leave a mark without its base
		cleaned, err := CleanMessage(reason, maxReason)
		if err != nil {
			return "", err
		}
		if reason = strings.Join(strings.Fields(cleaned), " "); reason == cleaned {
			return reason, nil
		}
	}
}

// AuditLog is the end of the audit log.
type AuditLog struct {
	Entries []AuditEntry // oldest first
	Head    AuditHead
}

// MaxAudited is how many entries Audit and Modlog return at most.
const MaxAudited = 10_000

// Audit returns the last n entries of the audit log, at most MaxAudited. Errors: Denied.
func (s *Service) Audit(actor Actor, n int) (log AuditLog, err error) {
	err = s.auditView(actor, func(r Reader) error {
		log = AuditLog{Entries: lastEntries(r, n, func(AuditEntry) bool { return true }), Head: r.AuditHead()}
		return nil
	})
	return log, err
}

// auditView reads the store for an actor who may read the audit log.
func (s *Service) auditView(actor Actor, fn func(Reader) error) error {
	return s.Store.View(func(r Reader) error {
		u, err := account(r, actor.User)
		switch {
		case err != nil:
			return err
		case !u.May(ReadAudit, u.ID):
			return Errorf(Denied, "Only a moderator can read the audit log; MODLOG shows what everybody may see of it.")
		}
		return fn(r)
	})
}

// lastEntries returns the last n entries that are shown, oldest first.
func lastEntries(r Reader, n int, shown func(AuditEntry) bool) (entries []AuditEntry) {
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

// AuditHead returns where the audit log ends.
func (s *Service) AuditHead() (head AuditHead, err error) {
	err = s.Store.View(func(r Reader) error {
		head = r.AuditHead()
		return nil
	})
	return head, err
}

// AuditVerdict is what a walk along the audit log has found.
type AuditVerdict struct {
	Sound  AuditHead // of the entries that are as they were written
	Broken uint64    // number of the first that is not; 0 when all are
	Known  bool      // the head that was asked for is that of a sound entry
}

// verifiedAtOnce bounds the entries that one transaction of VerifyAudit reads.
const verifiedAtOnce = 1000

// VerifyAudit walks along the whole audit log, and looks for a head that somebody has
// kept, or for none if it is zero. Errors: Denied.
func (s *Service) VerifyAudit(ctx context.Context, actor Actor, known AuditHash) (v AuditVerdict, err error) {
	v.Known = known == AuditHash{}
	for {
		from := v.Sound.N
		err := s.auditView(actor, func(r Reader) error {
			v.walk(r, known)
			return nil
		})
		switch {
		case err != nil && KindOf(err) == Internal: // a row that cannot be read
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

// walk goes on for a while behind what is known to be sound.
func (v *AuditVerdict) walk(r Reader, known AuditHash) {
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

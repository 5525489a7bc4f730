package rules

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"sshforum/forum"
	"sshforum/forum/limit"
)

// AuditUserLink notes that an account may belong to the same person as a banned one, which is
// named in Value. Nobody does this act, and it has no effect by itself.
const AuditUserLink forum.AuditAct = "user.link"

// linkedWithin bounds how long ago a banned account's visit ended for a new account from the
// same source to be linked with it.
const linkedWithin = 24 * time.Hour

// bannedPeople has the accounts that are or were banned, and their keys. It does not change.
// The store tells whether a ban still holds.
type bannedPeople struct {
	ids  map[forum.UserID]bool
	keys map[[sha256.Size]byte][]forum.UserID // by the hash of a key's Blob
}

func newBannedPeople(r forum.Reader) *bannedPeople {
	b := &bannedPeople{ids: make(map[forum.UserID]bool), keys: make(map[[sha256.Size]byte][]forum.UserID)}
	for u := range r.Users() {
		if u.Banned.Since.IsZero() {
			continue
		}
		b.ids[u.ID] = true
		for _, k := range r.Keys(u.ID) {
			hash := sha256.Sum256(k.Blob)
			b.keys[hash] = append(b.keys[hash], u.ID)
		}
	}
	return b
}

// owners returns the banned accounts that a key opens, except skip.
func (b *bannedPeople) owners(r forum.Reader, blob []byte, skip forum.UserID) (owners []forum.User) {
	for _, id := range b.keys[sha256.Sum256(blob)] {
		if u, _ := r.User(id); id != skip && u.Banned.Holds(r.Time()) && r.HasKey(id, blob) {
			owners = append(owners, u)
		}
	}
	return owners
}

// KeyBanned returns nil unless the key opens a banned account. A new account is not made for
// a peer that holds such a key. Errors, which only a peer that has proved to hold the key may
// be told: Denied with ErrBanned.
func (s *LoginService) KeyBanned(blob []byte) error {
	return s.cfg.Store.View(func(r forum.Reader) error {
		for _, u := range s.bannedPeople.Load().owners(r, blob, 0) {
			return banned(u.Banned)
		}
		return nil
	})
}

// linkByKeys links an account with the banned accounts that have one of its new keys.
func (s *LoginService) linkByKeys(ctx context.Context, id forum.UserID, keys ...forum.Key) error {
	var links []*linkUsers
	err := s.cfg.Store.View(func(r forum.Reader) error {
		for _, k := range keys {
			for _, banned := range s.bannedPeople.Load().owners(r, k.Blob, id) {
				links = append(links, &linkUsers{User: id, Banned: banned.ID, Why: "the same key " + k.Fingerprint()})
			}
		}
		return nil
	})
	return errors.Join(err, s.fileLinks(ctx, links))
}

// linkBySource links a new account with the banned accounts that were here within linkedWithin
// from the same source. It does nothing if the source is shared by many people.
func (s *LoginService) linkBySource(ctx context.Context, id forum.UserID, source string, shared bool) error {
	home := limit.Household(source)
	people := s.bannedPeople.Load()
	if shared || !home.IsValid() || len(people.ids) == 0 || s.moderation.exempt(home) {
		return nil
	}
	var links []*linkUsers
	found := make(map[forum.UserID]bool)
	look := func(r forum.Reader, v forum.VisitRecord) {
		if !people.ids[v.User] || found[v.User] || limit.Household(v.Source) != home {
			return
		}
		if u, _ := r.User(v.User); u.Banned.Holds(r.Time()) {
			found[v.User] = true
			links = append(links, &linkUsers{User: id, Banned: v.User, Why: "the same address within a day"})
		}
	}
	err := s.cfg.Store.View(func(r forum.Reader) error {
		for v := range r.VisitsEndedSince(r.Time().Add(-linkedWithin)) {
			look(r, v)
		}
		for v := range r.VisitsOpen() {
			look(r, v)
		}
		return nil
	})
	return errors.Join(err, s.fileLinks(ctx, links))
}

// fileLinks stores links, even if the person's connection ends, and later if the journal takes
// nothing now. It skips links that were stored recently, such as when a key is added again.
func (s *LoginService) fileLinks(ctx context.Context, links []*linkUsers) error {
	for _, l := range links {
		if s.linked.add(*l) {
			continue
		}
		if err := s.submitOrDefer(context.WithoutCancel(ctx), newSubmission(operator, s.Clock(), l)); err != nil && forum.KindOf(err) != forum.NotFound {
			return err
		}
	}
	return nil
}

// linked remembers up to maxLinked recent links. It is safe for concurrent use.
type linked struct {
	mu    sync.Mutex
	links *limit.Table[linkUsers, struct{}] // without their origins
}

const maxLinked = 1024

func newLinked() *linked { return &linked{links: limit.NewTable[linkUsers, struct{}](maxLinked)} }

// add adds a link, and reports whether it was there already.
func (l *linked) add(c linkUsers) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, known := l.links.Get(c)
	l.links.Put(c, struct{}{})
	return known
}

// linkUsers notes in the audit log that an account shares something with a banned one, and
// tells the moderators.
type linkUsers struct {
	origin
	User   forum.UserID
	Banned forum.UserID
	Why    string
}

func (c *linkUsers) apply(tx forum.Tx, by forum.User) (nothing, error) {
	u, ok := tx.User(c.User)
	banned, known := tx.User(c.Banned)
	if !ok || !u.Closed.IsZero() || !known || !banned.Banned.Holds(tx.Time()) {
		return nothing{}, errNoAccount
	}
	record(tx, by, forum.AuditEntry{Act: AuditUserLink, Object: auditUser(u.ID), Name: u.Name, Value: banned.Name, Reason: c.Why})
	e := forum.Event{Kind: forum.UserLinked, Text: fmt.Sprintf("%s may be %s, who is banned: %s. The audit log has it.", u.Name, banned.Name, c.Why)}
	moderators := slices.Collect(tx.Users())
	for _, m := range moderators {
		if m.May(forum.ReadAudit, m.ID) && m.Closed.IsZero() {
			e.Mentions = append(e.Mentions, m.ID)
			markShownIfHere(tx, putOperatorMessage(tx, m.ID, e.Text))
		}
	}
	tx.Publish(e)
	return nothing{}, nil
}

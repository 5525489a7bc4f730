package rules

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"sshforum/forum"
)

// flushEvery is how often the marks and command lines of an active session are stored.
const flushEvery = 5 * time.Second

// flush stores the pending state of a person. After the error Unavailable it is still pending.
// After any other error it is lost, and entries that were shown will be shown again.
func (s *PeopleService) flush(ctx context.Context, p *personState) error {
	defer s.roster.forgetIfIdle(p)
	p.flushing.Lock()
	defer p.flushing.Unlock()
	t := p.take(s.Steady())
	err := errors.Join(
		s.storeConversationMarks(ctx, p.user, t.conversations), s.storeSeen(ctx, p.user, t.threads), s.storeLines(ctx, p.user, t.lines),
	)
	p.stored(forum.KindOf(err) != forum.Unavailable, s.cfg.HistoryLines)
	return err
}

// flushAll stores the pending state of people, so that a change can make entries unread that they
// have read until now. Marks that cannot be stored now count as made after the change.
func (s *PeopleService) flushAll(ctx context.Context, people []forum.UserID) {
	for _, id := range people {
		if p := s.roster.state(id); p != nil && !p.empty() {
			_ = s.flush(ctx, p)
		}
	}
}

// pendingOf returns the marks and lines of a person that are not known to be stored. It must be
// called before the store is read, because marks stored between the two would be missed.
func (s *PeopleService) pendingOf(id forum.UserID) pending {
	if p := s.roster.state(id); p != nil {
		return p.unstored(s.cfg.HistoryLines)
	}
	return pending{}
}

// storePending adds to the pending state of a person and stores it, or defers that if the store
// is unavailable.
func (s *PeopleService) storePending(ctx context.Context, id forum.UserID, note func(*pending)) error {
	return s.deferIfUnavailable(s.flush(ctx, s.roster.note(id, s.Steady(), note)))
}

func (s *PeopleService) storeConversationMarks(ctx context.Context, by forum.UserID, messages map[forum.UserID]ConversationMark) error {
	if len(messages) == 0 {
		return nil
	}
	c := &markConversations{}
	for _, m := range messages {
		c.Marks = append(c.Marks, m)
	}
	slices.SortFunc(c.Marks, func(a, b ConversationMark) int { return cmp.Compare(a.Peer, b.Peer) })
	_, err := submit(ctx, s.core, Actor{User: by}, c)
	return err
}

// storeSeen marks entries as read.
func (s *PeopleService) storeSeen(ctx context.Context, by forum.UserID, threads map[forum.ThreadID]forum.Marks) error {
	if len(threads) == 0 {
		return nil
	}
	c := &setMarks{}
	for id, m := range threads {
		c.Read = append(c.Read, ThreadMarks{id, m})
	}
	slices.SortFunc(c.Read, func(a, b ThreadMarks) int { return cmp.Compare(a.Thread, b.Thread) })
	_, err := submit(ctx, s.core, Actor{User: by}, c)
	return err
}

func (s *PeopleService) storeLines(ctx context.Context, by forum.UserID, lines []string) error {
	if len(lines) == 0 {
		return nil
	}
	_, err := submit(ctx, s.core, Actor{User: by}, &addCommandHistory{Lines: lines, Keep: s.cfg.HistoryLines})
	return err
}

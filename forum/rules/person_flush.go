package rules

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"sshforum/forum"
)

// flushEvery is how often what an active session shows is stored.
const flushEvery = 5 * time.Second

// flush stores the traces of a person. Errors: Unavailable when they are kept, to be
// stored later. After any other they are given up: what was shown is shown again some day.
func (s *PeopleService) flush(ctx context.Context, p *personal) error {
	defer s.roster.settle(p)
	p.flushing.Lock()
	defer p.flushing.Unlock()
	t := p.take(s.Steady())
	err := errors.Join(
		s.storeLetterMarks(ctx, p.user, t.letters), s.storeSeen(ctx, p.user, t.threads), s.storeLines(ctx, p.user, t.lines),
	)
	p.stored(forum.KindOf(err) != forum.Unavailable, s.cfg.HistoryLines)
	return err
}

// settle stores the traces of people, so that a change can take back what they have shown
// by now. What cannot be stored now counts as shown after the change.
func (s *PeopleService) settle(ctx context.Context, people []forum.UserID) {
	for _, id := range people {
		if p := s.roster.known(id); p != nil && !p.empty() {
			_ = s.flush(ctx, p)
		}
	}
}

// left returns the traces of a person that are not known to be stored. What is read from
// the store to go with them is read after it.
func (s *PeopleService) left(id forum.UserID) traces {
	if p := s.roster.known(id); p != nil {
		return p.all(s.cfg.HistoryLines)
	}
	return traces{}
}

// leave notes traces of a person and stores them, if not now then later.
func (s *PeopleService) leave(ctx context.Context, id forum.UserID, note func(*traces)) error {
	return s.waits(s.flush(ctx, s.roster.note(id, s.Steady(), note)))
}

func (s *PeopleService) storeLetterMarks(ctx context.Context, by forum.UserID, letters map[forum.UserID]LetterMark) error {
	if len(letters) == 0 {
		return nil
	}
	c := &markLetters{}
	for _, m := range letters {
		c.Marks = append(c.Marks, m)
	}
	slices.SortFunc(c.Marks, func(a, b LetterMark) int { return cmp.Compare(a.Peer, b.Peer) })
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

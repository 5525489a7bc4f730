package forum

import (
	"cmp"
	"context"
	"errors"
	"slices"
)

// flush stores what sessions of one person have shown. What the store cannot take is
// shown again some day.
func (s *Service) flush(ctx context.Context, visits ...*Visit) error {
	var errs []error
	for _, v := range visits {
		m := v.takeMarks()
		errs = append(errs, s.storeLetterMarks(ctx, v.actor, m.letters), s.storeSeen(ctx, v.actor, m.threads))
	}
	return errors.Join(errs...)
}

// settle stores what all sessions of the actor have shown, so that none shows as new
// what another has shown.
func (s *Service) settle(ctx context.Context, actor Actor) error {
	return s.flush(ctx, s.roster.of(actor.User)...)
}

func (s *Service) storeLetterMarks(ctx context.Context, actor Actor, letters map[UserID]LetterMark) error {
	if len(letters) == 0 {
		return nil
	}
	c := &markLetters{By: actor.User, At: s.Clock()}
	for peer, m := range letters {
		m.Peer = peer
		c.Marks = append(c.Marks, m)
	}
	slices.SortFunc(c.Marks, func(a, b LetterMark) int { return cmp.Compare(a.Peer, b.Peer) })
	_, err := s.Journal.Submit(ctx, c)
	return err
}

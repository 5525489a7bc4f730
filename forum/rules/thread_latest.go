package rules

import "sshforum/forum"

// Latest reads a thread backwards: it hands take each entry, from the last on and without
// its quote, until take has enough and returns false. No more of the thread is read, so
// that what it costs does not depend on what is in it. take must return at once, since
// it is called within a transaction. Errors: NotFound.
func (s *ThreadService) Latest(actor Actor, title string, take func(Entry) bool) (t forum.Thread, creator string, err error) {
	err = s.view(actor, func(r forum.Reader) error {
		if t, err = liveThread(r, forum.TitleKey(title)); err != nil {
			return err
		}
		creator = authorName(r, t.Creator)
		show, number := newPresenter(r, actor.User, false), t.Messages
		for m := range r.EntriesBack(t.ID) {
			e := show.unquoted(m, 0)
			if m.Upload == "" {
				e.Number = number
				number--
			}
			if !take(e) {
				break
			}
		}
		return nil
	})
	return t, creator, err
}

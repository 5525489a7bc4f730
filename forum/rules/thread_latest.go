package rules

import "sshforum/forum"

// Latest reads a thread backwards: it calls take with each entry, without its quote, from the
// last one on until take returns false. It reads no more of the thread, so that its cost does
// not depend on the thread's length. take must return quickly, because it is called within a
// transaction. Errors: NotFound.
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

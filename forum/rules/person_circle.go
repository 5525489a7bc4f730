package rules

import (
	"cmp"
	"iter"
	"slices"
	"sync/atomic"

	"sshforum/forum"
)

// circle is what a session must know of its person and the others to decide what to
// show. It is read at once and does not change.
type circle struct {
	me          forum.User
	blocks      map[forum.UserID]bool // by me
	blockedBy   map[forum.UserID]bool
	levels      map[forum.ThreadID]forum.Level // without Unset
	preferences forum.Preferences
	version     uint64 // of the sight that it was read for
}

func newCircle(r forum.Reader, id forum.UserID) (*circle, error) {
	me, err := visitor(r, id)
	if err != nil {
		return nil, err
	}
	return &circle{
		me: me, blocks: setOf(r.Blocks(id)), blockedBy: setOf(r.BlockedBy(id)),
		levels: levelsOf(r, id), preferences: r.Preferences(id),
	}, nil
}

// setOf returns nil for nobody, which costs a look-up nothing.
func setOf(people iter.Seq[forum.UserID]) (set map[forum.UserID]bool) {
	for id := range people {
		if set == nil {
			set = make(map[forum.UserID]bool)
		}
		set[id] = true
	}
	return set
}

// silenced are the kinds that a person does not see of those they have blocked. What
// these do to a thread, such as removing it as a moderator, still holds and shows.
var silenced = []forum.EventKind{
	forum.MessagePosted, forum.MessageEdited, forum.MessageRestored, forum.FileUploaded, forum.FileRenamed, forum.FileDropped,
	forum.UserCame, forum.UserWent, forum.PrivateSent, forum.SaidToAll,
}

// quoting are the kinds that tell what somebody wrote, who need not be the actor.
var quoting = []forum.EventKind{forum.MessageRestored, forum.FileRemoved}

// hidden are the kinds that those do not see whom the actor has blocked.
var hidden = []forum.EventKind{forum.UserCame, forum.UserWent, forum.SaidToAll}

// bookkeeping are the kinds that are shown to nobody.
var bookkeeping = []forum.EventKind{forum.UserBlocked, forum.UserUnblocked, forum.ThreadLevel, forum.UserSettings, forum.UserRole, forum.UserClosed, forum.UserBanned}

// mayBeFor reports whether an event can be for a person at all.
func mayBeFor(e forum.Event, id forum.UserID) bool {
	return (e.To == 0 || e.To == id || e.Actor == id) && !slices.Contains(bookkeeping, e.Kind)
}

// sees reports whether the person may see an event.
func (c *circle) sees(e forum.Event) bool {
	switch {
	case !mayBeFor(e, c.me.ID):
		return false
	case e.Kind == forum.ReportFiled:
		return c.me.May(forum.SeeReports, c.me.ID)
	case e.Kind == forum.ReportResolved, e.Kind == forum.UserLinked:
		return slices.Contains(e.Mentions, c.me.ID)
	case slices.Contains(quoting, e.Kind) && c.blocks[cmp.Or(e.Other, e.Actor)]:
		return false
	case c.blocks[e.Actor]:
		return !slices.Contains(silenced, e.Kind)
	case c.blockedBy[e.Actor]:
		return !slices.Contains(hidden, e.Kind)
	}
	return true
}

// changes reports whether an event makes the circle of a person another one.
func changes(e forum.Event, id forum.UserID) bool {
	return (e.Actor == id || e.To == id || e.Other == id) && slices.Contains(bookkeeping, e.Kind)
}

// sight is a session's circle, read again after an event that changed it and not else,
// so that a live event costs no read of the store.
type sight struct {
	user    forum.UserID
	circle  atomic.Pointer[circle] // nil until look is called
	version atomic.Uint64          // counts the events that changed the circle
}

// lets is a filter for Hub.Subscribe: it takes what wants says yes to, and while the
// circle is out of date, all that may be for the person.
func (s *sight) lets(e forum.Event, wants func(*circle, forum.Event) bool) bool {
	c := s.circle.Load()
	if changes(e, s.user) || c.joins(e) {
		s.version.Add(1)
		return true
	}
	if c == nil || c.version != s.version.Load() {
		return mayBeFor(e, s.user)
	}
	return wants(c, e)
}

// look returns the circle as it is after every event that lets has met. Errors: Denied
// when the account was closed.
func (s *sight) look(store forum.Store) (c *circle, err error) {
	version := s.version.Load()
	if c = s.circle.Load(); c != nil && c.version == version {
		return c, nil
	}
	err = store.View(func(r forum.Reader) error {
		c, err = newCircle(r, s.user)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.version = version
	s.circle.Store(c)
	return c, nil
}

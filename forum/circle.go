package forum

import (
	"cmp"
	"iter"
	"slices"
	"sync/atomic"
)

// circle is what a session must know of its person and the others to decide what to
// show. It is read at once and does not change.
type circle struct {
	me          User
	blocks      map[UserID]bool // by me
	blockedBy   map[UserID]bool
	levels      map[ThreadID]Level // without Unset
	preferences Preferences
	version     uint64 // of the sight that it was read for
}

func newCircle(r Reader, id UserID) (*circle, error) {
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
func setOf(people iter.Seq[UserID]) (set map[UserID]bool) {
	for id := range people {
		if set == nil {
			set = make(map[UserID]bool)
		}
		set[id] = true
	}
	return set
}

// silenced are the kinds that a person does not see of those they have blocked. What
// these do to a thread, such as removing it as a moderator, still holds and shows.
var silenced = []EventKind{
	MessagePosted, MessageEdited, MessageRestored, FileUploaded, FileRenamed, FileDropped,
	UserCame, UserWent, PrivateSent, SaidToAll,
}

// quoting are the kinds that tell what somebody wrote, who need not be the actor.
var quoting = []EventKind{MessageRestored, FileRemoved}

// hidden are the kinds that those do not see whom the actor has blocked.
var hidden = []EventKind{UserCame, UserWent, SaidToAll}

// bookkeeping are the kinds that are shown to nobody.
var bookkeeping = []EventKind{UserBlocked, UserUnblocked, ThreadLevel, UserSettings, UserRole, UserClosed, UserBanned}

// mayBeFor reports whether an event can be for a person at all.
func mayBeFor(e Event, id UserID) bool {
	return (e.To == 0 || e.To == id || e.Actor == id) && !slices.Contains(bookkeeping, e.Kind)
}

// sees reports whether the person may see an event.
func (c *circle) sees(e Event) bool {
	switch {
	case !mayBeFor(e, c.me.ID):
		return false
	case e.Kind == ReportFiled:
		return c.me.May(SeeReports, c.me.ID)
	case e.Kind == ReportResolved, e.Kind == UserLinked:
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
func changes(e Event, id UserID) bool {
	return (e.Actor == id || e.To == id || e.Other == id) && slices.Contains(bookkeeping, e.Kind)
}

// sight is a session's circle, read again after an event that changed it and not else,
// so that a live event costs no read of the store.
type sight struct {
	user    UserID
	circle  atomic.Pointer[circle] // nil until look is called
	version atomic.Uint64          // counts the events that changed the circle
}

// lets is a filter for Hub.Subscribe: it takes what wants says yes to, and while the
// circle is out of date, all that may be for the person.
func (s *sight) lets(e Event, wants func(*circle, Event) bool) bool {
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
func (s *sight) look(store Store) (c *circle, err error) {
	version := s.version.Load()
	if c = s.circle.Load(); c != nil && c.version == version {
		return c, nil
	}
	err = store.View(func(r Reader) error {
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

package rules

import (
	"cmp"
	"iter"
	"slices"
	"sync/atomic"

	"sshforum/forum"
)

// viewer has what decides which events a person sees: their account, blocks, levels and
// preferences. All of it is read in one transaction and never changes.
type viewer struct {
	me          forum.User
	blocks      map[forum.UserID]bool // blocked by me
	blockedBy   map[forum.UserID]bool
	levels      levelTable
	preferences forum.Preferences
	version     uint64 // see cachedViewer
}

func newViewer(r forum.Reader, id forum.UserID) (*viewer, error) {
	me, err := visitor(r, id)
	if err != nil {
		return nil, err
	}
	return &viewer{
		me: me, blocks: setOf(r.Blocks(id)), blockedBy: setOf(r.BlockedBy(id)),
		levels: levelsOf(r, id), preferences: r.Preferences(id),
	}, nil
}

// setOf returns a set, or nil if it is empty: a look-up in nil costs nothing.
func setOf(people iter.Seq[forum.UserID]) (set map[forum.UserID]bool) {
	for id := range people {
		if set == nil {
			set = make(map[forum.UserID]bool)
		}
		set[id] = true
	}
	return set
}

// hiddenFromBlocker are the kinds of events that a person does not see if they have blocked the
// actor. Acts on a thread, such as its removal by a moderator, are still shown.
var hiddenFromBlocker = []forum.EventKind{
	forum.MessagePosted, forum.MessageEdited, forum.MessageRestored, forum.FileUploaded, forum.FileRenamed, forum.FileDropped,
	forum.UserCame, forum.UserWent, forum.PrivateSent, forum.SaidToAll,
}

// quoting are the kinds of events whose text may be by somebody other than the actor.
var quoting = []forum.EventKind{forum.MessageRestored, forum.FileRemoved}

// hiddenFromBlocked are the kinds of events that a person does not see if the actor has blocked
// them.
var hiddenFromBlocked = []forum.EventKind{forum.UserCame, forum.UserWent, forum.SaidToAll}

// shownToNobody are the kinds of events that only change who sees what.
var shownToNobody = []forum.EventKind{forum.UserBlocked, forum.UserUnblocked, forum.ThreadLevel, forum.UserSettings, forum.UserRole, forum.UserClosed, forum.UserBanned}

// concerns reports whether a person could be told of an event, regardless of blocks.
func concerns(e *forum.Event, id forum.UserID) bool {
	return (e.To == 0 || e.To == id || e.Actor == id) && !slices.Contains(shownToNobody, e.Kind)
}

// sees reports whether the person may see an event.
func (c *viewer) sees(e *forum.Event) bool {
	switch {
	case !concerns(e, c.me.ID):
		return false
	case e.Kind == forum.ReportFiled:
		return c.me.May(forum.SeeReports, c.me.ID)
	case e.Kind == forum.ReportResolved, e.Kind == forum.UserLinked:
		return slices.Contains(e.Mentions, c.me.ID)
	case slices.Contains(quoting, e.Kind) && c.blocks[cmp.Or(e.Other, e.Actor)]:
		return false
	case c.blocks[e.Actor]:
		return !slices.Contains(hiddenFromBlocker, e.Kind)
	case c.blockedBy[e.Actor]:
		return !slices.Contains(hiddenFromBlocked, e.Kind)
	}
	return true
}

// changesViewer reports whether a person's viewer must be read again after an event.
func changesViewer(e *forum.Event, id forum.UserID) bool {
	return (e.Actor == id || e.To == id || e.Other == id) && slices.Contains(shownToNobody, e.Kind)
}

// cachedViewer is a session's viewer. It is read again only after an event that changed it, so
// that other events cost no read of the store.
type cachedViewer struct {
	user    forum.UserID
	current atomic.Pointer[viewer] // nil until load is called
	version atomic.Uint64          // counts the events that changed the viewer
}

// wants is a filter for Hub.Subscribe. It returns the result of want; while the viewer is out of
// date, it reports whether the event concerns the person.
func (s *cachedViewer) wants(e *forum.Event, want func(*viewer, *forum.Event) bool) bool {
	c := s.current.Load()
	if changesViewer(e, s.user) || c.beginsToWatch(e) {
		s.version.Add(1)
		return true
	}
	if c == nil || c.version != s.version.Load() {
		return concerns(e, s.user)
	}
	return want(c, e)
}

// load returns the viewer after all events that wants has seen. Errors: Denied if the account
// is closed.
func (s *cachedViewer) load(store forum.Store) (*viewer, error) {
	version := s.version.Load()
	if c := s.current.Load(); c != nil && c.version == version {
		return c, nil
	}
	return s.read(store, version)
}

// read reads the viewer from the store, as its given version.
func (s *cachedViewer) read(store forum.Store, version uint64) (c *viewer, err error) {
	err = store.View(func(r forum.Reader) error {
		c, err = newViewer(r, s.user)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.version = version
	s.current.Store(c)
	return c, nil
}

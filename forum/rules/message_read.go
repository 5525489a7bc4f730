package rules

import (
	"context"
	"iter"
	"sort"
	"time"

	"sshforum/forum"
)

// Range selects a part of a thread; the zero Range is all of it. If several beginnings are
// given, the latest counts.
type Range struct {
	From   uint64    // first message number
	Last   uint64    // at most this many messages at the end of the thread
	Since  time.Time // messages posted at or after this time
	Edited uint64    // with Since: also messages edited at or after it, among at most this many at the end of the thread
	Unread bool      // only entries that the actor has not read
	Unfold bool      // also the texts of people whom the actor has blocked
	Hidden bool      // also hidden entries that the actor may see; they have no number
}

// Reading is a thread that is being read. Entries reads one page at a time while it is ranged
// over, so that a slow reader holds no transaction; it ends with the first error.
type Reading struct {
	Thread  forum.Thread
	Creator string
	After   uint64 // Seq of the last entry before the range
	Change  uint64 // number of the forum's last change when the thread was opened
	Entries iter.Seq2[Entry, error]
}

// Entry is a message as a thread shows it.
type Entry struct {
	Number  uint64 // 0 for the line of an upload
	Message forum.Message
	Author  string
	Quote   *Quote // quote of the message it answers; nil if none
	Folded  bool   // its author is blocked by the actor: Message has no text and no file name, Quote is nil
}

// A page is read in one transaction and held in memory until it is shown. It has up to
// pageEntries entries, and ends after the entry with which its texts reach pageBytes. The first
// page of a thread has only firstEntries, since many readers stop after a screen.
const (
	firstEntries = 32
	pageEntries  = 256
	pageBytes    = 256 << 10
)

// Read opens a thread for reading. Entries posted later are not part of it. Errors: NotFound.
func (s *MessageService) Read(ctx context.Context, actor Actor, title string, part Range) (Reading, error) {
	var reading Reading
	var page pager
	left := s.people.pendingOf(actor.User)
	err := s.viewAs(actor, func(r forum.Reader, u forum.User) error {
		t, err := part.thread(r, u, forum.TitleKey(title))
		if err != nil {
			return err
		}
		reading = Reading{Thread: t, Creator: authorName(r, t.Creator), Change: r.Seq()}
		page = pager{user: actor.User, thread: t, number: part.begin(r, t), unfold: part.Unfold, hidden: part.Hidden}
		if page.number > 1 {
			first, ok := r.MessageAt(t.ID, page.number)
			if !ok {
				first.Seq = t.Last + 1
			}
			page.after = first.Seq - 1
		}
		page.edited = part.edited(r, t, page.after)
		if part.Unread {
			page.skip(r, u, left)
		}
		reading.After = page.after
		return nil
	})
	reading.Entries = func(yield func(Entry, error) bool) {
		s.readPages(ctx, actor, page, yield)
	}
	return reading, err
}

func (p Range) thread(r forum.Reader, u forum.User, title string) (forum.Thread, error) {
	if p.Hidden {
		return shownThread(r, u, title)
	}
	return liveThread(r, title)
}

// begin returns the number of the first message of the range in t.
func (p Range) begin(r forum.Reader, t forum.Thread) uint64 {
	first := max(p.From, 1)
	if p.Last > 0 && t.Messages > p.Last {
		first = max(first, t.Messages-p.Last+1)
	}
	if !p.Since.IsZero() {
		first = max(first, olderThan(r, t, p.Since)+1)
	}
	return first
}

// olderThan counts the messages of t that were posted before at. It looks back from the last one
// in steps that double, since most readers ask for what is new.
func olderThan(r forum.Reader, t forum.Thread, at time.Time) uint64 {
	older := func(n uint64) bool {
		id, _ := r.MessageAt(t.ID, n)
		m, _ := r.Message(id)
		return m.Posted.Before(at)
	}
	low, high := t.Messages, t.Messages // those up to low are older, those above high are not
	for step := uint64(1); low > 0 && !older(low); step *= 2 {
		high, low = low-1, low-min(step, low)
	}
	return low + uint64(sort.Search(int(high-low), func(i int) bool { return !older(low + uint64(i) + 1) }))
}

// edited returns the messages of the range up to the Seq upto, which were posted before Since and
// edited later.
func (p Range) edited(r forum.Reader, t forum.Thread, upto uint64) (ids []forum.MessageID) {
	if p.Edited == 0 {
		return nil
	}
	first, ok := r.MessageAt(t.ID, Range{From: p.From, Last: p.Edited}.begin(r, t))
	if !ok || first.Seq > upto {
		return nil
	}
	for m := range r.EditedSince(t.ID, first.Seq-1, p.Since) {
		if m.ID.Seq > upto {
			break
		}
		ids = append(ids, m.ID)
	}
	return ids
}

// pager is the position of a Reading in its thread.
type pager struct {
	user   forum.UserID
	thread forum.Thread
	after  uint64            // Seq of the last entry read
	number uint64            // number of the next message
	edited []forum.MessageID // messages to read before that
	read   forum.Marks       // entries to skip
	unfold bool
	hidden bool
}

// skip lets p skip the entries that the user has read, according to the stored marks and the
// pending ones.
func (p *pager) skip(r forum.Reader, u forum.User, left pending) {
	p.read = left.interest(interest(r, u, p.thread), p.thread).Read
	if p.after < p.read.Upto {
		p.after, p.number = p.read.Upto, r.Rank(p.thread.ID, p.read.Upto)+1
	}
}

func (s *MessageService) readPages(ctx context.Context, actor Actor, p pager, yield func(Entry, error) bool) {
	for size := firstEntries; len(p.edited) > 0 || p.after < p.thread.Last; size = pageEntries {
		var entries []Entry
		err := ctx.Err()
		if err == nil {
			err = s.viewAs(actor, func(r forum.Reader, u forum.User) error {
				entries, err = p.next(r, u, size)
				return err
			})
		}
		if err != nil {
			yield(Entry{}, err)
			return
		}
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// next returns one page of at most size entries, and moves p behind it.
func (p *pager) next(r forum.Reader, u forum.User, size int) ([]Entry, error) {
	if !p.readable(r, u) {
		return nil, forum.Errorf(forum.NotFound, "Thread %s has just been removed.", p.thread.Title)
	}
	show := newPresenter(r, p.user, p.unfold)
	if len(p.edited) > 0 {
		return p.nextEdited(r, show, size), nil
	}
	entries, bytes := make([]Entry, 0, min(uint64(size), p.thread.Last-p.after)), 0
	for m := range p.entries(r, u) {
		if m.ID.Seq > p.thread.Last {
			break
		}
		if len(entries) == size || bytes >= pageBytes {
			return entries, nil
		}
		number := uint64(0)
		if m.Upload == "" && !m.Removed.Done() {
			number = p.number
			p.number++
		}
		p.after = m.ID.Seq
		if !p.read.Has(m.ID.Seq) {
			entries = append(entries, show.entry(m, number))
			bytes += len(m.Text)
		}
	}
	p.after = p.thread.Last
	return entries, nil
}

// nextEdited is next for the messages in p.edited.
func (p *pager) nextEdited(r forum.Reader, show *presenter, size int) (entries []Entry) {
	for bytes := 0; len(p.edited) > 0 && len(entries) < size && bytes < pageBytes; p.edited = p.edited[1:] {
		number, ok := r.Number(p.edited[0])
		if !ok {
			continue // it has just been deleted
		}
		m, _ := r.Message(p.edited[0])
		entries = append(entries, show.entry(m, number))
		bytes += len(m.Text)
	}
	return entries
}

// readable reports whether the thread can still be read.
func (p *pager) readable(r forum.Reader, u forum.User) bool {
	t, ok := r.Thread(p.thread.ID)
	if p.hidden {
		return ok && u.Sees(t.Creator, t.Removed)
	}
	return ok && !t.Removed.Done()
}

func (p *pager) entries(r forum.Reader, u forum.User) iter.Seq[forum.Message] {
	if p.hidden {
		return shownEntries(r, u, p.thread.ID, p.after)
	}
	return r.Entries(p.thread.ID, p.after)
}

// History is a message with its earlier versions, oldest first.
type History struct {
	Posted
	Earlier []forum.Edit
}

// History returns a message and its earlier versions. Errors: NotFound; Denied; Conflict.
func (s *MessageService) History(ctx context.Context, actor Actor, target Target) (h History, err error) {
	err = s.view(actor, func(r forum.Reader) error {
		u, err := account(r, actor.User)
		if err != nil {
			return err
		}
		t, m, err := target.clean().resolveShown(r, u)
		if err != nil {
			return err
		}
		if !u.May(forum.SeeEdits, m.Author) {
			return forum.Errorf(forum.Denied, "You may not see earlier versions of this message.")
		}
		h = History{Posted: newPosted(r, t, m), Earlier: r.Edits(m.ID)}
		return nil
	})
	return h, err
}

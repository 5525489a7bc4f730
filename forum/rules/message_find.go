package rules

import (
	"context"
	"math"
	"runtime"
	"time"

	"sshforum/forum"
	"sshforum/forum/limit"
	"sshforum/forum/search"
)

// Query is what FIND looks for: words, and what else must be true of a message.
type Query struct {
	search.Query
	After, Before time.Time // posted at or after, and before; zero for any time
}

// Page says which of the messages found to show: so many, the first page being that of
// the last posted.
type Page struct {
	Size   int // 1 to MaxPage
	Number int // from 1
}

// MaxPage is the largest size of a page, maxPages the highest number of one.
const (
	MaxPage  = 1000
	maxPages = math.MaxInt32
)

// first and end say where among all messages found the page begins and ends.
func (p Page) first() uint64 { return uint64(p.Number-1) * uint64(p.Size) }
func (p Page) end() uint64   { return p.first() + uint64(p.Size) }

// At most so many messages that have all words are looked at for a phrase, and so many
// bytes of them.
const (
	maxVerified      = 2000
	maxVerifiedBytes = 1 << 20
)

// Found is one page of what a query found, the last posted first.
type Found struct {
	Hits  []Hit
	Page  Page
	Total uint64 // messages found in all
	More  bool   // and there may be more: not all were looked at
	Early bool   // it took too long: the page may lack some, too, and More is set
}

// Hit is a message that was found.
type Hit struct {
	Posted
	Excerpt search.Excerpt
}

// findFor is how long one search takes at most.
const findFor = time.Second

// searchesAtOnce is how many searches are under way at once; the others wait. They leave
// half of the processors, if there are several, to those who post.
func searchesAtOnce() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// Find returns what the actor may see of the messages that match. It reads one page of
// them, and for a phrase up to maxVerified, and ends early when that takes too long. Errors:
// Invalid page; NotFound for an author or a thread that does not exist; Limited; ctx's.
func (s *MessageService) Find(ctx context.Context, actor Actor, q Query, page Page) (found Found, err error) {
	if page.Size < 1 || page.Size > MaxPage || page.Number < 1 || page.Number > maxPages {
		return found, forum.Errorf(forum.Invalid, "A page has 1 to %s messages, and the first is number 1.", forum.Thousands(MaxPage))
	}
	if err = s.paced(actor, limit.Searching); err != nil {
		return found, err
	}
	select {
	case s.searching <- struct{}{}:
		defer func() { <-s.searching }()
	case <-ctx.Done():
		return found, context.Cause(ctx)
	}
	err = s.view(actor, func(r forum.Reader) error {
		sought, err := q.sought(r, actor)
		if err != nil {
			return err
		}
		f := finder{r: r, query: q, Found: Found{Page: page}, clock: s.cfg.Steady, end: s.Steady().Add(findFor)}
		for m := range r.Matches(sought) {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if f.More || f.late() {
				break
			}
			f.take(m)
		}
		found = f.Found
		return nil
	})
	return found, err
}

// sought says in terms what q means to an actor.
func (q Query) sought(r forum.Reader, actor Actor) (forum.Sought, error) {
	s := forum.Sought{After: q.After, Before: q.Before, Unseen: unseenBy(r, actor.User)}
	s.Terms = append(q.Terms(), forum.PresentTerm())
	if q.File {
		s.Terms = append(s.Terms, forum.FileTerm())
	}
	if q.Thread != "" {
		t, err := liveThread(r, forum.TitleKey(q.Thread))
		if err != nil {
			return s, err
		}
		s.Terms = append(s.Terms, forum.ThreadTerm(t.ID))
	}
	if q.Author != "" {
		u, ok := r.UserByName(forum.NameKey(q.Author))
		if !ok {
			return s, forum.Errorf(forum.NotFound, "There is no account %s.", forum.Printable(q.Author))
		}
		s.Terms = append(s.Terms, forum.AuthorTerm(u.ID))
	}
	return s, nil
}

// finder takes matches until the page is full and all are counted.
type finder struct {
	Found
	r        forum.Reader
	query    Query
	verified int // messages looked at
	bytes    int // of them
	clock    func() time.Time
	end      time.Time // when the search ends early
}

// late reports whether the search has to end, and notes it.
func (f *finder) late() bool {
	if f.clock().After(f.end) {
		f.More, f.Early = true, true
	}
	return f.Early
}

func (f *finder) take(m forum.Matched) {
	if f.query.Exact() {
		f.count(m)
	} else {
		f.verify(m)
	}
}

// count takes a group in which every message is found; only those of the page are read.
func (f *finder) count(m forum.Matched) {
	n := f.Total
	f.Total += uint64(m.Count)
	if f.Total <= f.Page.first() {
		return
	}
	for id := range m.Messages {
		if n >= f.Page.end() {
			return
		}
		if n >= f.Page.first() {
			if f.late() {
				return
			}
			message, _ := f.r.Message(id)
			f.show(message)
		}
		n++
	}
}

// verify looks at every message of a group.
func (f *finder) verify(m forum.Matched) {
	for id := range m.Messages {
		if f.verified == maxVerified || f.bytes >= maxVerifiedBytes {
			f.More = true
			return
		}
		if f.late() {
			return
		}
		message, _ := f.r.Message(id)
		f.verified++
		f.bytes += len(message.Words())
		if !f.query.Found(message.Words()) {
			continue
		}
		if n := f.Total; n >= f.Page.first() && n < f.Page.end() {
			f.show(message)
		}
		f.Total++
	}
}

func (f *finder) show(m forum.Message) {
	t, _ := f.r.Thread(m.ID.Thread)
	f.Hits = append(f.Hits, Hit{Posted: standing(f.r, t, m), Excerpt: f.query.Excerpt(m.Words())})
}

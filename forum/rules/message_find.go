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

// Query is a search with FIND: words, and other conditions that a message must meet.
type Query struct {
	search.Query
	After, Before time.Time // posted at or after After, and before Before; zero for no limit
}

// Page selects one page of the messages found. The first page has those posted last.
type Page struct {
	Size   int // messages on a page, 1 to MaxPage
	Number int // from 1
}

// MaxPage is the largest size of a page, maxPages the highest number of a page.
const (
	MaxPage  = 1000
	maxPages = math.MaxInt32
)

// first and end return the range of the page among all messages found: from first on, below
// end.
func (p Page) first() uint64 { return uint64(p.Number-1) * uint64(p.Size) }
func (p Page) end() uint64   { return p.first() + uint64(p.Size) }

// Limits of the search for a phrase: the messages that have all words, and their bytes, whose
// texts are read.
const (
	maxVerified      = 2000
	maxVerifiedBytes = 1 << 20
)

// Found is one page of the messages that a query found, the last posted first.
type Found struct {
	Hits  []Hit
	Page  Page
	Total uint64 // messages found in all
	More  bool   // there may be more, because not all candidates were read
	Early bool   // the search was cut off after findFor; the page may be incomplete, and More is set
}

// Hit is a message that was found.
type Hit struct {
	Posted
	Excerpt search.Excerpt
}

// findFor is the longest time that one search takes.
const findFor = time.Second

// searchesAtOnce returns how many searches run at once; further ones wait. They leave half of
// the processors, if there are several, to people who post.
func searchesAtOnce() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// Find returns a page of the messages that match the query and that the actor may see. It reads
// the messages of that page, and for a phrase up to maxVerified messages, and ends early if it
// takes longer than findFor. Errors: Invalid page; NotFound if there is no such author or
// thread; Limited; the cause of ctx.
func (s *MessageService) Find(ctx context.Context, actor Actor, q Query, page Page) (found Found, err error) {
	if page.Size < 1 || page.Size > MaxPage || page.Number < 1 || page.Number > maxPages {
		return found, forum.Errorf(forum.Invalid, "A page has 1 to %s messages, and the first is number 1.", forum.Thousands(MaxPage))
	}
	if err = s.checkPace(actor, limit.Searching); err != nil {
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

// sought returns the terms that q stands for when actor searches.
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

// finder collects matches until the page is full and all matches are counted.
type finder struct {
	Found
	r        forum.Reader
	query    Query
	verified int // messages whose text was read
	bytes    int // size of these texts
	clock    func() time.Time
	end      time.Time // when the search is cut off
}

// late reports whether the search must be cut off, and records that.
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

// count counts a group in which every message matches, and reads only the messages of the page.
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

// verify reads every message of a group and counts those that match.
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
	f.Hits = append(f.Hits, Hit{Posted: newPosted(f.r, t, m), Excerpt: f.query.Excerpt(m.Words())})
}

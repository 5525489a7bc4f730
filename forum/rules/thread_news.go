package rules

import (
	"cmp"
	"context"
	"slices"

	"sshforum/forum"
)

// News is what a person has not read yet.
type News struct {
	Threads  []UnreadThread // watched ones first, then by activity, the latest first
	More     bool           // Threads lacks some, see mostUnread
	Muted    int            // muted threads that have unread messages; they are not in Threads
	Mentions int            // unread messages that mention the person, including those in muted threads
	Private  []UnreadConversation
}

// Any reports whether there is news. Unread messages in muted threads are not news.
func (n News) Any() bool { return len(n.Threads) > 0 || n.Mentions > 0 || len(n.Private) > 0 }

// mostUnread is the most watched threads in News, and the most of the others. A person who has
// left more unread gets those with the latest entries and those that were created last, but not
// always all of them: so what it costs to look for news does not depend on how much they
// neglect.
const mostUnread = 500

// shownNews returns the first threads of each rank, up to mostUnread, and whether there are
// more.
func shownNews(all []UnreadThread) (shown []UnreadThread, more bool) {
	var ranks [2]int
	for _, u := range all {
		if ranks[u.rank()] < mostUnread {
			shown = append(shown, u)
		}
		ranks[u.rank()]++
	}
	return shown, len(shown) < len(all)
}

// UnreadThread is a thread with unread messages.
type UnreadThread struct {
	Thread   forum.Thread
	Level    forum.Level
	Messages uint64
}

// UnreadConversation is a conversation with unread private messages.
type UnreadConversation struct {
	Peer     string
	Messages uint64
}

// News returns what the actor has not read in any session.
func (s *ThreadService) News(ctx context.Context, actor Actor) (news News, err error) {
	err = s.viewNews(ctx, actor, func(n *newsReader) error {
		all := n.threads()
		news.Threads = slices.DeleteFunc(all, func(u UnreadThread) bool { return u.Level == forum.Muted })
		news.Muted = len(all) - len(news.Threads)
		news.Threads, news.More = shownNews(news.Threads)
		news.Mentions = len(n.mentions())
		news.Private = n.private()
		return nil
	})
	return news, err
}

// threads returns the threads with unread messages in the order of News, including muted ones.
// Of the watched and of the other threads in the backlog it returns up to one more than
// mostUnread.
func (n *newsReader) threads() (all []UnreadThread) {
	var found [forum.Muted + 1]int
	for t, i := range n.open(func(level forum.Level) bool { return level != forum.Muted && found[level] > mostUnread }) {
		if count := unread(n.Reader, t, i.Read); count > 0 {
			all = append(all, UnreadThread{t, i.Level, count})
			found[max(i.Level, forum.Normal)]++
		}
	}
	sortNews(all)
	return all
}

// sortNews brings threads into the order of News.
func sortNews(threads []UnreadThread) {
	slices.SortFunc(threads, func(a, b UnreadThread) int {
		return cmp.Or(
			cmp.Compare(b.rank(), a.rank()),
			b.Thread.Active.Compare(a.Thread.Active), cmp.Compare(b.Thread.ID, a.Thread.ID),
		)
	})
}

func (u UnreadThread) rank() int {
	if u.Level == forum.Watched {
		return 1
	}
	return 0
}

// mentions returns the unread messages that mention the person, the last posted first,
// without those of people they have blocked.
func (n *newsReader) mentions() (all []Posted) {
	type thread struct {
		forum.Thread
		read forum.Marks
	}
	threads := make(map[forum.ThreadID]thread)
	for id := range n.Mentions(n.user.ID) {
		t, known := threads[id.Thread]
		if !known {
			t.Thread, _ = n.Thread(id.Thread)
			t.read = n.interest(t.Thread).Read
			threads[id.Thread] = t
		}
		if t.Removed.Done() || t.read.Has(id.Seq) {
			continue
		}
		if m, ok := n.Message(id); ok && !n.Blocked(n.user.ID, m.Author) {
			all = append(all, newPosted(n.Reader, t.Thread, m))
		}
	}
	return all
}

func (n *newsReader) private() (all []UnreadConversation) {
	for c := range n.Conversations(n.user.ID) {
		if c = n.left.conversation(n.Reader, c); c.Unread > 0 {
			all = append(all, UnreadConversation{authorName(n.Reader, c.Peer), c.Unread})
		}
	}
	return all
}

// Next is what a person should read next. One of Mention, Private and Reading is set, or none
// if there is no news.
type Next struct {
	Mention *Posted
	Private *UnreadConversation
	Reading *Reading // the unread messages of a thread
	Unread  uint64   // number of unread messages
}

// Next returns what the actor should read next: mentions, oldest first, then private messages,
// then threads in the order of News. Muted threads are left out.
func (s *ThreadService) Next(ctx context.Context, actor Actor) (next Next, err error) {
	title := ""
	err = s.viewNews(ctx, actor, func(n *newsReader) error {
		if mentions := n.mentions(); len(mentions) > 0 {
			next.Mention = &mentions[len(mentions)-1]
			return nil
		}
		if private := n.private(); len(private) > 0 {
			next.Private = &private[0]
			return nil
		}
		threads := slices.DeleteFunc(n.threads(), func(u UnreadThread) bool { return u.Level == forum.Muted })
		if len(threads) > 0 {
			title, next.Unread = threads[0].Thread.Title, threads[0].Messages
		}
		return nil
	})
	if err != nil || title == "" {
		return next, err
	}
	reading, err := s.messages.Read(ctx, actor, title, Range{Unread: true})
	next.Reading = &reading
	return next, err
}

// Mentions returns up to limit of the messages that mention the actor, the last posted first,
// without those of people whom the actor has blocked.
func (s *ThreadService) Mentions(ctx context.Context, actor Actor, limit int) (all []Posted, err error) {
	err = s.view(actor, func(r forum.Reader) error {
		for id := range r.Mentions(actor.User) {
			if len(all) == limit {
				break
			}
			t, _ := r.Thread(id.Thread)
			m, ok := r.Message(id)
			if ok && !t.Removed.Done() && !r.Blocked(actor.User, m.Author) {
				all = append(all, newPosted(r, t, m))
			}
		}
		return nil
	})
	return all, err
}

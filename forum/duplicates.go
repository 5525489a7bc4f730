package forum

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxCasual is how many characters a text has at most that may come again where a door
// cannot ask: a chat has many an "ok".
const maxCasual = 40

// maxPosts is how many posts of late are remembered at least, in about 8 MiB.
const maxPosts = 32768

// duplicates knows what was posted of late, so that nobody posts a thing twice without
// meaning to. It forgets all over a restart.
type duplicates struct {
	within time.Duration // 0 for nothing being a duplicate
	clock  func() time.Time

	mu    sync.Mutex
	posts *recent[postKey, time.Time]
}

// postKey stands for a text by a person in a place. It takes the same room for every text.
type postKey [sha256.Size]byte

func newPostKey(c *postMessage) postKey {
	h := sha256.New()
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(c.By)))
	for _, part := range []string{c.Guest, c.Title, c.Reply.words(), withoutEnds(c.Text)} {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	return postKey(h.Sum(nil))
}

// withoutEnds returns a text without the blanks at the ends of its lines, which nobody sees.
func withoutEnds(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRightFunc(line, unicode.IsSpace)
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

func newDuplicates(within time.Duration, clock func() time.Time) *duplicates {
	return &duplicates{within: within, clock: clock, posts: newRecent[postKey, time.Time](maxPosts)}
}

// begin notes a post before it is made, so that of two at once one is the duplicate.
// Errors: Conflict.
func (d *duplicates) begin(c *postMessage, how sending) error {
	if d.within == 0 {
		return nil
	}
	k, now := newPostKey(c), d.clock()
	d.mu.Lock()
	defer d.mu.Unlock()
	at, known := d.posts.get(k)
	known = known && now.Sub(at) < d.within
	if known && !how.mayRepeat(c) {
		return how.duplicate(now.Sub(at))
	}
	d.posts.put(k, now)
	return nil
}

// forget says that a post was not made, or is no more.
func (d *duplicates) forget(c *postMessage) {
	if d.within == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.posts.drop(newPostKey(c))
}

// mayRepeat reports whether c may be what was posted before.
func (how sending) mayRepeat(c *postMessage) bool {
	return how.again || c.Once != "" || how.casual && utf8.RuneCountInString(c.Text) <= maxCasual
}

// duplicate refuses what was posted so long ago.
func (how sending) duplicate(ago time.Duration) error {
	when := "just now"
	switch minutes := int(ago / time.Minute); {
	case minutes == 1:
		when = "a minute ago"
	case minutes > 1:
		when = fmt.Sprintf("%d minutes ago", minutes)
	}
	if how.casual {
		return Errorf(Conflict, "You posted this %s; write something else.", when)
	}
	return Errorf(Conflict, "You posted this %s; add --again to post it anyway.", when)
}

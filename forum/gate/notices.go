package gate

import (
	"log/slog"
	"net/netip"
	"time"
)

// noticeEvery is how often a kind of refusal is logged at most: a flood of connections
// is no flood of lines.
const noticeEvery = time.Minute

// notices tell the log of refusals.
type notices struct {
	log   *slog.Logger
	clock func() time.Time
	kinds map[Refusal]notice
}

// notice is what was said of a kind of refusal.
type notice struct {
	last   time.Time
	unsaid int // since
}

// refused notes a refusal.
func (n *notices) refused(kind Refusal, source netip.Prefix) {
	said, now := n.kinds[kind], n.clock()
	if said.unsaid++; said.last.IsZero() || now.Sub(said.last) >= noticeEvery {
		n.log.Warn("refusing connections", "reason", string(kind), "network", source, "refused", said.unsaid)
		said = notice{last: now}
	}
	n.kinds[kind] = said
}

package gate

import (
	"log/slog"
	"net/netip"
	"time"
)

// noticeEvery is the shortest time between two log entries for a kind of refusal, so that a
// flood of connections does not flood the log.
const noticeEvery = time.Minute

// notices logs refusals.
type notices struct {
	log   *slog.Logger
	clock func() time.Time
	kinds map[Refusal]notice
}

// notice says when a kind of refusal was last logged.
type notice struct {
	last   time.Time
	unsaid int // refusals since then
}

// refused counts a refusal, and logs it if one of its kind is due.
func (n *notices) refused(kind Refusal, source netip.Prefix) {
	said, now := n.kinds[kind], n.clock()
	if said.unsaid++; said.last.IsZero() || now.Sub(said.last) >= noticeEvery {
		n.log.Warn("refusing connections", "reason", string(kind), "network", source, "refused", said.unsaid)
		said = notice{last: now}
	}
	n.kinds[kind] = said
}

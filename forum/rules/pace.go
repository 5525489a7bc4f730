package rules

import (
	"net/netip"
	"slices"
	"time"

	"sshforum/forum"
	"sshforum/forum/limit"
)

// tooFast has the beginning of the error's sentence for each activity.
var tooFast = [...]string{
	limit.Posting:     "You post too fast",
	limit.Creating:    "You create threads too fast",
	limit.Sending:     "You send messages too fast",
	limit.Uploading:   "You upload files too fast",
	limit.Searching:   "You search too fast",
	limit.Reporting:   "You report too fast",
	limit.Changing:    "You change things too fast",
	limit.Visiting:    "You come and go too fast",
	limit.Working:     "You keep the server too busy",
	limit.Registering: "Too many accounts are made from your address",
}

// Rates limit how fast people may do things. An activity without a rate has no limit.
type Rates struct {
	For map[limit.Activity]limit.Rate // of an account or a guest; for Registering, of a source
	New map[limit.Activity]limit.Rate // of an account that is younger than NewFor and was not imported
	// PerSource is the rate of one source (see limit.Household) as a multiple of the rate of
	// one account; 0 for no limit. A shared source has no limit.
	PerSource int
	NewFor    time.Duration
	Exempt    []netip.Prefix // networks without limits per source
}

// rateFor returns the rate that applies to u, and whether it is that of a new account.
func (r Rates) rateFor(u forum.User, a limit.Activity, now time.Time) (rate limit.Rate, isNew bool) {
	if u.ID != forum.Guests && !u.Known && now.Sub(u.Created) < r.NewFor {
		return r.New[a], true
	}
	return r.For[a], false
}

func (r Rates) exempt(source string) bool {
	addr, err := netip.ParseAddr(source)
	return err == nil && slices.ContainsFunc(r.Exempt, func(network netip.Prefix) bool { return network.Contains(addr.Unmap()) })
}

// checkPace takes a token for activity a from actor's buckets. submit calls it for every change;
// requests that store no change call it themselves. Errors: Limited, with the time to wait;
// Denied.
func (s *core) checkPace(actor Actor, a limit.Activity) error {
	buckets, err := s.buckets(actor, a)
	if err != nil {
		return err
	}
	left, empty := s.pace.Take(s.Steady(), buckets...)
	return paceError(a, left, empty)
}

// buckets returns the buckets that actor takes tokens from for activity a, none if no limit
// applies. Errors: Denied.
func (s *core) buckets(actor Actor, a limit.Activity) ([]limit.Bucket, error) {
	if a == limit.Unlimited || len(s.cfg.Rates.For)+len(s.cfg.Rates.New) == 0 {
		return nil, nil
	}
	var u forum.User
	err := s.cfg.Store.View(func(r forum.Reader) (err error) {
		u, err = visitor(r, actor.User)
		return err
	})
	if err != nil || u.May(forum.ExceedRates, u.ID) {
		return nil, err
	}
	rate, isNew := s.cfg.Rates.rateFor(u, a, s.Clock())
	own := limit.Bucket{BucketKey: limit.BucketKey{Activity: a, New: isNew, User: u.ID}, Rate: rate}
	if u.ID == forum.Guests {
		own.Guest = forum.NameKey(actor.Name)
	}
	buckets := []limit.Bucket{own}
	if n := s.cfg.Rates.PerSource; n > 0 && !actor.Shared && !s.cfg.Rates.exempt(actor.Source) {
		shared := limit.Rate{Burst: rate.Burst * n, Every: rate.Every / time.Duration(n)}
		buckets = append(buckets, limit.Bucket{BucketKey: limit.BucketKey{Activity: a, New: isNew, Source: limit.Household(actor.Source)}, Rate: shared})
	}
	return buckets, nil
}

func paceError(a limit.Activity, left time.Duration, empty limit.BucketKey) error {
	switch {
	case left <= 0:
		return nil
	case empty.User == 0:
		return tooSoon("Too much comes from your address", left)
	}
	return tooSoon(tooFast[a], left)
}

// checkRegistering takes a token for a new account from the bucket of the newcomer's source.
// Errors: Limited, with the time to wait.
func (s *core) checkRegistering(n Newcomer) error {
	if n.Shared || s.cfg.Rates.exempt(n.Source) {
		return nil
	}
	key := limit.BucketKey{Activity: limit.Registering, Source: limit.Household(n.Source)}
	left, _ := s.pace.Take(s.Steady(), limit.Bucket{BucketKey: key, Rate: s.cfg.Rates.For[limit.Registering]})
	if left <= 0 {
		return nil
	}
	return tooSoon(tooFast[limit.Registering], left)
}

func tooSoon(what string, left time.Duration) error {
	return forum.Errorf(forum.Limited, "%s; try again in %s.", what, forum.DurationText(left))
}

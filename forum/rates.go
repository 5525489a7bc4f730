package forum

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Rate is how often something may be done: Burst times at once, and then once Every. The
// zero Rate is no limit.
type Rate struct {
	Burst int
	Every time.Duration
}

// ParseRate reads a rate as in 60:2s, or "off". Errors are of kind Invalid.
func ParseRate(text string) (Rate, error) {
	if text == "off" {
		return Rate{}, nil
	}
	burst, every, _ := strings.Cut(text, ":")
	n, err1 := strconv.Atoi(burst)
	d, err2 := time.ParseDuration(every)
	if err1 != nil || err2 != nil || n < 1 || n > maxBurst || d <= 0 || d > maxEvery {
		return Rate{}, Errorf(Invalid, "%s is not a rate; rates look like 60:2s", Printable(text))
	}
	return Rate{Burst: n, Every: d}, nil
}

// String writes what ParseRate reads.
func (r Rate) String() string {
	if r == (Rate{}) {
		return "off"
	}
	return fmt.Sprintf("%d:%s", r.Burst, r.Every)
}

// UnmarshalText reads what ParseRate reads.
func (r *Rate) UnmarshalText(text []byte) (err error) {
	*r, err = ParseRate(string(text))
	return err
}

// whole is how long an empty bucket takes to be full.
func (r Rate) whole() time.Duration { return time.Duration(r.Burst) * r.Every }

// A bucket of the largest rate takes 273 years to fill, which a time.Duration holds.
const (
	maxBurst = 100_000
	maxEvery = 24 * time.Hour
)

// Activity is something that has a rate.
type Activity uint8

const (
	Posting   Activity = iota // messages, answers and edits
	Creating                  // threads
	Sending                   // private messages, what is said to all, asking for private talks
	Uploading                 // files begun
	Searching
	Reporting
	Changing    // what is there: deletions, restorations, names and times of files, settings, keys, marks
	Visiting    // sessions that stay, begun
	Asking      // commands of any kind; who is faster waits
	Working     // MiB that the server goes through for somebody who has not sent them
	Registering // for a source
	Unlimited   // what nobody can do as often as they like
)

// tooFast says of each what is too fast.
var tooFast = [...]string{
	Posting:     "You post too fast",
	Creating:    "You create threads too fast",
	Sending:     "You send messages too fast",
	Uploading:   "You upload files too fast",
	Searching:   "You search too fast",
	Reporting:   "You report too fast",
	Changing:    "You change things too fast",
	Visiting:    "You come and go too fast",
	Working:     "You keep the server too busy",
	Registering: "Too many accounts are made from your address",
}

// Rates say how fast people may do things. What has no rate has no limit.
type Rates struct {
	For map[Activity]Rate // of an account, of a guest, and of a source for Registering
	New map[Activity]Rate // of an account that is younger than NewFor, and was not imported
	// PerSource is how many times that is what one source may do in all, see household,
	// unless it is shared; 0 for any number.
	PerSource int
	NewFor    time.Duration
	Exempt    []netip.Prefix // networks without limits per source
}

// of returns the rate that u has for something.
func (r Rates) of(u User, a Activity, now time.Time) (rate Rate, isNew bool) {
	if u.ID != Guests && !u.Known && now.Sub(u.Created) < r.NewFor {
		return r.New[a], true
	}
	return r.For[a], false
}

func (r Rates) exempt(source string) bool {
	addr, err := netip.ParseAddr(source)
	return err == nil && slices.ContainsFunc(r.Exempt, func(network netip.Prefix) bool { return network.Contains(addr.Unmap()) })
}

// paced lets actor do something once more, or says when. submit asks it for every change;
// by hand it is asked only for what stores none. Errors: Limited; Denied.
func (s *Service) paced(actor Actor, a Activity) error {
	buckets, err := s.buckets(actor, a)
	if err != nil {
		return err
	}
	left, empty := s.pace.take(s.Steady(), buckets...)
	return tooFastBy(a, left, empty)
}

// buckets returns what actor takes tokens from to do something: none for those without
// limits. Errors: Denied.
func (s *Service) buckets(actor Actor, a Activity) ([]bucket, error) {
	if a == Unlimited || len(s.Rates.For)+len(s.Rates.New) == 0 {
		return nil, nil
	}
	var u User
	err := s.Store.View(func(r Reader) (err error) {
		u, err = visitor(r, actor.User)
		return err
	})
	if err != nil || u.May(ExceedRates, u.ID) {
		return nil, err
	}
	rate, isNew := s.Rates.of(u, a, s.Clock())
	own := bucket{bucketKey{activity: a, isNew: isNew, user: u.ID}, rate}
	if u.ID == Guests {
		own.guest = NameKey(actor.Name)
	}
	buckets := []bucket{own}
	if n := s.Rates.PerSource; n > 0 && !actor.Shared && !s.Rates.exempt(actor.Source) {
		shared := Rate{Burst: rate.Burst * n, Every: rate.Every / time.Duration(n)}
		buckets = append(buckets, bucket{bucketKey{activity: a, isNew: isNew, source: household(actor.Source)}, shared})
	}
	return buckets, nil
}

func tooFastBy(a Activity, left time.Duration, empty bucketKey) error {
	switch {
	case left <= 0:
		return nil
	case empty.user == 0:
		return tooSoon("Too much comes from your address", left)
	}
	return tooSoon(tooFast[a], left)
}

// registers lets the source of a newcomer make one more account, or says when. Errors:
// Limited.
func (s *Service) registers(n Newcomer) error {
	if n.Shared || s.Rates.exempt(n.Source) {
		return nil
	}
	key := bucketKey{activity: Registering, source: household(n.Source)}
	left, _ := s.pace.take(s.Steady(), bucket{key, s.Rates.For[Registering]})
	if left <= 0 {
		return nil
	}
	return tooSoon(tooFast[Registering], left)
}

func tooSoon(what string, left time.Duration) error {
	return Errorf(Limited, "%s; try again in %s.", what, DurationText(left))
}

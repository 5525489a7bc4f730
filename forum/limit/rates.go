package limit

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"sshforum/forum"
)

// Rate limits how often something may be done: Burst times at once, and then once Every. The
// zero Rate is no limit.
type Rate struct {
	Burst int
	Every time.Duration
}

// ParseRate reads a rate such as 60:2s, or "off". Errors: Invalid.
func ParseRate(text string) (Rate, error) {
	if text == "off" {
		return Rate{}, nil
	}
	burst, every, _ := strings.Cut(text, ":")
	n, err1 := strconv.Atoi(burst)
	d, err2 := time.ParseDuration(every)
	if err1 != nil || err2 != nil || n < 1 || n > maxBurst || d <= 0 || d > maxEvery {
		return Rate{}, forum.Errorf(forum.Invalid, "%s is not a rate; rates look like 60:2s", forum.Printable(text))
	}
	return Rate{Burst: n, Every: d}, nil
}

// String returns the form that ParseRate reads.
func (r Rate) String() string {
	if r == (Rate{}) {
		return "off"
	}
	return fmt.Sprintf("%d:%s", r.Burst, r.Every)
}

// UnmarshalText reads the form that ParseRate reads.
func (r *Rate) UnmarshalText(text []byte) (err error) {
	*r, err = ParseRate(string(text))
	return err
}

// fillTime returns how long an empty bucket takes to fill.
func (r Rate) fillTime() time.Duration { return time.Duration(r.Burst) * r.Every }

// A bucket of the largest rate takes 273 years to fill, which a time.Duration holds.
const (
	maxBurst = 100_000
	maxEvery = 24 * time.Hour
)

// Activity is something that has a rate.
type Activity uint8

const (
	Posting   Activity = iota // messages, replies and edits
	Creating                  // threads
	Sending                   // private messages, messages to everyone, requests for private talks
	Uploading                 // begun uploads
	Searching
	Reporting
	Changing    // deletions, restorations, names and times of files, settings, keys, marks
	Visiting    // begun sessions that stay
	Asking      // commands of any kind; a person who is too fast waits
	Working     // MiB that the server reads or hashes for somebody who has not sent them
	Registering // new accounts, by source
	Unlimited   // acts that are limited by something other than a rate
)

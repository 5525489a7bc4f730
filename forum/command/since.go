package command

import (
	"errors"
	"strconv"
	"time"
)

// sinceLayouts are the accepted forms of a point in time, in the zone of the clock unless it
// names its own.
var sinceLayouts = []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02", oldChat}

// oldChat is the form in which the old chat program wrote a time.
const oldChat = "2 Jan 2006 15:04:05"

// parseSince reads how long ago, such as 15m, 2h or 3d, or a point in time. A time before 1970
// becomes 1970, because the forum has nothing older.
func parseSince(s string, now time.Time) (time.Time, error) {
	t, err := parsePoint(s, now)
	if err == nil && t.Unix() < 0 {
		t = time.Unix(0, 0)
	}
	return t, err
}

func parsePoint(s string, now time.Time) (time.Time, error) {
	if ago, err := parseAgo(s); err == nil {
		return now.Add(-ago), nil
	}
	for _, layout := range sinceLayouts {
		if t, err := time.ParseInLocation(layout, s, now.Location()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New(`a time is written 15m, 2h, 3d, 2026-01-31 or "2026-01-31 18:00"`)
}

const (
	day     = 24 * time.Hour
	longest = 100 * 365 * day
)

// parseAgo reads a positive duration of up to 100 years, in the form of time.ParseDuration or
// with days and weeks.
func parseAgo(s string) (time.Duration, error) {
	for unit, length := range map[string]time.Duration{"d": day, "w": 7 * day} {
		if n, ok := cutUnit(s, unit); ok {
			if n > int64(longest/length) {
				return 0, errTooLong
			}
			return time.Duration(n) * length, nil
		}
	}
	d, err := time.ParseDuration(s)
	switch {
	case err == nil && d <= 0:
		err = errors.New("not in the past")
	case d > longest:
		err = errTooLong
	}
	return d, err
}

var errTooLong = errors.New("more than 100 years")

// cutUnit reads a whole number above 0 that is followed by unit.
func cutUnit(s, unit string) (int64, bool) {
	if len(s) <= len(unit) || s[len(s)-len(unit):] != unit {
		return 0, false
	}
	n, err := strconv.ParseInt(s[:len(s)-len(unit)], 10, 64)
	return n, err == nil && n > 0
}

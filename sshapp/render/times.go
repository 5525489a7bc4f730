package render

import (
	"fmt"
	"time"
)

// ago writes how long ago something was, as people say it.
func (l Look) ago(then time.Time) string {
	switch d := l.now().Sub(then); {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return Count(int(d/time.Minute), "minute") + " ago"
	case d < 24*time.Hour:
		return Count(int(d/time.Hour), "hour") + " ago"
	case d < 30*24*time.Hour:
		return Count(int(d/(24*time.Hour)), "day") + " ago"
	default:
		return "on " + l.day(then)
	}
}

func (l Look) day(t time.Time) string { return t.In(l.Zone).Format("2 Jan 2006") }

// moment writes a point in time, with its zone.
func (l Look) moment(t time.Time) string { return t.In(l.Zone).Format("2006-01-02 15:04 MST") }

// clock writes a time of today, or of another day with its date.
func (l Look) clock(at time.Time) string {
	at, now := at.In(l.Zone), l.now().In(l.Zone)
	if at.YearDay() == now.YearDay() && at.Year() == now.Year() {
		return at.Format("15:04")
	}
	return at.Format("2 Jan 15:04")
}

// idle writes how long nothing was done since a time, in a few letters.
func (l Look) idle(since time.Time) string {
	switch d := l.now().Sub(since); {
	case d < time.Minute:
		return "0m"
	case d < time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	default:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	}
}

package render

import (
	"fmt"
	"time"
)

// ago returns how long ago a time was, in words.
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

// moment returns a time with its zone.
func (l Look) moment(t time.Time) string { return t.In(l.Zone).Format("2006-01-02 15:04 MST") }

// clock returns the time of day, with the date unless it is today.
func (l Look) clock(at time.Time) string {
	at, now := at.In(l.Zone), l.now().In(l.Zone)
	if at.YearDay() == now.YearDay() && at.Year() == now.Year() {
		return at.Format("15:04")
	}
	return at.Format("2 Jan 15:04")
}

// idle returns the time since the last activity, in a short form.
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

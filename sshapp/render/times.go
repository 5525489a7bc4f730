package render

import "time"

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

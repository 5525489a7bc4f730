package sshapp

import "time"

// ago writes how long ago something was, as people say it.
func (l look) ago(then time.Time) string {
	switch d := l.now().Sub(then); {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return count(int(d/time.Minute), "minute") + " ago"
	case d < 24*time.Hour:
		return count(int(d/time.Hour), "hour") + " ago"
	case d < 30*24*time.Hour:
		return count(int(d/(24*time.Hour)), "day") + " ago"
	default:
		return "on " + l.day(then)
	}
}

func (l look) day(t time.Time) string { return t.In(l.zone).Format("2 Jan 2006") }

// moment writes a point in time, with its zone.
func (l look) moment(t time.Time) string { return t.In(l.zone).Format("2006-01-02 15:04 MST") }

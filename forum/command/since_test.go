package command

import (
	"testing"
	"time"
	_ "time/tzdata" // the test needs two zones
)

// A time in an argument is in the zone of the person who gives it, with its summer time.
func TestParseSince(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, time.July, 1, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		text string
		in   *time.Location
		want string
	}{
		{"15m", berlin, "2026-07-01T11:45:00Z"},
		{"3d", tokyo, "2026-06-28T12:00:00Z"},
		{"2026-06-30 18:00", berlin, "2026-06-30T16:00:00Z"},
		{"2026-01-31 18:00", berlin, "2026-01-31T17:00:00Z"},
		{"2026-06-30 18:00", tokyo, "2026-06-30T09:00:00Z"},
		{"2026-06-30", tokyo, "2026-06-29T15:00:00Z"},
		{"2026-06-30T18:00:00+01:00", tokyo, "2026-06-30T17:00:00Z"},
		{"1970-01-01", tokyo, "1970-01-01T00:00:00Z"},
		{"0001-01-01", time.UTC, "1970-01-01T00:00:00Z"},
		{"1 Jan 1500 00:00:00", berlin, "1970-01-01T00:00:00Z"},
		{"876000h", time.UTC, "1970-01-01T00:00:00Z"},
	} {
		got, err := parseSince(test.text, now.In(test.in))
		if err != nil || got.UTC().Format(time.RFC3339) != test.want {
			t.Errorf("%q in %s: %v, %v; want %s", test.text, test.in, got.UTC(), err, test.want)
		}
	}
	for _, text := range []string{"", "soon", "-5m", "0", "0d", "-1d", "99999999999w", "876001h", "2562047h", "2026-13-01"} {
		if got, err := parseSince(text, now); err == nil {
			t.Errorf("%q was read as %v", text, got)
		}
	}
}

// FuzzSince checks that the result is a valid time, and that a duration gives a time in the
// past.
func FuzzSince(f *testing.F) {
	for _, s := range []string{"15m", "2h", "3d", "52w", "2026-01-31", "2026-01-31 18:00", "2026-01-31T18:00:00+02:00", "21 Nov 2026 01:16:51", "36501d", "31506d", "-1h", "1e9h", "9223372036854775807w"} {
		f.Add(s)
	}
	now := time.Date(2026, time.July, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		at, err := parseSince(s, now)
		if ago, agoErr := parseAgo(s); agoErr == nil && (err != nil || ago <= 0 || !at.Before(now)) {
			t.Errorf("%q is %v ago, and %v, %v", s, ago, at, err)
		}
		if err != nil && !at.IsZero() {
			t.Errorf("%q is %v, %v", s, at, err)
		}
		if again, err2 := parseSince(at.Format(time.RFC3339Nano), now); err == nil && (err2 != nil || !again.Equal(at)) {
			t.Errorf("%q is %v, written again %v, %v", s, at, again, err2)
		}
	})
}

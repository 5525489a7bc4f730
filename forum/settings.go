package forum

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Preferences are what a person has set for all sessions. The zero value is a new account's.
type Preferences struct {
	Plain      bool   // sentences, no colour, no redraw
	Color      string // "", "on" or "off"; "" follows the terminal
	Bell       string // "", "never" or "all"; "" rings for mentions and private messages
	NoPresence bool   // is not told who comes and goes
	Zone       string // name in the IANA time zone database; "" is the server's zone
}

// Location returns the zone to show times in: the server's when none is set, or when
// the one that is set is not known any more.
func (p Preferences) Location() *time.Location {
	if p.Zone != "" {
		if zone, err := time.LoadLocation(p.Zone); err == nil {
			return zone
		}
	}
	return time.Local
}

// A Setting is one of the preferences, by the name and the words it is set with.
type Setting struct {
	Name   string
	Values []string // the words it takes, the default first

	other func(value string) error // says whether it takes another value; nil for never
	get   func(Preferences) string
	set   func(p *Preferences, value string)
}

// Settings is every preference, in the order people are shown them.
var Settings = []Setting{
	flag("plain", []string{"off", "on"}, func(p *Preferences) *bool { return &p.Plain }),
	word("color", []string{"auto", "on", "off"}, func(p *Preferences) *string { return &p.Color }),
	word("bell", []string{"mentions", "never", "all"}, func(p *Preferences) *string { return &p.Bell }),
	flag("presence", []string{"on", "off"}, func(p *Preferences) *bool { return &p.NoPresence }),
	word("zone", []string{"server"}, func(p *Preferences) *string { return &p.Zone }).or(checkZone),
}

// FindSetting returns the setting of that name, in any case.
func FindSetting(name string) (Setting, bool) {
	i := slices.IndexFunc(Settings, func(s Setting) bool { return strings.EqualFold(s.Name, name) })
	if i < 0 {
		return Setting{}, false
	}
	return Settings[i], true
}

// Get returns the word for what p has the setting at.
func (s Setting) Get(p Preferences) string { return s.get(p) }

// Set gives the setting in p another value. Errors are of kind Invalid.
func (s Setting) Set(p *Preferences, value string) error {
	known := slices.IndexFunc(s.Values, func(v string) bool { return strings.EqualFold(v, value) })
	switch {
	case known >= 0:
		value = s.Values[known]
	case s.other == nil:
		return Errorf(Invalid, "%s can be %s, not %s.", s.Name, strings.Join(s.Values, ", "), Printable(value))
	default:
		if err := s.other(value); err != nil {
			return err
		}
	}
	s.set(p, value)
	return nil
}

func (s Setting) or(other func(string) error) Setting {
	s.other = other
	return s
}

// flag is a setting of two words, of which the first is the field's false.
func flag(name string, values []string, field func(*Preferences) *bool) Setting {
	return Setting{
		Name: name, Values: values,
		get: func(p Preferences) string {
			if *field(&p) {
				return values[1]
			}
			return values[0]
		},
		set: func(p *Preferences, value string) { *field(p) = value == values[1] },
	}
}

// word is a setting of words, of which the first is the field's "".
func word(name string, values []string, field func(*Preferences) *string) Setting {
	return Setting{
		Name: name, Values: values,
		get: func(p Preferences) string { return cmp.Or(*field(&p), values[0]) },
		set: func(p *Preferences, value string) {
			if value == values[0] {
				value = ""
			}
			*field(p) = value
		},
	}
}

// checkZone takes the names of the IANA time zone database. Errors are of kind Invalid.
func checkZone(name string) error {
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == time.Local.String() {
		return Errorf(Invalid, "There is no zone %s; zones are named as in Europe/Berlin, America/New_York or UTC.", Printable(name))
	}
	return nil
}

package forum

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Preferences are a person's choices for all sessions. The zero value is that of a new account.
type Preferences struct {
	Plain      bool   // output in sentences, without colour, without redrawing
	Color      string // "", "on" or "off"; "" follows the terminal
	Bell       string // "", "never" or "all"; "" rings for mentions and private messages
	NoPresence bool   // no notices of people who come and go
	Zone       string // name in the IANA time zone database; "" is the server's zone
}

// Location returns the zone in which to show times: the server's if Zone is "", or if Zone is
// no longer known.
func (p Preferences) Location() *time.Location {
	if p.Zone != "" {
		if zone, err := time.LoadLocation(p.Zone); err == nil {
			return zone
		}
	}
	return time.Local
}

// A Setting is one of the preferences, with its name and values as text.
type Setting struct {
	Name   string
	Values []string // the possible values, the default first

	other func(value string) error // returns an error for any other value; nil if none is possible
	get   func(Preferences) string
	set   func(p *Preferences, value string)
}

// Settings has all preferences, in the order in which people see them.
var Settings = []Setting{
	flag("plain", []string{"off", "on"}, func(p *Preferences) *bool { return &p.Plain }),
	word("color", []string{"auto", "on", "off"}, func(p *Preferences) *string { return &p.Color }),
	word("bell", []string{"mentions", "never", "all"}, func(p *Preferences) *string { return &p.Bell }),
	flag("presence", []string{"on", "off"}, func(p *Preferences) *bool { return &p.NoPresence }),
	word("zone", []string{"server"}, func(p *Preferences) *string { return &p.Zone }).or(checkZone),
}

// FindSetting returns the setting with that name, in any case.
func FindSetting(name string) (Setting, bool) {
	i := slices.IndexFunc(Settings, func(s Setting) bool { return strings.EqualFold(s.Name, name) })
	if i < 0 {
		return Setting{}, false
	}
	return Settings[i], true
}

// Get returns the value of the setting in p.
func (s Setting) Get(p Preferences) string { return s.get(p) }

// Set gives the setting in p another value. Errors: Invalid.
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

// flag returns a setting with two values, of which the first stands for false.
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

// word returns a setting with several values, of which the first stands for "".
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

// checkZone accepts the names of the IANA time zone database. Errors: Invalid.
func checkZone(name string) error {
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == time.Local.String() {
		return Errorf(Invalid, "There is no zone %s; zones are named as in Europe/Berlin, America/New_York or UTC.", Printable(name))
	}
	return nil
}

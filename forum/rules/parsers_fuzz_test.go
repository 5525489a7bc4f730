package rules

import (
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
	"unicode/utf8"

	"sshforum/forum"
)

// zones are looked up

// FuzzMentions: the names that a text is searched for stand behind an @ of it, and are no
// longer than names are.
func FuzzMentions(f *testing.F) {
	for _, text := range []string{"hello @yoda, and @Luke!", "mail yoda@dagobah.example", "@yoda-san @r2.d2...", "こんにちは@ルークさん", "https://medium.example/@yoda", "@ @@ @.", "@" + strings.Repeat("a", 33)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for word := range mentionCandidates(text) {
			names := slices.Collect(namesIn(word))
			if len(names) > forum.MaxNameRunes {
				t.Errorf("%q: %d names", word, len(names))
			}
			for _, name := range names {
				if !strings.Contains(text, "@"+name) || name == "" || utf8.RuneCountInString(name) > forum.MaxNameRunes {
					t.Errorf("%q: %q is looked up", text, name)
				}
			}
		}
	})
}

// FuzzTarget: a word is a number of a message, an id as it is written, or Invalid.
func FuzzTarget(f *testing.F) {
	for _, word := range []string{"1", "id:12.7", "id:0.0", "0", "-1", "+1", "18446744073709551616", "id:", "id:1.2.3", "id: 1.2", "１"} {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, word string) {
		target, err := ParseTarget("3331", word, nil)
		switch {
		case err != nil:
			if forum.KindOf(err) != forum.Invalid || forum.Printable(forum.Explain(err)) != forum.Explain(err) {
				t.Errorf("%q: %v of kind %v", word, err, forum.KindOf(err))
			}
		case target.ID.IsZero() == (target.Number == 0):
			t.Errorf("%q is %+v", word, target)
		case target.Number == 0:
			if again, err := ParseTarget("3331", "id:"+target.ID.String(), nil); err != nil || again != target {
				t.Errorf("%q is %+v, then %+v, %v", word, target, again, err)
			}
		}
	})
}

// FuzzSettings: what a setting takes is what it is at afterwards, and can be set again.
func FuzzSettings(f *testing.F) {
	for _, s := range forum.Settings {
		for _, value := range s.Values {
			f.Add(s.Name, value)
		}
	}
	for _, zone := range []string{"Europe/Berlin", "UTC", "../../etc/passwd", "/etc/localtime", "Local", "a\x00b", "Mars/Olympus"} {
		f.Add("zone", zone)
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		s, ok := forum.FindSetting(name)
		if !ok {
			return
		}
		var p forum.Preferences
		if err := s.Set(&p, value); err != nil {
			if forum.KindOf(err) != forum.Invalid || p != (forum.Preferences{}) || forum.Printable(forum.Explain(err)) != forum.Explain(err) {
				t.Errorf("%s %q: %v, and %+v", name, value, err, p)
			}
			return
		}
		again, got := p, s.Get(p)
		if err := s.Set(&again, got); err != nil || again != p || forum.Printable(got) != got {
			t.Errorf("%s %q is %q, and set to that %+v, %v", name, value, got, again, err)
		}
		if zone := p.Location(); p.Zone != "" && (zone == time.Local || zone.String() != p.Zone) {
			t.Errorf("the zone %q is %v", p.Zone, zone)
		}
	})
}

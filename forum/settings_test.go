package forum_test

import (
	"testing"
	"time"

	"sshforum/forum"
)

func TestSettings(t *testing.T) {
	for _, test := range []struct {
		name, value, shown string
		want               forum.Preferences
	}{
		{"plain", "on", "on", forum.Preferences{Plain: true}},
		{"PLAIN", "OFF", "off", forum.Preferences{}},
		{"color", "off", "off", forum.Preferences{Color: "off"}},
		{"color", "Auto", "auto", forum.Preferences{}},
		{"bell", "all", "all", forum.Preferences{Bell: "all"}},
		{"bell", "never", "never", forum.Preferences{Bell: "never"}},
		{"bell", "mentions", "mentions", forum.Preferences{}},
		{"presence", "off", "off", forum.Preferences{NoPresence: true}},
		{"presence", "on", "on", forum.Preferences{}},
		{"zone", "Europe/Berlin", "Europe/Berlin", forum.Preferences{Zone: "Europe/Berlin"}},
		{"zone", "UTC", "UTC", forum.Preferences{Zone: "UTC"}},
		{"zone", "server", "server", forum.Preferences{}},
	} {
		s, ok := forum.FindSetting(test.name)
		if !ok {
			t.Fatalf("there is no setting %s", test.name)
		}
		var p forum.Preferences
		if err := s.Set(&p, test.value); err != nil || p != test.want || s.Get(p) != test.shown {
			t.Errorf("%s %s: %+v, shown as %q, %v", test.name, test.value, p, s.Get(p), err)
		}
	}
}

func TestSettingsRefuse(t *testing.T) {
	for _, test := range []struct{ name, value string }{
		{"plain", "maybe"}, {"plain", ""}, {"color", "blue"}, {"bell", "on"}, {"presence", "never"},
		{"zone", ""}, {"zone", "Local"}, {"zone", "Middle/Earth"}, {"zone", "../../etc/passwd"}, {"zone", "\x1b[2J"},
	} {
		s, _ := forum.FindSetting(test.name)
		p := forum.Preferences{Zone: "UTC"}
		if err := s.Set(&p, test.value); forum.KindOf(err) != forum.Invalid || p != (forum.Preferences{Zone: "UTC"}) {
			t.Errorf("%s %q: %+v, %v", test.name, test.value, p, err)
		}
	}
	if s, ok := forum.FindSetting("volume"); ok {
		t.Errorf("found %+v", s)
	}
}

func TestLocation(t *testing.T) {
	for zone, want := range map[string]string{"": time.Local.String(), "Gone/Nowhere": time.Local.String(), "Asia/Tokyo": "Asia/Tokyo"} {
		if got := (forum.Preferences{Zone: zone}).Location().String(); got != want {
			t.Errorf("%q leads to %s, want %s", zone, got, want)
		}
	}
}

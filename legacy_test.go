package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"sshforum/e2e"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// oldSettings are settings with the door of jsonforum on a free port, and no other.
func oldSettings(t *testing.T, listen string) *Config {
	t.Helper()
	config, err := load(t, "", e2e.Settings(), "--legacy-jsonforum-enabled=true", "--legacy-jsonforum-listen="+listen)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func TestDoorsBeyondLoopback(t *testing.T) {
	for listen, warned := range map[string]bool{
		"127.0.0.1:1": false, "127.9.9.9:1": false, "[::1]:1": false, "localhost:1": false,
		":1": true, "0.0.0.0:1": true, "[::]:1": true, "192.0.2.1:1": true, "forum.example.org:1": true,
	} {
		if got := len(beyondLoopback(oldSettings(t, listen))) > 0; got != warned {
			t.Errorf("%s: warned %v, want %v", listen, got, warned)
		}
	}
	config := oldSettings(t, ":1")
	config.Legacy.JSONForum.Enabled = false
	if got := beyondLoopback(config); got != nil {
		t.Errorf("a door that is switched off: %q", got)
	}
}

// TestDoorsThatClash: two doors with the same port are refused before they try to listen.
func TestDoorsThatClash(t *testing.T) {
	for _, test := range []struct {
		ssh, door string
		want      bool
	}{
		{":2222", "127.0.0.1:2222", true}, {"0.0.0.0:2222", "127.0.0.1:2222", true}, {"[::]:2222", "[::1]:2222", true},
		{"192.0.2.1:2222", ":2222", true}, {"127.0.0.1:2222", "localhost:2222", true}, {"192.0.2.1:2222", "[::ffff:192.0.2.1]:2222", true},
		{"forum.example:2222", "FORUM.example:2222", true},
		{":2222", "127.0.0.1:2223", false}, {"192.0.2.1:2222", "127.0.0.1:2222", false}, {"127.0.0.1:0", "127.0.0.1:0", false},
		{"127.0.0.1:2222", "[::1]:2222", false},
	} {
		_, err := load(t, "", e2e.Settings(),
			"--legacy-jsonforum-enabled=true", "--ssh-listen="+test.ssh, "--legacy-jsonforum-listen="+test.door)
		want := fmt.Sprintf("ssh.listen (%s) and legacy.jsonforum.listen (%s) use the same port; change one of them", test.ssh, test.door)
		if got := fmt.Sprint(err); test.want != (got == want) || !test.want && err != nil {
			t.Errorf("%s and %s: %v", test.ssh, test.door, err)
		}
	}
	both := []string{"--legacy-jsonchat-listen=127.0.0.1:4000", "--legacy-textchat-listen=:4000", "--legacy-jsonchat-enabled=true"}
	if _, err := load(t, "", e2e.Settings(), both...); err != nil {
		t.Errorf("a door that is switched off: %v", err)
	}
	_, err := load(t, "", e2e.Settings(), append(both, "--legacy-textchat-enabled=true")...)
	if want := "legacy.textchat.listen (:4000) and legacy.jsonchat.listen (127.0.0.1:4000) use the same port; change one of them"; fmt.Sprint(err) != want {
		t.Errorf("%v; want %s", err, want)
	}
}

// TestTunnelsLeadToDoors by any name of this machine, and by no other.
func TestTunnelsLeadToDoors(t *testing.T) {
	f := forumtest.New(t)
	doors, err := listenLegacy(oldSettings(t, "127.0.0.1:0"), f.Service, nil, nil, slog.New(slog.NewTextHandler(new(bytes.Buffer), nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer doors.close()
	port := uint32(doors[0].ln.Addr().(*net.TCPAddr).Port)
	for _, test := range []struct {
		host string
		port uint32
		want bool
	}{
		{"legacy", port, true}, {"localhost", port, true}, {"127.0.0.1", port, true}, {"::1", port, true},
		{"legacy", port + 1, false}, {"legacy", port + 1<<16, false}, {"legacy", 0, false},
		{"", port, false}, {"example.org", port, false}, {"192.0.2.1", port, false}, {"localhost.", port, false}, {"LEGACY", port, false},
	} {
		serve, ok := doors.tunnel(test.host, test.port)
		if ok != test.want || (serve != nil) != ok {
			t.Errorf("%s:%d: %v", test.host, test.port, ok)
		}
	}
}

// TestDoorThatCannotOpen leaves none open.
func TestDoorThatCannotOpen(t *testing.T) {
	f := forumtest.New(t)
	taken, free := listenAnywhere(t), listenAnywhere(t)
	defer taken.Close()
	_ = free.Close()
	config := oldSettings(t, taken.Addr().String())
	config.Legacy.UDPForum.Enabled, config.Legacy.UDPForum.Listen = true, free.Addr().String()
	doors, err := listenLegacy(config, f.Service, nil, nil, slog.New(slog.DiscardHandler))
	if err == nil || doors != nil {
		t.Errorf("%v, %v", doors, err)
	}
	if conn, err := net.Dial("tcp", free.Addr().String()); err == nil {
		_ = conn.Close()
		t.Error("the door before it stays open")
	}
}

// TestGuestsAreOfTheTextChat has guests post to its room, and nowhere when the door or
// they are switched off.
func TestGuestsAreOfTheTextChat(t *testing.T) {
	for flags, want := range map[string]string{
		"--legacy-textchat-enabled=true":                                 rules.Lobby,
		"--legacy-textchat-enabled=true --legacy-textchat-thread=café":   "café",
		"--legacy-textchat-enabled=true --legacy-textchat-guests=false":  "",
		"--legacy-textchat-enabled=false --legacy-textchat-guests=true":  "",
		"--legacy-textchat-enabled=false --legacy-textchat-guests=false": "",
	} {
		config, err := load(t, "", e2e.Settings(), strings.Fields(flags)...)
		if err != nil {
			t.Fatal(err)
		}
		if got := guestThread(config); got != want {
			t.Errorf("%s: guests post to %q; want %q", flags, got, want)
		}
	}
}

func listenAnywhere(t *testing.T) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

func TestZones(t *testing.T) {
	for name, want := range map[string]string{"local": time.Local.String(), "UTC": "UTC", "Europe/Berlin": "Europe/Berlin", "": "", "Local": "", "Berlin": "", "../x": ""} {
		zone, err := parseZone(name)
		if got := ""; err == nil {
			if got = zone.String(); got != want {
				t.Errorf("%q is %q", name, got)
			}
		} else if want != "" {
			t.Errorf("%q: %v", name, err)
		}
	}
}

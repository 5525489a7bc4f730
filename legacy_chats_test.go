package main

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/legacy/legacytest"
)

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
		config, err := load(t, "", testSettings, strings.Fields(flags)...)
		if err != nil {
			t.Fatal(err)
		}
		if got := guestThread(config); got != want {
			t.Errorf("%s: guests post to %q; want %q", flags, got, want)
		}
	}
}

// TestChatsAreOneRoom has a message of either chat reach the other, by TCP, with the
// settings of both doors.
func TestChatsAreOneRoom(t *testing.T) {
	config, err := load(t, "", testSettings,
		"--legacy-textchat-enabled=true", "--legacy-textchat-listen=127.0.0.1:0", "--legacy-textchat-max-clients=1",
		"--legacy-picklechat-enabled=true", "--legacy-picklechat-listen=127.0.0.1:0", "--legacy-zone=UTC")
	if err != nil {
		t.Fatal(err)
	}
	f := forumtest.New(t, func(c *rules.Config) { c.GuestThread = guestThread(config) })
	f.As("yoda")
	doors, err := listenLegacy(config, f.Service, nil, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	group, ctx := errgroup.WithContext(ctx)
	doors.serve(ctx, group)
	defer func() {
		stop()
		if err := group.Wait(); err != nil {
			t.Error(err)
		}
	}()
	text, pickle := knock(t, doors[0]), knock(t, doors[1])
	text.Expect("Please enter a name: ")
	text.Send("Brandon")
	text.Expect("Your name is set as: Brandon")
	knock(t, doors[0]).Expect("Server is full, try again later.")
	text.Send("hello")
	text.Expect("hello ACK")

	pickle.Recv()
	pickle.Send(dict("LOGIN", "yoda "+forumtest.Password("yoda")))
	if got := pickle.Recv(); !strings.Contains(got, "LOGIN-A") {
		t.Fatalf("received %q", got)
	}
	pickle.Send(dict("MSG", "good day"))
	pickle.Recv()
	text.Expect("yoda: good day")
	pickle.Send(dict("RDM", "01 Jan 2020 00:00:00"))
	if got := pickle.Recv(); !strings.Contains(got, `#1, Brandon (guest): "hello", posted at `+f.Clock.Now().Format("02 Jan 2006 15:04:05")) {
		t.Errorf("received %q", got)
	}
}

// dict is a short pickle of protocol 4.
func dict(kind, body string) string {
	text := func(s string) string { return "\x8c" + string([]byte{byte(len(s))}) + s + "\x94" }
	return "\x80\x04}\x94(" + text("type") + text(kind) + text("body") + text(body) + "u."
}

// knock is a client at a door.
func knock(t *testing.T, d openDoor) *legacytest.Client {
	t.Helper()
	conn, err := net.Dial("tcp", d.ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return legacytest.NewClient(t, conn, 2048)
}

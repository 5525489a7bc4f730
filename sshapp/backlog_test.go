package sshapp

import (
	"strings"
	"testing"

	"sshforum/forum/forumtest"
)

const unread = "the client sends data that nobody reads"

// Bytes that a client sends one at a time take fifty times their size until they are read. A
// client that sends them without end is dropped long before its window is used up.
func TestFloodOfUnreadMessagesIsDropped(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f)
	channel, _, err := r.as(t, f, "yoda").OpenChannel("session", nil)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; err == nil; n++ {
		if _, err = channel.Write([]byte{0}); n > 1<<20 {
			t.Fatal("a million messages are held")
		}
	}
	eventually(t, "the log says so", func() bool { return strings.Contains(r.logs.String(), unread) })
	output(t, r.as(t, f, "luke"), "hello")
}

// An honest client does not trigger the limit: it may send any number of keys while they are
// read, as much as there is room for while they are not, and one command after the other.
func TestWhatIsNoFlood(t *testing.T) {
	f := forumtest.New(t)
	r := start(t, f)
	client := r.as(t, f, "yoda")
	deaf, _, err := client.OpenChannel("session", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := deaf.Write(make([]byte, 2<<20)); err != nil {
		t.Fatal(err)
	}
	_ = deaf.Close()
	for range 500 {
		output(t, client, strings.Repeat("x", 32<<10))
	}
	sess, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	typed, err := sess.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := sess.Start("read"); err != nil {
		t.Fatal(err)
	}
	for range 300_000 {
		if _, err := typed.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	_ = typed.Close()
	if err := sess.Wait(); err != nil || strings.Contains(r.logs.String(), unread) {
		t.Errorf("ended with %v; log:\n%s", err, r.logs)
	}
}

package shell

import (
	"bytes"
	"strings"
	"testing"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/sshapp/render"
)

// drop puts an empty file into a person's inbox.
func drop(t *testing.T, f *forumtest.Forum, from, to, name string) {
	t.Helper()
	u, err := f.Service.Upload(t.Context(), f.As(from), rules.Place{Person: to}, name, rules.UploadOptions{})
	if err == nil {
		_, err = u.Complete(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestDropNotice: a file in the inbox is told, and rings, as a private message does.
func TestDropNotice(t *testing.T) {
	f := forumtest.New(t)
	a := newDesk(t, f, "leia")
	drop(t, f, "yoda", "leia", "r2_d2 plans.bin")
	text, bells := a.sees()
	if want := "yoda sent you r2_d2 plans.bin; it is .inbox/yoda_r2_d2 plans.bin\n"; text != want || bells != 1 {
		t.Errorf("%d bells and %q, want one and %q", bells, text, want)
	}
	drop(t, f, "leia", "leia", "own")
	if text, bells = a.sees(); text != "" || bells != 0 {
		t.Errorf("of an own file: %d bells and %q", bells, text)
	}
}

// TestFollowTellsOfADrop in words for each of the two, and in JSON for both.
func TestFollowTellsOfADrop(t *testing.T) {
	f := forumtest.New(t)
	to, from := newDesk(t, f, "leia"), newDesk(t, f, "yoda")
	e := forum.Event{
		Kind: forum.FileDropped, Actor: from.shell.actor.User, Name: "yoda",
		To: to.shell.actor.User, ToName: "leia", File: "yoda_r.bin",
	}
	for want, visit := range map[string]*rules.Visit{
		"yoda sent you r.bin; it is .inbox/yoda_r.bin\n": to.shell.visit,
		"yoda sent leia r.bin\n":                         from.shell.visit,
	} {
		var out bytes.Buffer
		if err := (&render.Text{Visit: visit, Out: &out}).Result(command.Happened{Event: &e}); err != nil || out.String() != want {
			t.Errorf("%q, want %q, %v", out.String(), want, err)
		}
	}
	var out bytes.Buffer
	const want = `{"schema":"sshforum.event.v1","seq":0,"at":"0001-01-01T00:00:00Z","event":"file.dropped",` +
		`"by":"yoda","file":"yoda_r.bin","to":"leia"}`
	err := (&render.JSON{Out: &out}).Result(command.Happened{Event: &e})
	if got := strings.TrimSpace(out.String()); err != nil || got != want {
		t.Errorf("%s, want %s, %v", got, want, err)
	}
}

// TestWelcomeCountsTheInbox and says nothing of an empty one.
func TestWelcomeCountsTheInbox(t *testing.T) {
	f := forumtest.New(t)
	a := newDesk(t, f, "leia")
	welcome := func() string {
		var out bytes.Buffer
		a.shell.welcomeFiles(t.Context(), a.shell.textRenderer(&out, &out))
		return out.String()
	}
	if got := welcome(); got != "" {
		t.Errorf("of an empty inbox: %q", got)
	}
	drop(t, f, "yoda", "leia", "a")
	if got := welcome(); got != "1 file in your inbox; sftp: ls .inbox\n" {
		t.Errorf("of one file: %q", got)
	}
	drop(t, f, "luke", "leia", "a")
	if got := welcome(); got != "2 files in your inbox; sftp: ls .inbox\n" {
		t.Errorf("of two: %q", got)
	}
}

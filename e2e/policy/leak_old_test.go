package policy

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/legacy"
	"sshforum/legacy/jsonchat"
	"sshforum/legacy/jsonforum"
	"sshforum/legacy/legacytest"
	"sshforum/legacy/picklechat"
	"sshforum/legacy/textchat"
	"sshforum/legacy/udpforum"
)

// strangers are what Leia's old programs say, by the name of their door.
func strangers() map[string]struct {
	door legacy.Config
	says []string
} {
	password := forumtest.Password("Leia")
	type old = struct {
		door legacy.Config
		says []string
	}
	return map[string]old{
		"udpforum": {udpforum.Config(legacy.SSH{Host: "forum.example", Port: "22"}), []string{
			"Leia", password, "LST", "active threads", "RDT plugh", "RDT 3331", "RDT lobby", "MSG plugh hi", "MSG 3331 hi",
			"EDT plugh 1 hi", "EDT 3331 2 hi", "EDT 3331 5 hi", "DLT plugh 1", "DLT 3331 2", "DLT 3331 9", "UPD plugh a.txt",
			"DWN plugh frotz.txt", "DWN 3331 map.txt", "RMV plugh", "RMV 3331", "CRT plugh", "RDT plugh", "XIT",
		}},
		"jsonforum": {jsonforum.Config(), []string{
			`{"type": "login-N", "username": "Leia"}`, `{"type": "login-P", "password": "` + password + `"}`,
			`{"type": "login-S", "status": "successful login"}`,
			`{"type": "LST"}`, `{"type": "RDT", "thread": "plugh"}`, `{"type": "RDT", "thread": "3331"}`, `{"type": "RDT", "thread": "lobby"}`,
			`{"type": "MSG", "thread": "plugh", "message": "hi"}`, `{"type": "MSG", "thread": "3331", "message": "hi"}`,
			`{"type": "EDT", "thread": "plugh", "message_number": "1", "message": "hi"}`,
			`{"type": "EDT", "thread": "3331", "message_number": "2", "message": "hi"}`,
			`{"type": "DLT", "thread": "plugh", "message_number": "1"}`, `{"type": "DLT", "thread": "3331", "message_number": "9"}`,
			`{"type": "UPD", "thread": "plugh"}`, `{"type": "DWN", "thread": "plugh", "filename": "frotz.txt"}`,
			`{"type": "DWN", "thread": "3331", "filename": "map.txt"}`, `{"type": "RMV", "thread": "plugh"}`, `{"type": "RMV", "thread": "3331"}`,
			`{"type": "CRT", "name": "plugh"}`, `{"type": "RDT", "thread": "plugh"}`, `{"type": "XIT"}`,
		}},
		"textchat": {textchat.Config(textchat.Room{Thread: rules.Lobby, Seats: 3, Zone: time.UTC, SSH: legacy.SSH{Host: "forum.example", Port: "22"}}), []string{
			"Wanda", "hello", "status", "list", "get frotz.txt", "get map.txt", "exit",
		}},
		"jsonchat": {jsonchat.Config(time.Hour), []string{
			`{"action": "login", "username": "Leia", "password": "` + password + `", "private_port": 40001}`,
			`{"action": "whoelse"}`, `{"action": "message", "user": "Luke", "message": "hi"}`,
			`{"action": "broadcast", "message": "hi"}`, `{"action": "startprivate", "user": "Luke"}`, `{"action": "block", "user": "Luke"}`,
			`{"action": "unblock", "user": "Luke"}`, `{"action": "logout"}`,
		}},
		"picklechat": {picklechat.Config(rules.Lobby, time.UTC), []string{
			pickle("LOGIN", "Leia "+password), pickle("UDP_PORT", "40001"), pickle("RDM", "1 Jun 2026 00:00:00"), pickle("MSG", "hi"),
			pickle("EDT", "1 hi"), pickle("EDT", "2 hello"), pickle("DLT", "1"), pickle("DLT", "2"),
			pickle("DLT", "3"), pickle("RDM", "1 Jun 2026 00:00:00"), pickle("ATU", ""), pickle("OUT", ""),
		}},
	}
}

// pickle writes a message of picklechat.
func pickle(kind, body string) string {
	var b strings.Builder
	b.WriteString("\x80\x02}(")
	for _, text := range []string{"type", kind, "body", body} {
		b.WriteByte('X')
		b.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(text))))
		b.WriteString(text)
	}
	return b.String() + "u."
}

// TestHiddenTellsOldProgramsNothing at any of their doors.
func TestHiddenTellsOldProgramsNothing(t *testing.T) {
	t.Parallel()
	for name := range strangers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hidden, deleted := heard(t, name, true), heard(t, name, false)
			if diff := cmp.Diff(deleted, hidden); diff != "" {
				t.Errorf("(-deleted +hidden):\n%s", diff)
			}
			for _, line := range hidden {
				said, answer, _ := strings.Cut(line, " -> ")
				if leaked := found(said, answer); leaked != nil {
					t.Errorf("%s tells %q:\n%s", said, leaked, answer)
				}
			}
		})
	}
}

// heard plays an old program in a world, and returns what it said and was answered.
func heard(t *testing.T, door string, hide bool) (lines []string) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hide, func(c *rules.Config) { c.GuestThread = rules.Lobby })
		old := strangers()[door]
		client := legacytest.NewClient(t, legacytest.Open(t, w.Forum, old.door, 0).Dial(), 1<<16)
		answer := func() (all string) {
			for {
				some := client.RecvWithin(10 * time.Second)
				if some == "" {
					return all
				}
				all += some
			}
		}
		lines = append(lines, " -> "+answer())
		for _, said := range old.says {
			client.Send(said)
			lines = append(lines, fmt.Sprintf("%q -> %s", said, answer()))
		}
	})
	return lines
}

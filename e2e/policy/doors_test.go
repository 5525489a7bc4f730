// Package policy tries what people may do and see, at every door.
package policy

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/e2e"
	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/legacy"
	"sshforum/legacy/legacytest"
	"sshforum/legacy/textchat"
	"sshforum/legacy/udpforum"
)

func TestMain(m *testing.M) { e2e.Main(m, nil) }

// roles are the columns of the matrix, and accounts who plays them where one must log in.
var (
	roles    = []string{"guest", "member", "silenced", "moderator", "admin", "operator"}
	accounts = map[string]string{"member": "Luke", "silenced": "Jar", "moderator": "Mace", "admin": "Padme"}
)

// cell is one try: a role that does a deed to an object at a door.
type cell struct{ deed, object, door, role string }

// outcomes are what became of every try.
type outcomes map[cell]string

// TestPolicyAtTheDoors tries every deed in every role at every door that has a way to do it,
// each on an object of its own. Write the golden file anew with:
// UPDATE=1 go test ./e2e/policy -run TestPolicyAtTheDoors
func TestPolicyAtTheDoors(t *testing.T) {
	t.Parallel()
	got := make(outcomes)
	bySSH(t, got)
	synctest.Test(t, func(t *testing.T) { byOldProgram(t, got) })
	synctest.Test(t, func(t *testing.T) { asGuest(t, got) })
	asOperator(t, got)
	golden := filepath.Join("testdata", "policy.golden")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(golden, []byte(got.table()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.table()); diff != "" {
		t.Error(diff)
	}
}

// table writes a line for every deed and object, with the doors that agree on it.
func (o outcomes) table() string {
	var b strings.Builder
	line := func(deed, object string, outcomes []string, doors string) {
		fmt.Fprintf(&b, "%-34s%-13s", deed, object)
		for _, outcome := range outcomes {
			fmt.Fprintf(&b, "%-11s", outcome)
		}
		fmt.Fprintln(&b, doors)
	}
	line("", "", roles, "doors")
	type row struct{ deed, object string }
	var rows []row
	for _, d := range slices.Concat(deeds, guestDeeds(), operatorDeeds()) {
		for _, object := range d.objects {
			if r := (row{d.name, object}); !slices.Contains(rows, r) {
				rows = append(rows, r)
			}
		}
	}
	for _, r := range rows {
		var all [][]string
		var agree []string // the doors of each of all
		for _, door := range []string{"exec", "shell", "sftp", "udpforum", "textchat", "control"} {
			outcomes := o.row(r.deed, r.object, door)
			if outcomes == nil {
				continue
			}
			if i := slices.IndexFunc(all, func(a []string) bool { return slices.Equal(a, outcomes) }); i >= 0 {
				agree[i] += " " + door
			} else {
				all, agree = append(all, outcomes), append(agree, door)
			}
		}
		for i, outcomes := range all {
			line(r.deed, r.object, outcomes, agree[i])
		}
	}
	return b.String()
}

// row returns what became of a deed at a door by role, or nil if nobody tried.
func (o outcomes) row(deed, object, door string) (all []string) {
	tried := false
	for _, role := range roles {
		outcome, ok := o[cell{deed, object, door, role}]
		tried = tried || ok
		if !ok {
			outcome = "."
		}
		all = append(all, outcome)
	}
	if !tried {
		return nil
	}
	return all
}

// bySSH tries by exec, in a shell, and over SFTP.
func bySSH(t *testing.T, got outcomes) {
	t.Helper()
	s := newStage(t)
	all := s.tries(func(d deed) (doors []string) {
		if d.line != "" {
			doors = append(doors, "exec")
		}
		if d.line != "" && !strings.HasPrefix(d.line, "UPD ") && !strings.HasPrefix(d.line, "DWN ") {
			doors = append(doors, "shell") // where those two say what to run elsewhere
		}
		if d.sftp != nil {
			doors = append(doors, "sftp")
		}
		return doors
	})
	h := openHouse(t, s.Forum)
	for role, name := range accounts {
		shell, files := h.openShell(name), h.files(name)
		for _, try := range all {
			if try.role != role {
				continue
			}
			verb, rest, _ := strings.Cut(try.object.fill(try.deed.line), " ")
			line := strings.TrimSpace(verb + " --json " + rest)
			switch try.door {
			case "exec":
				got[try.cell] = outcome(h.exec(name, line, "").out)
			case "shell":
				got[try.cell] = outcome(shell.ask(line))
			case "sftp":
				got[try.cell] = sftpOutcome(try.deed.sftp(files, try.object))
			}
		}
		_ = files.Close()
		shell.leave()
	}
}

// outcome reads the kind of the error, if one is written as JSON.
func outcome(text string) string {
	for line := range strings.Lines(text) {
		var problem struct{ Schema, Kind string }
		if json.Unmarshal([]byte(strings.TrimSpace(line)), &problem) != nil || problem.Schema != "sshforum.error.v1" {
			continue
		}
		if problem.Kind == forum.Denied.String() {
			return "-"
		}
		return problem.Kind
	}
	return "yes"
}

// byOldProgram tries at the door of udpforum.
func byOldProgram(t *testing.T, got outcomes) {
	s := newStage(t)
	all := s.tries(func(d deed) (doors []string) {
		if d.old != "" {
			doors = []string{"udpforum"}
		}
		return doors
	})
	door := legacytest.Open(t, s.Forum, udpforum.Config(legacy.SSH{Host: "forum.example", Port: "22"}), 0)
	for role, name := range accounts {
		ask := conversation(t, door.Dial())
		ask(name)
		if answer := ask(forumtest.Password(name)); answer != "OK" {
			t.Fatalf("%s cannot log in: %s", name, answer)
		}
		for _, try := range all {
			if try.role == role {
				got[try.cell] = oldOutcome(ask(try.object.fill(try.deed.old)), try.deed.done)
			}
		}
	}
}

func oldOutcome(answer, done string) string {
	switch {
	case strings.Contains(answer, done):
		return "yes"
	case strings.Contains(answer, "not exist"):
		return "not_found"
	}
	return "-"
}

// conversation returns what sends a request of an old program and returns the answer.
func conversation(t *testing.T, conn net.Conn) (ask func(string) string) {
	client := legacytest.NewClient(t, conn, 1<<16)
	return func(request string) (answer string) {
		if request != "" {
			client.Send(request)
		}
		for {
			some := client.RecvWithin(10 * time.Second)
			if some == "" {
				return answer
			}
			answer += some
		}
	}
}

// guestDeeds are what guests do, who come by the door of textchat alone.
func guestDeeds() []deed {
	return []deed{
		{name: "post", objects: []string{"nobody's"}, old: "hello", done: "hello ACK"},
		{name: "list the files of the room", objects: []string{"nobody's"}, old: "list", done: "map.txt"},
		{name: "download a file", objects: []string{"other's"}, old: "get map.txt", done: "Dagobah"},
		{name: "post in a locked thread", objects: []string{"nobody's"}, old: "hello again", done: "hello again ACK", set: locked},
	}
}

func asGuest(t *testing.T, got outcomes) {
	s := newStage(t)
	uploadFile(t, s.Forum, "Yoda", rules.Lobby, "map.txt", "to Dagobah\n")
	door := textchat.Config(textchat.Room{Thread: rules.Lobby, Seats: 3, Zone: time.UTC, SSH: legacy.SSH{Host: "forum.example", Port: "22"}})
	ask := conversation(t, legacytest.Open(t, s.Forum, door, 0).Dial())
	ask("")
	ask("Wanda")
	for _, d := range guestDeeds() {
		for _, set := range d.set {
			set(s, object{thread: rules.Lobby})
		}
		got[cell{d.name, d.objects[0], "textchat", "guest"}] = oldOutcome(ask(d.old), d.done)
	}
}

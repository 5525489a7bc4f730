package forum_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sshforum/forum"
)

var acts = []struct {
	name string
	act  forum.Act
}{
	{"read the forum", forum.ReadForum},
	{"create threads", forum.CreateThreads},
	{"post messages", forum.PostMessages},
	{"edit messages", forum.EditMessages},
	{"delete messages", forum.DeleteMessages},
	{"remove threads", forum.RemoveThreads},
	{"restore", forum.RestoreRemoved},
	{"hide", forum.Hide},
	{"see what is hidden", forum.SeeHidden},
	{"see earlier versions", forum.SeeEdits},
	{"upload files", forum.UploadFiles},
	{"rename files", forum.RenameFiles},
	{"remove files", forum.RemoveFiles},
	{"manage accounts", forum.ManageAccounts},
	{"invite people", forum.InvitePeople},
	{"see the login history", forum.SeeVisits},
	{"read the audit log", forum.ReadAudit},
	{"read the modlog", forum.ReadModlog},
	{"moderate threads", forum.ModerateThreads},
	{"moderate people", forum.ModeratePeople},
	{"exceed rates", forum.ExceedRates},
	{"see reports", forum.SeeReports},
	{"stop the server", forum.StopServer},
	{"mend the store", forum.MendStore},
}

// The whole policy is one golden file, so that every change of it is visible. To write it
// again: UPDATE=1 go test ./forum -run TestPolicy
func TestPolicy(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "%-22s%-11s%-6s%-8s%s\n", "", "", "own", "other's", "nobody's")
	for _, a := range acts {
		for _, role := range []forum.Role{forum.Member, forum.Moderator, forum.Admin} {
			u := forum.User{ID: 7, Role: role}
			fmt.Fprintf(&b, "%-22s%-11s%-6s%-8s%s\n", a.name, role, yes(u.May(a.act, 7)), yes(u.May(a.act, 8)), yes(u.May(a.act, 0)))
		}
		guest := forum.User{ID: forum.Guests}
		fmt.Fprintf(&b, "%-22s%-11s%-6s%-8s%s\n", a.name, "guest", yes(guest.May(a.act, forum.Guests)), yes(guest.May(a.act, 8)), yes(guest.May(a.act, 0)))
	}
	golden := filepath.Join("testdata", "policy.golden")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Error(diff)
	}
	if (forum.User{ID: forum.Guests, Role: forum.Admin}).May(forum.ManageAccounts, forum.Guests) {
		t.Error("a guest has a role")
	}
	if (forum.User{ID: 7, Role: 99}).May(forum.ReadForum, 7) {
		t.Error("a role that does not exist may read")
	}
}

func yes(may bool) string {
	if may {
		return "yes"
	}
	return "-"
}

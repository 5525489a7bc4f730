package policy

import (
	"errors"
	"net/rpc"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sshforum/e2e"
	"sshforum/forum"
	"sshforum/forum/storetest"
	"sshforum/storage"
)

// operatorDeeds are what the control socket takes, from the operator alone.
func operatorDeeds() (all []deed) {
	for _, call := range operatorCalls {
		all = append(all, deed{name: call.name, objects: nothing})
	}
	return all
}

// operatorCalls are the methods at the control socket, and what they are called with.
var operatorCalls = []struct {
	name, method string
	args         any
}{
	{"make an account", "AddUser", account{Name: "Han", Password: "the Falcon flies", Role: forum.Admin}},
	{"list the accounts", "Users", none{}},
	{"give an account a password", "SetPassword", account{Name: "Padme", Password: "the Falcon flies"}},
	{"give an account a role", "SetRole", account{Name: "Luke", Role: forum.Moderator}},
	{"close an account", "RemoveUser", account{Name: "Luke"}},
	{"take a name from messages", "Anonymise", account{Name: "Jar"}},
	{"make the index anew", "Reindex", uint64(0)},
	{"compare the clocks", "Clock", none{}},
	{"set the forum's time", "SetClock", false},
	{"verify the audit log", "VerifyAudit", forum.AuditHash{}},
	{"look for damage", "Check", true},
	{"ask how far a check is", "CheckProgress", none{}},
}

// account and none are as the control socket takes them.
type (
	account struct {
		Name, Password string
		Role           forum.Role
	}
	none struct{}
)

// asOperator calls a server in a process of its own at its control socket.
func asOperator(t *testing.T, got outcomes) {
	t.Helper()
	dir := e2e.Dir(t)
	e2e.Found(t, dir)
	for role, name := range accounts {
		e2e.AddUser(t, dir, name, "--role="+strings.Replace(role, "silenced", "member", 1))
	}
	advance(t, dir, time.Hour)
	server, err := e2e.Start(e2e.Command(dir))
	if err != nil {
		t.Fatal(err)
	}
	client, err := rpc.Dial("unix", filepath.Join(dir, "data", "control.sock"))
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range operatorCalls {
		outcome := "yes"
		if err := client.Call("Control."+call.method, call.args, nil); err != nil {
			outcome = err.Error()
		}
		got[cell{call.name, "", "control", "operator"}] = outcome
	}
	if err := errors.Join(client.Close(), server.Stop()); err != nil {
		t.Error(err)
	}
}

// advance sets the time of a forum that no server has, so that there is something to set.
func advance(t *testing.T, dir string, by time.Duration) {
	t.Helper()
	db, err := storage.Open(filepath.Join(dir, "data"), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	_, err = db.Submit(t.Context(), storetest.Write(func(tx forum.Tx) {
		tx.SetTime(tx.Time().Add(by))
		tx.SetLeaps([]forum.Leap{{From: began, To: began.Add(by)}})
	}))
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

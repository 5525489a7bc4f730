package main

import (
	"context"
	"errors"
	"net"
	"net/rpc"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// held is a journal that says when a change comes, and waits with it.
type held struct {
	forum.Journal
	kind    string
	came    chan struct{}
	release chan struct{}
}

func (h *held) Submit(ctx context.Context, c forum.Change) (any, error) {
	if c.Kind() == h.kind {
		close(h.came)
		<-h.release
	}
	return h.Journal.Submit(ctx, c)
}

// Calls that an operator has made when the server stops are answered. Later calls are not, and
// the operator is told so.
func TestOperatorIsAnsweredWhenTheServerStops(t *testing.T) {
	h := &held{kind: "user.role", came: make(chan struct{}), release: make(chan struct{})}
	f := forumtest.New(t, func(c *rules.Config) { h.Journal, c.Journal = c.Journal, h })
	f.As("yoda")
	dir := t.TempDir()
	ln, err := listenControl(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- serveControl(ctx, ln, &Control{service: f.Service, clock: f.Time}) }()
	conn, err := net.Dial("unix", filepath.Join(dir, controlSocket))
	if err != nil {
		t.Fatal(err)
	}
	client := rpc.NewClient(conn)
	defer client.Close()
	var user forum.User
	call := client.Go("Control.SetRole", UserArgs{Name: "yoda", Role: forum.Moderator}, &user, nil)
	<-h.came
	stop()
	for err = nil; err == nil; { // a call that is on its way at that moment is also answered
		err = answered(client.Call("Control.Users", None{}, &[]forum.User{}))
	}
	if !errors.Is(err, errUnanswered) {
		t.Errorf("a call after the stop: %v", err)
	}
	close(h.release)
	if <-call.Done; call.Error != nil || user.Role != forum.Moderator {
		t.Errorf("the call before it: %v, %v", user.Role, call.Error)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// The grace begins when the stop does, and a hurry ends it.
func TestGrace(t *testing.T) {
	for early, want := range map[bool]time.Duration{false: time.Hour, true: time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			stop, end := context.WithCancel(t.Context())
			hurry := make(chan struct{})
			cut := afterGrace(stop, time.Hour, hurry)
			time.Sleep(24 * time.Hour)
			began := time.Now()
			end()
			if early {
				time.AfterFunc(time.Minute, func() { close(hurry) })
			}
			<-cut
			if took := time.Since(began); took != want {
				t.Errorf("it took %v, want %v", took, want)
			}
		})
	}
}

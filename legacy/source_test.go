package legacy_test

import (
	"context"
	"net"
	"testing"

	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/legacy"
	"sshforum/legacy/legacytest"
)

// whose returns the name that is logged in.
type whose chan rules.Actor

func (w whose) Serve(ctx context.Context, c *legacy.Conn) {
	_ = c.Login(ctx, "yoda", forumtest.Password("yoda"))
	w <- c.Actor()
}

// TestSourceOfThisMachine is shared by everybody here, and another is not.
func TestSourceOfThisMachine(t *testing.T) {
	f, actors := forumtest.New(t), make(whose, 1)
	f.As("yoda")
	door := legacy.Config{Name: "whose", Dialect: actors, MaxMessage: message, Gap: gap}
	conn, err := net.Dial("tcp", legacytest.Listen(t, f, door))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got := <-actors; got.Source != "127.0.0.1" || !got.Shared {
		t.Errorf("from this machine: %+v", got)
	}
	defer legacytest.Open(t, f, door, 0).Dial().Close()
	if got := <-actors; got.Source != "192.0.2.7" || got.Shared {
		t.Errorf("from another: %+v", got)
	}
}

package legacy_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/legacy"
	"sshforum/legacy/legacytest"
)

const (
	gap     = 50 * time.Millisecond
	pieces  = 30 * time.Millisecond
	message = 64 // bytes a client reads at a time
)

// talker is a dialect for tests: each read is a line of words, each word is done.
type talker struct{}

func (talker) Serve(ctx context.Context, c *legacy.Conn) {
	buffer := make([]byte, 256)
	for {
		n, err := c.Read(buffer)
		if err != nil {
			if forum.KindOf(err) != forum.Internal {
				_ = c.Reply("bye: " + forum.Explain(err))
			}
			return
		}
		for line := range strings.Lines(string(buffer[:n])) {
			for word := range strings.FieldsSeq(line) {
				if !do(ctx, c, word) {
					return
				}
			}
		}
	}
}

// do does a word, and reports whether the conversation goes on.
func do(ctx context.Context, c *legacy.Conn, word string) bool {
	name, rest, _ := strings.Cut(word, ":")
	switch name {
	case "reply":
		return c.Reply(strings.Split(rest, ",")...) == nil
	case "push":
		return c.Push(strings.Split(rest, ",")...) == nil
	case "tell":
		_ = c.Tell(strings.Split(rest, ",")...)
	case "goodbye":
		c.StopTelling()
		return c.Push(rest) == nil
	case "hold":
		c.HoldPushes(2 * gap)
	case "stream":
		return c.Stream([]byte(rest)) == nil
	case "flood":
		for c.Stream(make([]byte, 1<<20)) == nil {
		}
	case "beside":
		c.Go(func(ctx context.Context) {
			for c.Push(rest) == nil && ctx.Err() == nil {
			}
		})
	case "login":
		if err := c.Login(ctx, rest, forumtest.Password(rest)); err != nil {
			return c.Reply(forum.KindOf(err).String()) == nil
		}
		return c.Reply("in") == nil
	case "register":
		if err := c.Register(ctx, rest, forumtest.Password(rest)); err != nil {
			return c.Reply(forum.KindOf(err).String()) == nil
		}
		return c.Reply("made") == nil
	case "guest":
		c.Admit(rules.Actor{Name: rest})
	case "long":
		if c.Reply(strings.Repeat("x", message+1)) == nil || c.Reply("") == nil {
			panic("a message that no client can read was sent")
		}
	case "panic":
		panic("on demand")
	case "stuck":
		_, _ = io.Copy(io.Discard, c)
		for c.Stream([]byte(".")) == nil {
			time.Sleep(time.Second)
		}
	case "busy":
		time.Sleep(time.Minute)
	case "leave":
		_ = c.Reply("bye")
		return false
	}
	return true
}

// stage is a door of talkers in time of its own.
type stage struct {
	*forumtest.Forum
	*legacytest.Door
	t *testing.T
}

func play(t *testing.T, set func(*legacy.Config), test func(t *testing.T, s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cfg := legacy.Config{Name: "talk", Dialect: talker{}, MaxMessage: message, Gap: gap, Pieces: pieces}
		if set != nil {
			set(&cfg)
		}
		f := forumtest.New(t)
		test(t, &stage{f, legacytest.Open(t, f, cfg, 0), t})
	})
}

func (s *stage) client() *legacytest.Client { return legacytest.NewClient(s.t, s.Dial(), message) }

// as is a client that is logged in.
func (s *stage) as(name string) *legacytest.Client {
	s.t.Helper()
	s.As(name)
	c := s.client()
	c.Send("login:" + name)
	c.Expect("in")
	return c
}

package legacy_test

import (
	"context"
	"testing"
	"time"

	"sshforum/forum/forumtest"
	"sshforum/forum/limit"
	"sshforum/forum/rules"
	"sshforum/legacy"
	"sshforum/legacy/legacytest"
)

// hasty is a dialect whose client sends ten requests.
type hasty chan time.Duration

func (h hasty) Serve(ctx context.Context, c *legacy.Conn) {
	_ = c.Login(ctx, "yoda", forumtest.Password("yoda"))
	began := time.Now()
	for range 10 {
		c.Heard("anything", 1)
	}
	h <- time.Since(began)
}

// TestRequestsHaveAPace: a client that is faster has to wait.
func TestRequestsHaveAPace(t *testing.T) {
	const every = 20 * time.Millisecond
	f, took := forumtest.New(t, func(c *rules.Config) {
		c.Steady = time.Now
		c.Rates = rules.Rates{For: map[limit.Activity]limit.Rate{limit.Asking: {Burst: 4, Every: every}}}
	}), make(hasty, 1)
	f.As("yoda")
	defer legacytest.Open(t, f, legacy.Config{Name: "hasty", Dialect: took, MaxMessage: message, Gap: gap}, 0).Dial().Close()
	if got := <-took; got < 6*every-every/2 {
		t.Errorf("ten requests took %v, where 4 are at once and then one comes every %v", got, every)
	}
}

package rules_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/limit"
	"sshforum/forum/rules"
)

// Bytes that are hashed or copied and were not sent by the person count as work.
func TestWorkIsPacedByWhatWasDone(t *testing.T) {
	const size, says = 4 << 20, "You keep the server too busy; try again in "
	working := func(c *rules.Config) {
		c.Rates = rules.Rates{For: map[limit.Activity]limit.Rate{limit.Working: {Burst: 8, Every: time.Minute}}}
	}
	whole := strings.Repeat("x", size)
	for name, test := range map[string]struct {
		do   func(t *testing.T, u *rules.Upload)
		free int    // how often it can be done before it is refused; 0 for no limit
		says string // the time to wait in the error
	}{
		"a file that is sent": {func(t *testing.T, u *rules.Upload) { putOperatorMessage(t, u, whole, 0) }, 0, ""},
		"a gap":               {func(t *testing.T, u *rules.Upload) { putOperatorMessage(t, u, "x", size-1) }, 2, "1 min."},
		"a file made longer": {func(t *testing.T, u *rules.Upload) {
			if err := u.Truncate(size); err != nil {
				t.Error(err)
			}
		}, 2, "1 min."},
		"one byte of a file": {func(t *testing.T, u *rules.Upload) { putOperatorMessage(t, u, "y", 0) }, 1, "1 min."},
	} {
		t.Run(name, func(t *testing.T) {
			f := thread3331(t, working)
			if name == "one byte of a file" {
				upload(t, f, "Yoda", in3331, "file", whole)
			}
			for n := range 4 {
				u, err := f.Service.Upload(ctx, f.As("Yoda"), in3331, "file", rules.UploadOptions{Replace: true, Keep: name == "one byte of a file"})
				if test.free > 0 && n >= test.free {
					wants(t, err, forum.Limited, says+test.says)
					continue
				}
				if err != nil {
					t.Fatal(n, err)
				}
				test.do(t, u)
				must[rules.Uploaded](t)(u.Complete(ctx))
			}
			f.Clock.Advance(16 * time.Minute)
			begin(t, f, "Yoda", in3331, "file", "x", rules.UploadOptions{Replace: true})
		})
	}
}

// Commands have a rate: a person who is too fast waits, unless the connection ends.
func TestCommandsHaveAPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := forumtest.New(t, func(c *rules.Config) {
			c.Steady = time.Now
			c.Rates = rules.Rates{For: map[limit.Activity]limit.Rate{limit.Asking: {Burst: 4, Every: time.Second}}}
		})
		yoda, began := f.As("Yoda"), time.Now()
		for range 10 {
			if err := f.Service.AwaitTurn(t.Context(), yoda); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took != 6*time.Second {
			t.Errorf("10 commands took %v", took)
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if err := f.Service.AwaitTurn(gone, yoda); !errors.Is(err, context.Canceled) {
			t.Errorf("one who is gone is answered %v", err)
		}
		for range 100 {
			if err := f.Service.AwaitTurn(t.Context(), f.AsRole("Leia", forum.Moderator)); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took != 6*time.Second {
			t.Errorf("a moderator waited until %v", took)
		}
	})
}

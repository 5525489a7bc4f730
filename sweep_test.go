package main

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// TestServerSweepsByItsOwnTime: a content without a name goes a day after the server has
// first seen it, whatever the clock shows and however often it was started.
func TestServerSweepsByItsOwnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := forumtest.New(t)
		w, err := f.Blobs.Create(rules.NewBlobID())
		if err == nil {
			_, err = w.Finish(t.Context())
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		left := func() (n int) {
			if err := f.Blobs.All(func(forum.BlobID) bool { n++; return true }); err != nil {
				t.Error(err)
			}
			return n
		}
		run := func(d time.Duration) {
			ctx, stop := context.WithTimeout(t.Context(), d)
			defer stop()
			if err := purgeNowAndThen(ctx, f.Service, slog.New(slog.DiscardHandler)); err != nil {
				t.Error(err)
			}
		}
		for range 30 {
			run(time.Minute)
			f.Clock.Advance(48 * time.Hour)
		}
		run(23*time.Hour + 30*time.Minute)
		if n := left(); n != 1 {
			t.Errorf("%d contents after most of a day", n)
		}
		run(time.Hour + 30*time.Minute)
		if n := left(); n != 0 {
			t.Errorf("%d contents after a day", n)
		}
	})
}

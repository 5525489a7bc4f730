package rules_test

import (
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// TestWhoIsBannedLeavesTheUpload: an upload that a ban cuts off takes no room from others.
func TestWhoIsBannedLeavesTheUpload(t *testing.T) {
	f := thread3331(t)
	boss := f.AsRole("Boss", forum.Moderator)
	u := begin(t, f, "Yoda", in3331, "report.pdf", "half of it", rules.UploadOptions{Declared: 1 << 20})
	must[rules.Ban](t)(f.Service.Ban(ctx, boss, "Yoda", f.Clock.Now().Add(time.Hour), "spam"))
	if err := u.Leave(ctx, false); err != nil {
		t.Errorf("leave: %v", err)
	}
	err := f.Store.View(func(r forum.Reader) error {
		if used := r.Used(); used != 0 {
			t.Errorf("%d bytes are still used", used)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

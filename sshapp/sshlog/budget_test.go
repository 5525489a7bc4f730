package sshlog

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
)

// TestProblemsAreLoggedBesideAFlood of other lines, and say how many of those were left out.
func TestProblemsAreLoggedBesideAFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		budget := NewBudget()
		log := budget.On(slog.New(slog.NewTextHandler(&out, nil))).With("session", "1.1").WithGroup("g")
		for range 3 * burst {
			log.Info("asked")
		}
		log.Error("broken")
		text := out.String()
		if n := strings.Count(text, "msg=asked"); n != burst || !strings.Contains(text, fmt.Sprintf("msg=broken session=1.1 g.left_out=%d\n", 2*burst)) {
			t.Errorf("%d lines:\n%s", n, text[max(0, len(text)-300):])
		}
	})
}

package main

import (
	"testing"
	"time"

	"sshforum/forum/rules"
)

func TestApart(t *testing.T) {
	now := time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)
	for by, want := range map[time.Duration]string{
		0: "", 15 * time.Minute: "", -15 * time.Minute: "", 16 * time.Minute: ", 16 min ahead", -25 * time.Hour: ", 1 d 1 h behind",
	} {
		if got := apart(rules.ClockState{Forum: now, Machine: now.Add(by)}); got != want {
			t.Errorf("%s: %q, want %q", by, got, want)
		}
	}
}

package rules_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"sshforum/forum/forumtest"
)

// The command history is bounded in bytes, too, because a line can be as long as the longest
// message.
func TestCommandHistoryIsBounded(t *testing.T) {
	f := forumtest.New(t)
	yoda := f.As("Yoda")
	var typed []string
	for i := range 20 {
		typed = append(typed, strconv.Itoa(i)+strings.Repeat("a", 60_000))
	}
	for range 2 {
		if err := f.Service.AddCommandHistory(ctx, yoda, typed); err != nil {
			t.Fatal(err)
		}
	}
	kept := must[[]string](t)(f.Service.CommandHistory(yoda))
	if !slices.Equal(kept, typed[16:]) {
		t.Errorf("%d lines are kept; want the last 4, which 256 KiB have room for", len(kept))
	}
}

package render

import (
	"bytes"
	"strings"
	"testing"

	"sshforum/forum/command"
	"sshforum/forum/rules"
)

// TestASearchThatEndedEarlySaysSo, to people and programs, also when it has found nothing.
func TestASearchThatEndedEarlySaysSo(t *testing.T) {
	for _, total := range []uint64{0, 3} {
		r := command.MessagesFound{Found: rules.Found{
			Page: rules.Page{Size: 20, Number: 1}, Total: total, More: true, Early: true,
		}}
		for name, l := range looks() {
			var out, problems bytes.Buffer
			if err := (&Text{Look: l, Out: &out, Err: &problems}).Result(r); err != nil {
				t.Fatal(err)
			}
			if told := out.String() + problems.String(); !strings.Contains(told, "ended early, at least ") || (name == "pipe") != (out.Len() == 0) {
				t.Errorf("%s: %q, and beside it %q", name, &out, &problems)
			}
		}
		var out bytes.Buffer
		if err := (&JSON{Out: &out}).Result(r); err != nil || !strings.Contains(out.String(), `"complete":false,"ended_early":true`) {
			t.Errorf("%s, %v", &out, err)
		}
	}
}

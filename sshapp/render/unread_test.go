package render

import (
	"bytes"
	"strings"
	"testing"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

// News that lack threads say so, and other news have no trace of it.
func TestNewsThatLackThreadsSaySo(t *testing.T) {
	threads := []rules.UnreadThread{{Thread: forum.Thread{Title: "3331"}, Messages: 2}}
	for _, more := range []bool{false, true} {
		r := command.News{News: rules.News{Threads: threads, More: more}}
		var text, json bytes.Buffer
		if err := (&Text{Look: looks()["pipe"], Out: &text, Err: &text}).Result(r); err != nil {
			t.Fatal(err)
		}
		if err := (&JSON{Out: &json}).Result(r); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(text.String(), "more threads are unread; CATCHUP") != more || strings.Contains(json.String(), `"more":true`) != more ||
			strings.Contains(json.String(), "more") != more {
			t.Errorf("more: %v; %q, %s", more, &text, &json)
		}
	}
}

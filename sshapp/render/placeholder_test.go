package render

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

// A placeholder is shown as one in every form that files are listed in.
func TestPlaceholderIsMarked(t *testing.T) {
	at := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	list := command.FileList{Thread: "3331", Files: []rules.FileInfo{
		{Uploader: "yoda", File: forum.File{Name: "empty", Uploaded: at}},
		{Uploader: "yoda", File: forum.File{Name: "report.pdf", Uploaded: at, Placeholder: true}},
	}}
	for name, plain := range map[string]bool{"table": false, "plain": true} {
		var out bytes.Buffer
		r := &Text{Out: &out, Look: Look{Plain: plain, now: func() time.Time { return at }}}
		if err := r.fileList(list); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if strings.Contains(line, "yoda") && strings.Contains(line, "placeholder") != strings.HasPrefix(line, "report.pdf") {
				t.Errorf("%s: %q", name, line)
			}
		}
	}
	var out bytes.Buffer
	if err := (&JSON{Out: &out}).Result(list); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(out.String(), `"placeholder":true`); got != 1 {
		t.Errorf("%d are marked in %s", got, out.String())
	}
}

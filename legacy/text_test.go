package legacy_test

import (
	"testing"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
)

// A list contains neither the texts nor the file names of people whom the reader has blocked.
func TestLinesOfBlockedPeople(t *testing.T) {
	for want, e := range map[string]rules.Entry{
		"2 luke: hello\n":                                         {Number: 2, Author: "luke", Message: forum.Message{Text: "hello"}},
		"luke uploaded map\n":                                     {Author: "luke", Message: forum.Message{Upload: "map"}},
		"2 luke: (you blocked them; ssh shows it)\n":              {Number: 2, Author: "luke", Folded: true},
		"luke uploaded a file (you blocked them; ssh shows it)\n": {Author: "luke", Folded: true},
	} {
		if got := legacy.Line(e, 80); got != want {
			t.Errorf("%+v is %q, want %q", e, got, want)
		}
	}
}

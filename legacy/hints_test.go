package legacy

import (
	"testing"

	"sshforum/forum"
)

// TestHints: a hint that no old program can follow has no sentence; one that can be followed
// elsewhere says where.
func TestHints(t *testing.T) {
	for want, err := range map[string]error{
		"You posted this just now; change the text and send it again.": forum.Hinted(forum.HintAgain, "", forum.Errorf(forum.Conflict, "You posted this just now.")),
		"You have blocked Luke; end that with ssh: UNBLOCK Luke.":      forum.Hinted(forum.HintUnblock, "Luke", forum.Errorf(forum.Conflict, "You have blocked Luke.")),
		"Thread 3331 exists": forum.Hinted(forum.HintAnotherTitle, "restore", forum.Errorf(forum.Conflict, "Thread 3331 exists")),
		"Something went wrong on the server; please try again.":   forum.Errorf(forum.Internal, ""),
		"This is not a text but a file; send it with UPD or scp.": forum.Hinted(forum.HintSendFile, "", forum.Errorf(forum.Invalid, "This is not a text but a file.")),
	} {
		if got := Explain(err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

package shell

import (
	"testing"

	"sshforum/forum/rules"
)

func TestWhatIsNew(t *testing.T) {
	unread := []rules.UnreadThread{{Messages: 3}, {Messages: 2}}
	private := []rules.UnreadConversation{{Messages: 1}}
	for want, news := range map[string]rules.News{
		"Nothing new.": {Muted: 2},
		"New: 5 messages in 2 threads. NEW lists them, NEXT shows them.":                               {Threads: unread},
		"New: more than 5 messages in 2 threads. NEW lists them, NEXT shows them.":                     {Threads: unread, More: true},
		"New: 5 messages in 2 threads, 1 mention, 1 private message. NEW lists them, NEXT shows them.": {Threads: unread, Mentions: 1, Private: private},
	} {
		if got := whatIsNew(news); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

package jsonchat

import (
	"context"
	"fmt"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
)

// maxKept is how many of the messages that were kept for a person are told at login; the
// rest come at the next ones.
const maxKept = 100

// news is what a client is told unasked, from its login on.
type news struct {
	*session
	kept []forum.Event
	more int // kept, and not told this time
}

// waiting returns the news from now on.
func (s *session) waiting(ctx context.Context) news {
	kept, more, err := s.c.Visit().Waiting(ctx, maxKept)
	_ = s.c.Checked(err)
	return news{s, kept, more}
}

// say tells a message.
func (n news) say(v any) error { return n.c.Tell(legacy.ASCII(v)) }

// tell tells the news until ctx ends or the connection is of no more use.
func (n news) tell(ctx context.Context) {
	if why := n.c.Visit().Unstored(); why != "" && n.say(newNotice(why)) != nil {
		return
	}
	for _, e := range n.kept {
		if n.pass(rules.Notice{Event: e, Why: rules.WhyTold}) != nil {
			return
		}
	}
	if n.more > 0 {
		_ = n.say(newNotice(fmt.Sprintf("%d more messages are kept for you; log in again, or with ssh: INBOX.", n.more)))
	}
	for notice, err := range n.c.Visit().Notices(ctx) {
		if err == nil {
			err = n.pass(notice)
		}
		if err != nil {
			_ = n.c.Checked(err)
			return
		}
	}
}

// pass tells one notice, if the dialect has words for it.
func (n news) pass(notice rules.Notice) error {
	words, known := newsWords[notice.Why]
	if !known {
		return nil
	}
	if err := n.say(words(notice)); err != nil {
		return err
	}
	n.c.Visit().MarkShown(notice.Event)
	return nil
}

// newsWords has what the dialect says for the reasons to tell a person of something.
// Threads it does not know.
var newsWords = map[rules.Why]func(rules.Notice) any{
	rules.WhyTold: func(n rules.Notice) any {
		if n.Kind == forum.FileDropped {
			return newNotice(fmt.Sprintf("%s sent you %s; sftp has it in .inbox.", n.Name, n.Dropped()))
		}
		return newDelivery("receive_message", n.Name, n.Text)
	},
	rules.WhySaid: func(n rules.Notice) any { return newDelivery("receive_broadcast", n.Name, n.Text) },
	rules.WhyPresence: func(n rules.Notice) any {
		if n.Kind == forum.UserWent {
			return newDelivery("logout_broadcast", n.Name, "")
		}
		return newDelivery("login_broadcast", n.Name, "")
	},
	rules.WhyStorable: func(n rules.Notice) any { return newNotice(n.Text) },
	rules.WhyTalkAsked: func(n rules.Notice) any {
		return newNotice(fmt.Sprintf("%s asks for a private talk; answer with ssh: PRIVATE %[1]s.", n.Name))
	},
	rules.WhyMissed: func(n rules.Notice) any {
		return newNotice(fmt.Sprintf("You missed %d notices; ssh shows what is unread: NEW.", n.Missed))
	},
}

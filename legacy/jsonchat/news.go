package jsonchat

import (
	"context"
	"fmt"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
)

// maxKept is how many of the stored messages for a person are told at one login. The rest are
// told at later logins.
const maxKept = 100

// news is the pushes to a client, from its login on.
type news struct {
	*session
	kept []forum.Event
	more int // number of stored messages that are not told at this login
}

// waiting returns the news from now on, with the messages that were stored for the person.
func (s *session) waiting(ctx context.Context) news {
	kept, more, err := s.c.Visit().Waiting(ctx, maxKept)
	_ = s.c.Checked(err)
	return news{s, kept, more}
}

// say pushes a message.
func (n news) say(v any) error { return n.c.Tell(legacy.ASCII(v)) }

// run pushes the news until ctx ends or the connection is unusable.
func (n news) run(ctx context.Context) {
	if why := n.c.Visit().Unstored(); why != "" && n.say(newNotice(why)) != nil {
		return
	}
	for _, e := range n.kept {
		if n.push(rules.Notice{Event: e, Why: rules.WhyTold}) != nil {
			return
		}
	}
	if n.more > 0 {
		_ = n.say(newNotice(fmt.Sprintf("%d more messages are kept for you; log in again, or with ssh: INBOX.", n.more)))
	}
	for notice, err := range n.c.Visit().Notices(ctx) {
		if err == nil {
			err = n.push(notice)
		}
		if err != nil {
			_ = n.c.Checked(err)
			return
		}
	}
}

// push pushes one notice, if the dialect has a form for it.
func (n news) push(notice rules.Notice) error {
	form, known := newsForms[notice.Why]
	if !known {
		return nil
	}
	if err := n.say(form(notice)); err != nil {
		return err
	}
	n.c.Visit().MarkShown(notice.Event)
	return nil
}

// newsForms has the dialect's forms of notices. It has none for threads, which the dialect does
// not know.
var newsForms = map[rules.Why]func(rules.Notice) any{
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

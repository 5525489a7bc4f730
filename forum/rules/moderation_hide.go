package rules

import (
	"cmp"
	"context"

	"sshforum/forum"
)

// HideThread hides a thread with all its entries from everybody except moderators and its
// creator, until UnhideThread. Its title becomes free. Errors: Invalid reason; NotFound;
// Denied.
func (s *ModerationService) HideThread(ctx context.Context, actor Actor, title, reason string) (forum.Thread, error) {
	reason, err := forum.CleanReason(reason)
	if err != nil {
		return forum.Thread{}, err
	}
	return submit(ctx, s.core, actor, &hideThread{Title: forum.TitleKey(title), Reason: reason})
}

// HideMessage hides a message from everybody except moderators and its author, until
// UnhideMessage; later messages get lower numbers. Errors: Invalid reason; NotFound; Denied;
// Conflict.
func (s *ModerationService) HideMessage(ctx context.Context, actor Actor, target Target, reason string) (Posted, error) {
	reason, err := forum.CleanReason(reason)
	if err != nil {
		return Posted{}, err
	}
	return submit(ctx, s.core, actor, &hideMessage{Target: target.clean(), Reason: reason})
}

// UnhideThread shows the last hidden thread with that title to everyone again, under the title
// as, or under its own title if as is "". Errors: Invalid; NotFound; Denied; Conflict if the
// title is taken.
func (s *ModerationService) UnhideThread(ctx context.Context, actor Actor, title, as string) (forum.Thread, error) {
	if as != "" {
		var err error
		if as, err = forum.CleanTitle(as); err != nil {
			return forum.Thread{}, err
		}
	}
	return submit(ctx, s.core, actor, &unhideThread{Title: forum.TitleKey(title), As: as})
}

// UnhideMessage shows a hidden message to everyone again, in its place. Errors: NotFound;
// Denied; Conflict if it is not hidden.
func (s *ModerationService) UnhideMessage(ctx context.Context, actor Actor, target Target) (Posted, error) {
	return submit(ctx, s.core, actor, &unhideMessage{Target: target.clean()})
}

type hideThread struct {
	origin

	Title  string
	Reason string
}

func (c *hideThread) apply(tx forum.Tx, u forum.User) (forum.Thread, error) {
	t, err := openThread(tx, u, c.Title)
	if err != nil {
		return forum.Thread{}, err
	}
	if !u.May(forum.Hide, t.Creator) {
		return forum.Thread{}, errMayNotHide
	}
	t.Removed = forum.Removal{By: u.ID, At: tx.Time(), Hidden: true, Reason: c.Reason}
	tx.PutThread(t)
	record(tx, u, forum.AuditEntry{Act: forum.AuditThreadHide, Object: auditThread(t.ID), Name: t.Title, Reason: c.Reason})
	notifyAuthor(tx, u, t.Creator, "A moderator has hidden your Thread "+t.Title+withReason(c.Reason))
	e := threadEvent(forum.ThreadHidden, u, t)
	e.Title = ""
	tx.Publish(e)
	return t, nil
}

type hideMessage struct {
	origin

	Target Target
	Reason string
}

func (c *hideMessage) apply(tx forum.Tx, u forum.User) (Posted, error) {
	t, m, err := c.Target.resolveLive(tx, u)
	if err != nil {
		return Posted{}, err
	}
	if !u.May(forum.Hide, m.Author) {
		return Posted{}, errMayNotHide
	}
	p := takeOut(tx, t, m, forum.Removal{By: u.ID, At: tx.Time(), Hidden: true, Reason: c.Reason})
	record(tx, u, forum.AuditEntry{Act: forum.AuditMessageHide, Object: auditMessage(m.ID), Name: p.Author, Reason: c.Reason})
	notifyAuthor(tx, u, m.Author, "A moderator has hidden your message "+m.ID.String()+" in Thread "+t.Title+withReason(c.Reason))
	e := messageEvent(forum.MessageHidden, u, p)
	e.Text = ""
	tx.Publish(e)
	return p, nil
}

type unhideThread struct {
	origin

	Title string
	As    string
}

func (c *unhideThread) apply(tx forum.Tx, u forum.User) (forum.Thread, error) {
	t, ok := hiddenThread(tx, u, c.Title)
	switch {
	case !ok:
		return forum.Thread{}, forum.Errorf(forum.NotFound, "No thread %s is hidden.", forum.Printable(c.Title))
	case !u.May(forum.Hide, t.Creator):
		return forum.Thread{}, errMayNotUnhide
	}
	if err := mayUndo(tx, u, t.Removed); err != nil {
		return forum.Thread{}, err
	}
	title := cmp.Or(c.As, t.Title)
	if _, taken := tx.ThreadByTitle(title); taken {
		return forum.Thread{}, forum.Hinted(forum.HintAnotherTitle, "show the hidden one", threadExists(title))
	}
	t.Title, t.Removed = title, forum.Removal{}
	tx.PutThread(t)
	record(tx, u, forum.AuditEntry{Act: forum.AuditThreadUnhide, Object: auditThread(t.ID), Name: t.Title})
	notifyAuthor(tx, u, t.Creator, "Your Thread "+t.Title+" is shown to everyone again.")
	tx.Publish(threadEvent(forum.ThreadRestored, u, t))
	return t, nil
}

type unhideMessage struct {
	origin

	Target Target
}

func (c *unhideMessage) apply(tx forum.Tx, u forum.User) (Posted, error) {
	t, m, err := c.Target.resolve(tx, u)
	switch {
	case err != nil:
		return Posted{}, err
	case !m.Removed.Hidden || !u.Sees(m.Author, m.Removed):
		return Posted{}, forum.Errorf(forum.Conflict, "The message is not hidden.")
	case !u.May(forum.Hide, m.Author):
		return Posted{}, errMayNotUnhide
	}
	if err := mayUndo(tx, u, m.Removed); err != nil {
		return Posted{}, err
	}
	p := putBack(tx, t, m)
	record(tx, u, forum.AuditEntry{Act: forum.AuditMessageUnhide, Object: auditMessage(m.ID), Name: p.Author})
	notifyAuthor(tx, u, m.Author, "Your message "+m.ID.String()+" in Thread "+t.Title+" is shown to everyone again.")
	tx.Publish(messageEvent(forum.MessageRestored, u, p))
	return p, nil
}

// notifyAuthor sends the author of a thread or a message, which by has hidden or shown again, a
// message of the operator. The author gets it at the next login, because the event of the
// change is for everyone.
func notifyAuthor(tx forum.Tx, by forum.User, author forum.UserID, text string) {
	if u, ok := tx.User(author); ok && author != by.ID && u.Closed.IsZero() {
		putOperatorMessage(tx, author, text)
	}
}

// withReason returns the end of a sentence, with the reason if there is one.
func withReason(reason string) string {
	if reason == "" {
		return "."
	}
	return ": " + reason
}

var (
	errMayNotHide   = forum.Errorf(forum.Denied, "Only a moderator can hide what others wrote.")
	errMayNotUnhide = forum.Errorf(forum.Denied, "Only a moderator can show again what a moderator has hidden.")
)

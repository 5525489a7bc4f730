package render

import (
	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

func areHereForm(r command.AreHere) any {
	people := make([]object, len(r.People))
	for i, h := range r.People {
		people[i] = object{
			"name": h.Name, "door": h.Door, "since": h.Since.UTC(), "acted": h.Acted.UTC(),
			"sent": h.Sent, "sessions": h.Sessions, "you": h.You,
		}
	}
	return object{"people": people}
}

func wereHereForm(r command.WereHere) any {
	people := make([]object, len(r.People))
	for i, w := range r.People {
		people[i] = object{"name": w.Name, "here": w.Left.IsZero(), "you": w.You}
		setTime(people[i], "left", w.Left)
	}
	return object{"people": people}
}

func visitForm(v rules.NamedVisit) object {
	o := object{"name": v.Name, "door": v.Door, "source": v.Source, "began": v.Began.UTC()}
	setTime(o, "ended", v.Ended)
	return o
}

// visits writes the login history as it is read, a visit on each line.
func (j *JSON) visits(r command.LoginHistory) error {
	for v, err := range r.Visits {
		if err == nil {
			err = j.write(j.Out, r.Schema(), visitForm(v))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func privateSentForm(r command.PrivateSent) any {
	return object{"seq": r.Letter.Seq, "to": r.To, "text": r.Letter.Text, "sent": r.Letter.Sent.UTC(), "here": r.Here}
}

func inboxForm(r command.Inbox) any {
	conversations := make([]object, len(r.Conversations))
	for i, c := range r.Conversations {
		conversations[i] = object{"name": c.Name, "unread": c.Unread, "last": c.LastAt.UTC()}
	}
	return object{"conversations": conversations}
}

// letters writes a conversation as it is read, a private message on each line.
func (j *JSON) letters(r command.Conversation) error {
	names := map[forum.UserID]string{r.Me.ID: r.Me.Name, r.Peer.ID: r.Peer.Name}
	for l, err := range r.Letters {
		if err == nil {
			err = j.write(j.Out, r.Schema(), letterForm(l, names[l.From], names[l.To]))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func letterForm(l forum.Letter, from, to string) object {
	return object{"seq": l.Seq, "from": from, "to": to, "text": l.Text, "sent": l.Sent.UTC()}
}

func blockListForm(r command.BlockList) any {
	names := make([]string, len(r.Users))
	for i, u := range r.Users {
		names[i] = u.Name
	}
	return object{"blocked": names}
}

func withForm(u forum.User) object { return object{"name": u.Name} }

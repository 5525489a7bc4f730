package render

import (
	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

func levelForm(i rules.ThreadInterest) object {
	return object{"thread": i.Thread.Title, "level": i.Level}
}

func levelListForm(r command.LevelList) any {
	threads := make([]object, len(r.Threads))
	for i, of := range r.Threads {
		threads[i] = levelForm(of)
	}
	return object{"threads": threads}
}

func newsForm(r command.News) any {
	threads := make([]object, len(r.Threads))
	for i, of := range r.Threads {
		threads[i] = object{"thread": of.Thread.Title, "level": of.Level, "unread": of.Messages}
	}
	private := make([]object, len(r.Private))
	for i, of := range r.Private {
		private[i] = object{"with": of.Peer, "unread": of.Letters}
	}
	return object{"threads": threads, "muted": r.Muted, "mentions": r.Mentions, "private": private}
}

func mentionListForm(r command.MentionList) any {
	messages := make([]object, len(r.Messages))
	for i, p := range r.Messages {
		messages[i] = postedForm(p)
	}
	return object{"messages": messages}
}

// since writes the messages of all threads as they are read, each on a line.
func (j *JSON) since(r command.MessagesSince) error {
	for p, err := range r.Messages {
		if err != nil {
			return err
		}
		if err := j.write(j.Out, r.Schema(), postedForm(p)); err != nil {
			return err
		}
	}
	return nil
}

func entryForm(thread forum.Thread, e rules.Entry) object {
	o := postedForm(rules.Posted{Thread: thread, Message: e.Message, Number: e.Number, Author: e.Author, Quote: e.Quote})
	setFolded(o, e.Folded, "text")
	return o
}

// setFolded marks what is by somebody whom the reader has blocked, and takes those fields
// out of it.
func setFolded(o object, folded bool, fields ...string) {
	if !folded {
		return
	}
	o["folded"] = true
	for _, field := range fields {
		delete(o, field)
	}
}

// setQuote adds what a message answers: the id is for ever, the rest only of a message
// that is still there.
func setQuote(o object, id forum.MessageID, q *rules.Quote) {
	if id.IsZero() {
		return
	}
	to := object{"id": id}
	if q != nil && q.Number > 0 {
		to["number"], to["author"] = q.Number, q.Author
		if q.Excerpt != "" {
			to["excerpt"] = q.Excerpt
		}
	}
	o["reply_to"] = to
}

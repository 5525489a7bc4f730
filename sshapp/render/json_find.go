package render

import "sshforum/forum/command"

func messagesFoundForm(r command.MessagesFound) any {
	hits := make([]object, len(r.Hits))
	for i, h := range r.Hits {
		hits[i] = postedForm(h.Posted)
		hits[i]["excerpt"] = h.Excerpt.Text
	}
	found := object{"messages": hits, "found": r.Total, "complete": !r.More, "page": r.Page.Number}
	if r.Early {
		found["ended_early"] = true
	}
	return found
}

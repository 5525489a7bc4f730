package jsonchat

import (
	"fmt"
	"sort"

	"sshforum/forum"
	"sshforum/legacy"
)

// status is the dialect's code for the result of a request.
type status string

const (
	success           status = "SUCCESS"
	nameUnknown       status = "USERNAME_NOT_EXIST"
	wrongPassword     status = "INVALID_PASSWORD"
	wrongAndLockedOut status = "INVALID_PASSWORD_BLOCKED"
	lockedOut         status = "BLOCKED"
	alreadyHere       status = "ALREADY_LOGGED_IN"
	toOneself         status = "MESSAGE_SELF"
	userUnknown       status = "USER_NOT_EXIST"
	userBlocked       status = "USER_BLOCKED"
	userIsSelf        status = "USER_SELF"
	userOffline       status = "USER_OFFLINE"
)

// The objects that the server sends, with the keys in the original's order.
type (
	statusReply struct {
		Action string `json:"action"`
		Status status `json:"status"`
	}
	textReply struct {
		Action string `json:"action"`
		Reply  string `json:"reply"`
	}
	namesReply struct {
		Action string   `json:"action"`
		Reply  []string `json:"reply"`
	}
	broadcastReply struct {
		Action  string `json:"action"`
		Sent    int    `json:"n_sent"`
		Blocked int    `json:"n_blocked"`
	}
	introduction struct {
		Action   string `json:"action"`
		Reply    status `json:"reply"`
		Address  string `json:"address"`
		Port     int    `json:"port"`
		Username string `json:"username"`
	}
	delivery struct {
		Action  string `json:"action"`
		From    string `json:"from"`
		Message string `json:"message"`
	}
	notice struct {
		Action  string `json:"action"`
		Message string `json:"message"`
	}
	ending struct {
		Action string `json:"action"`
	}
)

var (
	timedOut  = ending{"timeout"}
	loggedOut = textReply{"logout", "logged out"}
)

// newNotice returns a sentence for which the dialect has no object. The client prints the
// message of an action that it does not know.
func newNotice(sentence string) notice {
	n := notice{Action: "notice"}
	n.Message = fitText(sentence, n)
	return n
}

func newUnknown(action string) textReply {
	u := textReply{Reply: "Unknown action"}
	u.Action = fitText(action, u)
	return u
}

// newDelivery returns the object for a text or an act of a person.
func newDelivery(action, from, text string) delivery {
	d := delivery{Action: action, From: forum.Printable(from)}
	d.Message = fitText(text, d)
	return d
}

// cutMark is the end of a text that does not fit.
const cutMark = "… ssh shows all"

// fitText returns text in one line, without control characters. It cuts the text to the space
// that is left in a message whose text is empty.
func fitText(text string, empty any) string {
	text = legacy.OneLine(text, maxMessage)
	room := maxMessage - len(legacy.ASCII(empty))
	if fitting(text, room) == len(text) {
		return text
	}
	return text[:fitting(text, room-len(inJSON(cutMark)))] + cutMark
}

// fitting returns how many bytes of text, in whole characters, take at most room bytes in a
// JSON string.
func fitting(text string, room int) int {
	for i, r := range text {
		if room -= len(inJSON(string(r))); room < 0 {
			return i
		}
	}
	return len(text)
}

// inJSON returns text in the form that it has within a JSON string.
func inJSON(text string) string {
	quoted := legacy.ASCII(text)
	return quoted[1 : len(quoted)-1]
}

// newNames returns a list of names. If not all fit, it ends with the number of the others.
func newNames(action string, names []string) namesReply {
	list := func(n int) namesReply {
		all := make([]string, 0, n+1)
		for _, name := range names[:n] {
			all = append(all, forum.Printable(name))
		}
		if more := len(names) - n; more > 0 {
			all = append(all, fmt.Sprintf("... %d more: ssh shows all", more))
		}
		return namesReply{action, all}
	}
	tooMany := func(n int) bool { return len(legacy.ASCII(list(n))) > maxMessage }
	if bound := min(len(names), maxMessage); tooMany(bound) {
		return list(sort.Search(bound, tooMany) - 1)
	}
	return list(len(names))
}

package jsonchat

import (
	"fmt"
	"sort"

	"sshforum/forum"
	"sshforum/legacy"
)

// status says in the dialect's words what became of a request.
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

// What the server says, with the keys in the original's order.
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

// newNotice says what the dialect has no words for: the client prints an action that it
// does not know as it is.
func newNotice(sentence string) notice {
	n := notice{Action: "notice"}
	n.Message = shown(sentence, n)
	return n
}

func newUnknown(action string) textReply {
	u := textReply{Reply: "Unknown action"}
	u.Action = shown(action, u)
	return u
}

// newDelivery tells of what a person wrote or did.
func newDelivery(action, from, text string) delivery {
	d := delivery{Action: action, From: forum.Printable(from)}
	d.Message = shown(text, d)
	return d
}

// elsewhere ends a text that does not fit.
const elsewhere = "… ssh shows all"

// shown returns text in one line, as any terminal can show it, or as much of it as fits a
// message that is left empty for it.
func shown(text string, empty any) string {
	text = legacy.OneLine(text, maxMessage)
	room := maxMessage - len(legacy.ASCII(empty))
	if fitting(text, room) == len(text) {
		return text
	}
	return text[:fitting(text, room-len(inJSON(elsewhere)))] + elsewhere
}

// fitting returns how many bytes of text, in whole characters, take at most room bytes
// in a JSON string.
func fitting(text string, room int) int {
	for i, r := range text {
		if room -= len(inJSON(string(r))); room < 0 {
			return i
		}
	}
	return len(text)
}

// inJSON returns text as it is within a JSON string.
func inJSON(text string) string {
	quoted := legacy.ASCII(text)
	return quoted[1 : len(quoted)-1]
}

// newNames lists names, or as many as fit and how many more there are.
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

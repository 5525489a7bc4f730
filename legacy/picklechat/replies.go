package picklechat

import (
	"fmt"

	"sshforum/legacy"
)

// reply is one reply of the dialect, without the parts that are filled in.
type reply uint8

const (
	connected reply = iota
	loggedIn
	unknownName
	wrongPassword
	nowLockedOut
	lockedOut
	posted
	emptyMessage
	deleted
	deleteUsage
	edited
	editUsage
	notInteger
	noMessage
	otherTime
	notSender
	newMessages
	noNewMessages
	readUsage
	notTime
	activeUsers
	nobodyElse
	messageSent
	tellUsage
	privateMessages
	noLetters
	passwdDone
	passwdUsage
	farewell
	invalidCommand
	failed
)

// replies are the dialect's replies in the words of the original, and similar ones that it did
// not have. failed has the sentence of the forum.
var replies = [...]struct{ kind, body string }{
	connected:       {"", "Successfully connected to server"},
	loggedIn:        {"LOGIN-A", ""},
	unknownName:     {"LOGIN-N", ""},
	wrongPassword:   {"LOGIN-F", ""},
	nowLockedOut:    {"LOGIN-B", ""},
	lockedOut:       {"LOGIN-BB", ""},
	posted:          {"MSGACK", "Message #%d posted at %s."},
	emptyMessage:    {"F", "Message body cannot be empty!"},
	deleted:         {"ACK", "Message #%d deleted at %s."},
	deleteUsage:     {"DLT-F", "DLT failed! Please check the format of DLT command: DLT <messagenumber> <DATE MONTH(ENG) YEAR HOUR:MIN:SEC>"},
	edited:          {"EDT-ACK", "Message #%d edited at %s."},
	editUsage:       {"EDT-F", "EDT failed! Please check the format of EDT command: EDT <messagenumber> <DATE MONTH(ENG) YEAR HOUR:MIN:SEC> <message>"},
	notInteger:      {"F", "Message number must be integer!"},
	noMessage:       {"F", "Message number invalid!"},
	otherTime:       {"F", "Timestamp is not matched for the given message number!"},
	notSender:       {"F", "Permssion failed, you are not the sender!"},
	newMessages:     {"RDM", "%s"},
	noNewMessages:   {"RDM", "No new message since given timestamp"},
	readUsage:       {"RDM-F", "RDM failed! Please check the format of RDM command: RDM <DATE MONTH(ENG) YEAR HOUR:MIN:SEC>"},
	notTime:         {"F", "RDM failed! Please input valid timestamp format."},
	activeUsers:     {"ATU", "%s"},
	nobodyElse:      {"ATU-N", "No other active user."},
	messageSent:     {"TELL-ACK", "Message sent to %s."},
	tellUsage:       {"TELL-F", "TELL failed! Please check the format of TELL command: TELL <username> <message>"},
	privateMessages: {"TELL", "%s"},
	noLetters:       {"TELL", "No new private message."},
	passwdDone:      {"PASSWD-ACK", "Password changed."},
	passwdUsage:     {"PASSWD-F", "PASSWD failed! Please check the format of PASSWD command: PASSWD <old password> <new password>"},
	farewell:        {"OUT", "Bye, %s!"},
	invalidCommand:  {"", "Error. Invalid command!"},
	failed:          {"F", "%s"},
}

// answer is a reply with all parts filled in.
type answer struct {
	kind, body string
	last       bool // the conversation ends with it
}

func (a answer) pickled() string { return pickle(a.kind, a.body) }

// say fills in the parts of a reply.
func (r reply) say(parts ...any) answer {
	body := replies[r].body
	if len(parts) > 0 {
		body = fmt.Sprintf(body, parts...)
	}
	return answer{
		kind: replies[r].kind, body: legacy.Cut(body, r.room()),
		last: r == nowLockedOut || r == lockedOut,
	}
}

// room returns how many bytes the body of a reply may have.
func (r reply) room() int { return maxMessage - len(pickle(replies[r].kind, "")) }

// refusal is an error with a reply of the dialect.
type refusal reply

func (r refusal) Error() string { return replies[r].body }

// explain returns the reply to an error.
func (s *session) explain(err error) answer { return failed.say(legacy.Explain(s.c.Checked(err))) }

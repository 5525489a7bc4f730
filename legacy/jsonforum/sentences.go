package jsonforum

import (
	"strings"

	"sshforum/forum"
	"sshforum/legacy"
)

// sentence is one reply of the dialect, without the parts that are filled in.
type sentence uint8

const (
	askPassword sentence = iota
	askNewPassword
	loggedInAlready
	notLetIn
	passwordRight
	passwordWrong
	accountMade
	goodbye
	shuttingDown
	adminPasswordWrong
	invalidCommand
	logInFirst
	noThread
	threadCreated
	threadExists
	threadRemoved
	threadNotYours
	posted
	deleted
	edited
	noMessage
	deleteNotYours
	editNotYours
	sendFile
	fileExists
	fileUploaded
	tooSlow
	noFile
	fileUnreadable
	fileSize
	fileStarts
	fileSent
	fileSpoilt
)

// sentences are the dialect's replies in the words of the original, except those that it did
// not have.
var sentences = [...]string{
	askPassword:        "PWD",
	askNewPassword:     "NU%s",
	loggedInAlready:    "LD%s",
	notLetIn:           "LD%s\n", // the only reply that the client prints at its prompt
	passwordRight:      "Y",
	passwordWrong:      "N",
	accountMade:        "YN",
	goodbye:            "Goodbye",
	shuttingDown:       "Goodbye. Server shutting down\n>",
	adminPasswordWrong: "Incorrect password",
	invalidCommand:     "Invalid command",
	logInFirst:         "Log in first",
	noThread:           "Thread %s not exists",
	threadCreated:      "Thread %s created",
	threadExists:       "Thread %s exists",
	threadRemoved:      "The thread has been removed",
	threadNotYours:     "The thread was created by another user and cannot be removed",
	posted:             "Message posted to %s thread",
	deleted:            "Message has been deleted",
	edited:             "Message has been edited",
	noMessage:          "Invalid message number",
	deleteNotYours:     "The message belongs to another user and cannot be deleted",
	editNotYours:       "The message belongs to another user and cannot be edited",
	sendFile:           "{OK",
	fileExists:         "%s already exist in Thread %s",
	fileUploaded:       "%s uploaded to %s thread",
	tooSlow:            "The server was too slow to take %s; upload it again",
	noFile:             "File does not exist in Thread %s",
	fileUnreadable:     "File cannot be sent: %s",
	fileSize:           `{"filesize": %s}`,
	fileStarts:         "starting",
	fileSent:           "%s successfully downloaded",
	fileSpoilt:         "%s was removed while it was sent; what you have is not the file",
}

// maxFilledIn is how many bytes of a name or title are filled in.
const maxFilledIn = 300

// say returns the sentence with its parts filled in, cut to maxFilledIn and without control
// characters.
func (s sentence) say(parts ...string) string {
	text := sentences[s]
	whole := !strings.HasPrefix(text, "%s")
	for _, part := range parts {
		text = strings.Replace(text, "%s", legacy.Cut(forum.Printable(part), maxFilledIn), 1)
	}
	if whole {
		return text
	}
	return bareReply(text)
}

// bareReply returns a reply in a form that the client prints: it takes a reply that begins with
// a bracket for data.
func bareReply(text string) string {
	if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		text = " " + text
	}
	return legacy.Cut(text, maxMessage)
}

// refusal is an error with a sentence of the dialect.
type refusal string

func (r refusal) Error() string { return string(r) }

func (s sentence) refuse(parts ...string) error { return refusal(s.say(parts...)) }

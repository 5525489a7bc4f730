package udpforum

import (
	"strings"

	"sshforum/forum"
	"sshforum/legacy"
)

// sentence is one reply of the dialect, without the parts that are filled in.
type sentence uint8

const (
	nameKnown sentence = iota
	passwordRight
	passwordWrong
	threadCreated
	threadExists
	noThreads
	threadsFollow
	posted
	noThread
	threadEmpty
	deleted
	deleteNotYours
	deleteNoMessage
	deleteNoThread
	edited
	editNotYours
	editNoMessage
	editNoThread
	fileUploaded
	fileExists
	uploadNoThread
	fileReady
	fileBySSH
	noFile
	downloadNoThread
	threadRemoved
	threadNotYours
	incorrect
)

// sentences are the dialect's replies in the words of the original, except those that it did
// not have: its reply to an edit said "deleted", and it had none to an edit in a missing
// thread. It also answered the password of a new name with "just so so"; see giveName.
var sentences = [...]string{
	nameKnown:        "username exists",
	passwordRight:    "OK",
	passwordWrong:    "password incorrect",
	threadCreated:    "Thread %s created",
	threadExists:     "Thread %s exists",
	noThreads:        "There is no active threads",
	threadsFollow:    "The list of active threads:",
	posted:           "thread exist",
	noThread:         "thread not exist",
	threadEmpty:      "Thread %s is empty",
	deleted:          "The message has been deleted",
	deleteNotYours:   "The message belongs to another user and cannot be deleted",
	deleteNoMessage:  "Message number is not existed and the message cannot be deleted",
	deleteNoThread:   "Message cannot be deleted",
	edited:           "The message has been edited",
	editNotYours:     "The message belongs to another user and cannot be edited",
	editNoMessage:    "Message number is not existed and the message cannot be edited",
	editNoThread:     "Message cannot be edited",
	fileUploaded:     "%s uploaded to %s thread",
	fileExists:       "%s already exist in Thread %s",
	uploadNoThread:   "Thread number is not existed and the file cannot be uploaded",
	fileReady:        "all ready",
	fileBySSH:        "%s cannot be sent to this program; fetch it by: ",
	noFile:           "%s does not exist in Thread %s",
	downloadNoThread: "Thread number is not existed and the file cannot be download",
	threadRemoved:    "The thread has been removed",
	threadNotYours:   "The thread was created by another user and cannot be removed",
	incorrect:        "Incorrect input",
}

// maxFilledIn is how many bytes of a name or title are filled in.
const maxFilledIn = 300

// say returns the sentence with its parts filled in, cut to maxFilledIn and without control
// characters.
func (s sentence) say(parts ...string) string {
	text := sentences[s]
	for _, part := range parts {
		text = strings.Replace(text, "%s", legacy.Cut(forum.Printable(part), maxFilledIn), 1)
	}
	return text
}

package textchat

import (
	"fmt"

	"sshforum/forum"
)

// sentence is one reply of the dialect, without the parts that are filled in.
type sentence uint8

const (
	askName sentence = iota
	serverFull
	nameSet
	acknowledged
	said
	clientLine
	noFile
	notText
	tooLarge
)

// sentences are the dialect's replies in the words of the original, except those that it did
// not have.
var sentences = [...]string{
	askName:      "Please enter a name: ",
	serverFull:   "Server is full, try again later.",
	nameSet:      "Your name is set as: %s",
	acknowledged: "%s ACK",
	said:         "%s: %s",
	clientLine:   "Client: %d, Name: %s, Socket: <%s>, Opened at: %s, Closed at: %s\n",
	noFile:       "File '%s' not found",
	notText:      "%s is not text; with an account, fetch it by: %s",
	tooLarge:     "%s is too large for this chat; with an account, fetch it by: %s",
}

// say returns the sentence with its parts filled in, without control characters.
func (s sentence) say(parts ...any) string {
	for i, part := range parts {
		if text, ok := part.(string); ok {
			parts[i] = forum.PrintableText(text)
		}
	}
	if len(parts) == 0 {
		return sentences[s]
	}
	return fmt.Sprintf(sentences[s], parts...)
}

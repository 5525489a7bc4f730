package exit

import (
	"context"
	"errors"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/sshapp/lineedit"
)

// Exit statuses of commands, as the manual documents them.
const (
	OK       = 0
	Failed   = 1
	Usage    = 2
	NotFound = 3
	Denied   = 4
	Conflict = 5
	Limited  = 6
	Stopping = 7
	TryLater = 75 // EX_TEMPFAIL of sysexits(3)

	NoProgram = 127 // as in a POSIX shell (Shell Command Language 2.8.2)
)

var statuses = map[forum.Kind]int{
	forum.Internal:    Failed,
	forum.Usage:       Usage,
	forum.Invalid:     Usage,
	forum.NotFound:    NotFound,
	forum.Denied:      Denied,
	forum.Conflict:    Conflict,
	forum.Limited:     Limited,
	forum.Stopping:    Stopping,
	forum.Unavailable: TryLater,
}

// Status returns the exit status of a command that ended with err. A command that the person
// interrupted has succeeded.
func Status(err error) int {
	switch {
	case err == nil || Interrupted(err):
		return OK
	case errors.Is(err, command.ErrProgram):
		return NoProgram
	}
	return statuses[forum.KindOf(err)]
}

// Interrupted reports whether a command ended because its reader did not want more.
func Interrupted(err error) bool {
	var by Signal
	return errors.As(err, &by) || errors.Is(err, context.Canceled) || errors.Is(err, lineedit.ErrInterrupt) ||
		errors.Is(err, ErrQuit) || errors.Is(err, ErrCut)
}

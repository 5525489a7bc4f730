package sshapp

import (
	"context"
	"errors"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/sshapp/lineedit"
)

// Exit statuses of commands, as the manual documents them.
const (
	statusOK       = 0
	statusFailed   = 1
	statusUsage    = 2
	statusNotFound = 3
	statusDenied   = 4
	statusConflict = 5
	statusLimited  = 6
	statusStopping = 7
	statusTryLater = 75 // EX_TEMPFAIL of sysexits(3)

	statusNoProgram = 127 // as of a POSIX shell (Shell Command Language 2.8.2)
)

var statuses = map[forum.Kind]int{
	forum.Internal:    statusFailed,
	forum.Usage:       statusUsage,
	forum.Invalid:     statusUsage,
	forum.NotFound:    statusNotFound,
	forum.Denied:      statusDenied,
	forum.Conflict:    statusConflict,
	forum.Limited:     statusLimited,
	forum.Stopping:    statusStopping,
	forum.Unavailable: statusTryLater,
}

// exitStatus returns the status a command that ended with err exits with. One that the
// person interrupted did what it was asked to.
func exitStatus(err error) int {
	switch {
	case err == nil || interrupted(err):
		return statusOK
	case errors.Is(err, command.ErrProgram):
		return statusNoProgram
	}
	return statuses[forum.KindOf(err)]
}

// interrupted reports whether a command ended because its reader had enough.
func interrupted(err error) bool {
	var by signalled
	return errors.As(err, &by) || errors.Is(err, context.Canceled) || errors.Is(err, lineedit.ErrInterrupt) ||
		errors.Is(err, errQuit) || errors.Is(err, errCut)
}

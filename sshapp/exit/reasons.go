package exit

import (
	"errors"
	"time"

	"sshforum/forum"
)

// ErrStopping is why sessions end when the server does.
var ErrStopping = forum.Errorf(forum.Stopping, "Server shutting down")

// ErrIdle is why a session ends whose person does not go on.
var ErrIdle = forum.Errorf(forum.Limited, "Goodbye. No command came for too long")

// ErrQuit ends a rendering whose reader left the pager.
var ErrQuit = errors.New("the reader left")

// ErrCut ends an input whose sender is gone. Nobody is there to read it.
var ErrCut = errors.New("the connection was lost before the end of the input")

// Signal is why a session ends that got a signal.
type Signal string

func (s Signal) Error() string { return "ended by the signal " + string(s) }

// Farewell is how long a client may take to close what is over: a session whose end it
// was told, and then its connection. A connection that is closed under a client that has
// read its exit status, but has not yet said goodbye, can still cost it that status:
// OpenSSH's fails with 255 when its own goodbye has nowhere to go, as in ssh -J.
const Farewell = 3 * time.Second

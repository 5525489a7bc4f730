package exit

import (
	"errors"
	"time"

	"sshforum/forum"
)

// ErrStopping ends sessions when the server stops.
var ErrStopping = forum.Errorf(forum.Stopping, "Server shutting down")

// ErrIdle ends a session whose person has typed nothing for too long.
var ErrIdle = forum.Errorf(forum.Limited, "Goodbye. No command came for too long")

// ErrQuit ends a rendering if the reader left the pager.
var ErrQuit = errors.New("the reader left")

// ErrCut ends an input whose sender is gone. Nobody is there to read the message.
var ErrCut = errors.New("the connection was lost before the end of the input")

// Signal is the reason of a session that a signal ended.
type Signal string

func (s Signal) Error() string { return "ended by the signal " + string(s) }

// Farewell is how long a client may take to close a session after it was told of its end, and
// then to close its connection. A connection that is closed while the client has read its exit
// status but not yet closed its side can still cost it that status: OpenSSH's client fails with
// 255 if it cannot send its own close, as in ssh -J.
const Farewell = 3 * time.Second

package sshapp

import (
	"errors"
	"time"

	"sshforum/forum"
)

// errStopping is why sessions end when the server does.
var errStopping = forum.Errorf(forum.Stopping, "Server shutting down")

// errIdle is why a session ends whose person does not go on.
var errIdle = forum.Errorf(forum.Limited, "Goodbye. No command came for too long")

// errQuit ends a rendering whose reader left the pager.
var errQuit = errors.New("the reader left")

// errCut ends an input whose sender is gone. Nobody is there to read it.
var errCut = errors.New("the connection was lost before the end of the input")

// signalled is why a session ends that got a signal.
type signalled string

func (s signalled) Error() string { return "ended by the signal " + string(s) }

// farewell is how long a client may take to close what is over: a session whose end it
// was told, and then its connection. A connection that is closed under a client that has
// read its exit status, but has not yet said goodbye, can still cost it that status:
// OpenSSH's fails with 255 when its own goodbye has nowhere to go, as in ssh -J.
const farewell = 3 * time.Second

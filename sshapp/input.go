package sshapp

import (
	"errors"
	"io"

	"charm.land/ssh"
)

// errCut ends an input whose sender is gone. Nobody is there to read it.
var errCut = errors.New("the connection was lost before the end of the input")

// input is what a client sends on a session's standard input. Its end is io.EOF only when
// the client says so: the SSH library also reports io.EOF when the connection is lost, and
// half a file or half a text must not pass for the whole.
type input struct{ ssh.Session }

// probe is a request that a client answers, if only to refuse it (RFC 4254, section 5.4).
const probe = "keepalive@openssh.com"

func (in input) Read(b []byte) (int, error) {
	n, err := in.Session.Read(b)
	if errors.Is(err, io.EOF) {
		if _, lost := in.SendRequest(probe, true, nil); lost != nil {
			return n, errCut
		}
	}
	return n, err
}

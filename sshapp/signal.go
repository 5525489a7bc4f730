package sshapp

import (
	"context"
	"errors"
	"slices"
	"sshforum/sshapp/exit"

	gossh "golang.org/x/crypto/ssh"
)

// signals are the signals that end the command of a session (RFC 4254, section 6.9).
var signals = []string{"INT", "TERM", "HUP", "KILL"}

// signalName returns the name of a signal. ok is false if payload cannot be read or the signal
// is not one of signals.
func signalName(payload []byte) (name string, ok bool) {
	var sent struct{ Name string }
	err := gossh.Unmarshal(payload, &sent)
	return sent.Name, err == nil && slices.Contains(signals, sent.Name)
}

// signal delivers a signal to the session that the channel runs, if there is one. At a prompt,
// INT is a Ctrl-C. Otherwise the session ends at once, as a program does: its handler learns of
// it from its ctx, and may still be cleaning up.
func (ch *channel) signal(name string) {
	interrupt := ch.interrupt.Load()
	switch {
	case !ch.started:
	case name == "INT" && interrupt != nil:
		(*interrupt)()
	default:
		ch.end(exit.Signal(name))
		_ = ch.exit(exit.Failed)
	}
}

// exit tells the client how the session ended and closes the channel: with the signal that
// ended it, if there is one, and otherwise with status (RFC 4254, section 6.10). Only the first
// call has an effect.
func (ch *channel) exit(status int) (err error) {
	ch.exiting.Do(func() {
		request, payload := "exit-status", gossh.Marshal(struct{ Status uint32 }{uint32(status)})
		var by exit.Signal
		if errors.As(context.Cause(ch.ctx), &by) {
			request = "exit-signal"
			payload = gossh.Marshal(struct {
				Name            string
				CoreDumped      bool
				Error, Language string
			}{Name: string(by)})
		}
		if _, err = ch.accepted.SendRequest(request, false, payload); err == nil {
			err = ch.accepted.Close()
		}
	})
	return err
}

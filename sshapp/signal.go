package sshapp

import (
	"context"
	"errors"
	"slices"
	"sshforum/sshapp/exit"

	gossh "golang.org/x/crypto/ssh"
)

// signals are those that end what a session runs (RFC 4254, section 6.9).
var signals = []string{"INT", "TERM", "HUP", "KILL"}

// signalName returns the name of a signal that ends what a session runs.
func signalName(payload []byte) (name string, ok bool) {
	var sent struct{ Name string }
	err := gossh.Unmarshal(payload, &sent)
	return sent.Name, err == nil && slices.Contains(signals, sent.Name)
}

// signal takes a signal to what the channel runs, if anything. Whoever is at a prompt takes
// INT for a Ctrl-C. Otherwise the session ends at once, as a program does: what it runs
// hears of it by its ctx, and may still be cleaning up.
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

// exit tells the client how the session ended and closes the channel: by the signal that
// ended it, or else with a status (RFC 4254, section 6.10). The first time counts.
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

package shell

import (
	"context"
	"fmt"
	"time"

	"sshforum/sshapp/exit"
	"sshforum/sshapp/lineedit"
	"sshforum/sshapp/render"
)

// idle ends a session whose person does not go on, or which waits while the server stops. It
// counts only the time for which the session waits for a command, a line of a text or a key of
// the pager: keys typed within a line do not restart it, and a command may run for any time.
type idle struct {
	limit    time.Duration // 0 means no limit
	warn     func(text string)
	stopping context.Context // ends when the server stops
	stay     time.Duration   // how long the session may still wait after that, for the end of its input
	end      context.CancelCauseFunc
}

// idleWarnings are the times before the end at which a person is warned. The Web Content
// Accessibility Guidelines, 2.2.1, ask for a warning and 20 seconds to act on it.
var idleWarnings = []time.Duration{2 * time.Minute, 30 * time.Second}

// waits must be called when the session begins to wait, and over when the wait ends.
func (i idle) waits() (over func()) {
	var timers []*time.Timer
	if i.limit > 0 {
		timers = append(timers, time.AfterFunc(i.limit, func() { i.end(exit.ErrIdle) }))
	}
	for _, left := range idleWarnings {
		if left < i.limit {
			timers = append(timers, time.AfterFunc(i.limit-left, func() { i.warn(endsIn(left)) }))
		}
	}
	unhook := i.endWithServer()
	return func() {
		unhook()
		for _, t := range timers {
			t.Stop()
		}
	}
}

// endWithServer makes the wait that begins now end when the server stops.
func (i idle) endWithServer() (over func()) {
	began, waited := time.Now(), make(chan struct{})
	unhook := context.AfterFunc(i.stopping, func() {
		select {
		case <-time.After(time.Until(began.Add(i.stay))):
			i.end(context.Cause(i.stopping))
		case <-waited:
		}
	})
	return func() {
		unhook()
		close(waited)
	}
}

func endsIn(left time.Duration) string {
	span := render.Count(int(left/time.Second), "second")
	if left >= time.Minute {
		span = render.Count(int(left/time.Minute), "minute")
	}
	return fmt.Sprintf("This session ends in %s unless you go on. STAY keeps it open.\n", span)
}

// awaited calls read as a wait of the session, and returns its results.
func awaited[T any](i idle, read func() (T, error)) (T, error) {
	defer i.waits()()
	return read()
}

// terminal is an editor that notes when its session waits for a line or a key.
type terminal struct {
	*lineedit.Editor
	idle idle
}

func (t *terminal) ReadLine(ctx context.Context, prompt string) (string, error) {
	return awaited(t.idle, func() (string, error) { return t.Editor.ReadLine(ctx, prompt) })
}

func (t *terminal) ReadSecret(ctx context.Context, prompt string) (string, error) {
	return awaited(t.idle, func() (string, error) { return t.Editor.ReadSecret(ctx, prompt) })
}

func (t *terminal) ReadKey(ctx context.Context) (lineedit.Key, error) {
	return awaited(t.idle, func() (lineedit.Key, error) { return t.Editor.ReadKey(ctx) })
}

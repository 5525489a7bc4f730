package shell

import (
	"context"
	"fmt"
	"time"

	"sshforum/sshapp/exit"
	"sshforum/sshapp/lineedit"
	"sshforum/sshapp/render"
)

// idle ends a session whose person does not go on, or could not, since the server stops.
// It counts the time for which the session waits for a command, a line of a text or a key
// of the pager, and no other: what is typed of a line changes nothing, and a command may
// take as long as it likes.
type idle struct {
	limit    time.Duration // 0 for none
	warn     func(text string)
	stopping context.Context // ends when the server stops
	stay     time.Duration   // that the session may still wait then, for the end of its input
	end      context.CancelCauseFunc
}

// idleWarnings are how long before the end a person is told of it. The Web Content
// Accessibility Guidelines, 2.2.1, ask for a warning and 20 seconds to act on it.
var idleWarnings = []time.Duration{2 * time.Minute, 30 * time.Second}

// waits comes when the session begins to wait, and over when it waits no more.
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

// endWithServer lets a wait that begins now end when the server stops.
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

// awaited returns what read does, for which the session waits.
func awaited[T any](i idle, read func() (T, error)) (T, error) {
	defer i.waits()()
	return read()
}

// terminal is an editor that knows when its session waits for a line or a key.
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

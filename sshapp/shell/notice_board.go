package shell

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"sshforum/forum/command"
	"sshforum/forum/rules"
)

// noticeBoard shows notices to a person at a terminal: above the line being typed, or, if a
// command has the terminal, after the command. Until then notices wait with the visit, which
// limits them. No goroutine runs while no command streams.
type noticeBoard struct {
	shell    *shell
	held     []rules.Notice
	missed   uint64    // notices beyond those held
	lastBell time.Time // when the bell last rang, on the steady clock
	settings bool      // the person's settings have changed
	partner  string    // name of the partner of the private talk that the line being typed goes to; "" for the forum

	mu     sync.Mutex    // held while results or notices are shown during a command that streams
	stream *recentEvents // events that this command has shown; nil if no command streams
}

const (
	maxHeld   = 20 // limit of notices held, and of lines shown at once
	bellEvery = time.Second
)

// prepare shows the notices that have come, and returns the prompt of the next line.
func (d *noticeBoard) prepare() (prompt string) {
	d.show()
	with, _ := d.shell.visit.Talk()
	d.partner = with.Name
	return promptFor(d.partner)
}

// attend shows the notices that have come above the line being typed. If a private talk has
// begun or ended, and nothing of the line has been typed, the prompt changes accordingly.
func (d *noticeBoard) attend() {
	d.show()
	with, _ := d.shell.visit.Talk()
	if with.Name == d.partner {
		return
	}
	if set, _ := d.shell.editor.SetPrompt(promptFor(with.Name)); set {
		d.partner = with.Name
	}
}

// show takes the visit's notices and shows them.
func (d *noticeBoard) show() {
	notices, _ := d.shell.visit.Take() // an error also ends the session
	for _, n := range notices {
		if d.stream == nil || !d.stream.has(n.Seq) {
			d.hold(n)
		}
	}
	if d.settings {
		d.settings = false
		d.shell.refresh()
	}
	if len(d.held) > 0 || d.missed > 0 {
		d.write()
	}
}

// hold keeps a notice. If maxHeld are held, it counts one as missed: the new one, or, if the
// new one concerns only the person, one that does not.
func (d *noticeBoard) hold(n rules.Notice) {
	switch {
	case n.Why == rules.WhySettings:
		d.settings = true
	case n.Why == rules.WhyMissed:
		d.missed += n.Missed
	case len(d.held) < maxHeld:
		d.held = append(d.held, n)
	default:
		d.missed++
		if i := slices.IndexFunc(d.held, impersonal); i >= 0 && !impersonal(n) {
			d.held = append(slices.Delete(d.held, i, i+1), n)
		}
	}
}

// write shows the held notices in one piece, with at most one bell.
func (d *noticeBoard) write() {
	var text strings.Builder
	words := d.shell.textRenderer(&text, &text)
	missed := d.missed
	var shown, whole []rules.Notice
	for _, n := range d.held {
		if strings.Count(text.String(), "\n") >= maxHeld {
			missed++
			continue
		}
		shown = append(shown, n)
		if words.Notice(n) {
			whole = append(whole, n)
		}
	}
	if missed > 0 {
		words.Missed(missed)
	}
	now := d.shell.service.Steady()
	ring := now.Sub(d.lastBell) >= bellEvery && slices.ContainsFunc(shown, d.shell.rings)
	if done, err := d.shell.editor.Notify(text.String(), ring); !done || err != nil {
		return // in plain mode it is shown after the line was entered
	}
	if ring {
		d.lastBell = now
	}
	d.held, d.missed = nil, 0
	for _, n := range shown {
		if d.stream != nil {
			d.stream.add(n.Seq)
		}
		d.shell.seen.Told(n.Event)
		d.shell.visit.MarkShown(n.Event)
	}
	for _, n := range whole {
		d.shell.markRead(n)
	}
}

// streams shows notices during a command that shows events until it ends, until stop is called.
// An event that one of them has shown is not shown by the other.
func (d *noticeBoard) streams(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	d.stream = new(recentEvents)
	var showing sync.WaitGroup
	showing.Go(func() {
		for {
			select {
			case <-d.shell.visit.Ready():
				d.mu.Lock()
				d.show()
				d.mu.Unlock()
			case <-ctx.Done():
				return
			}
		}
	})
	return func() {
		cancel()
		showing.Wait()
		d.stream = nil
	}
}

// emit renders the results of such a command.
func (d *noticeBoard) emit(results []command.Result, to renderer) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	fresh := results[:0]
	var last uint64
	for _, r := range results {
		event, ok := r.(command.Happened)
		if ok && d.stream != nil {
			if d.stream.has(event.Seq) {
				continue
			}
			d.stream.add(event.Seq)
			last = event.Seq
		}
		fresh = append(fresh, r)
	}
	err := emitAll(fresh, to)
	if err == nil && last > 0 {
		d.shell.visit.Shown(last)
	}
	return err
}

// personal has the reasons of notices that concern only the person.
var personal = []rules.Why{rules.WhyTold, rules.WhyMentioned, rules.WhyTalkAsked}

func impersonal(n rules.Notice) bool { return !slices.Contains(personal, n.Why) }

// rings reports whether the bell rings for a notice.
func (sh *shell) rings(n rules.Notice) bool {
	switch sh.look.Bell {
	case "never":
		return false
	case "all":
		return true
	}
	return !impersonal(n)
}

// recentEvents has the numbers of the last 32 events that were shown: more than maxHeld.
type recentEvents struct {
	seqs [32]uint64
	next int
}

func (r *recentEvents) add(seq uint64) {
	r.seqs[r.next%len(r.seqs)] = seq
	r.next++
}

func (r *recentEvents) has(seq uint64) bool { return seq > 0 && slices.Contains(r.seqs[:], seq) }

package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
	"sshforum/sshapp/exit"
	"sshforum/sshapp/lineedit"
)

// shell serves a person at a terminal.
type shell struct {
	*runner
	filesIn func(context.Context, rules.Actor, rules.Place) ([]rules.FileInfo, error)
	editor  *terminal
	board   noticeBoard
	typed   []string // lines of this session, for the account's history
}

// loop reads and runs lines until the person leaves, and returns the exit status.
func (sh *shell) loop(ctx context.Context) int {
	defer sh.keepHistory(ctx)
	sh.welcome(ctx)
	for {
		line, err := awaited(sh.editor.idle, func() (string, error) { return sh.next(ctx) })
		switch {
		case errors.Is(err, io.EOF) && sh.board.partner != "":
			line = "STOP"
		case errors.Is(err, io.EOF):
			fmt.Fprintln(sh.editor, "Goodbye")
			return exit.OK
		case err != nil:
			return sh.ended(ctx)
		}
		if sh.runBlock(ctx, line) {
			return exit.OK
		}
		if ctx.Err() != nil {
			return sh.ended(ctx)
		}
	}
}

// next reads lines until one is not blank.
func (sh *shell) next(ctx context.Context) (line string, err error) {
	for strings.TrimSpace(line) == "" && (err == nil || errors.Is(err, lineedit.ErrInterrupt)) {
		line, err = sh.editor.ReadCommand(ctx, sh.board.prepare(), sh.visit.Ready(), sh.board.attend)
	}
	return line, err
}

// runBlock runs a line or a pasted block, and reports whether the session is over.
func (sh *shell) runBlock(ctx context.Context, block string) (over bool) {
	if sh.board.partner != "" {
		return sh.sendTalkLine(ctx, sh.board.partner, block)
	}
	return sh.runLines(ctx, block)
}

// once runs the single command that a client with a terminal was started with.
func (sh *shell) once(ctx context.Context, line string) int {
	_, err := sh.command(ctx, line)
	if errors.Is(err, exit.ErrIdle) {
		return sh.ended(ctx)
	}
	return exit.Status(err)
}

// ended writes why the shell ends, if its person did not end it, and returns the exit status.
func (sh *shell) ended(ctx context.Context) int {
	switch cause := context.Cause(ctx); forum.KindOf(cause) {
	case forum.Stopping:
		fmt.Fprintln(sh.editor, "Goodbye. Server shutting down")
		return exit.Stopping
	case forum.Denied, forum.Limited: // the account was closed, or the session was idle
		fmt.Fprintln(sh.editor, command.Explain(cause))
		return exit.Status(cause)
	}
	return exit.Failed
}

// runLines runs the typed or pasted lines, and reports whether the session is over.
func (sh *shell) runLines(ctx context.Context, block string) (over bool) {
	if strings.TrimSpace(block) == "" {
		return false
	}
	sh.remember(block)
	for _, line := range sh.split(ctx, block) {
		result, err := sh.command(ctx, line)
		if ends(result, err) {
			return true
		}
	}
	return false
}

// split returns the command lines of a pasted block. A block that begins with a command that
// takes a text, and has no other command, is one line. Otherwise the person is asked.
func (sh *shell) split(ctx context.Context, block string) []string {
	lines, commands := sh.count(block)
	isText := sh.table.TakesText(block)
	if lines <= 1 || isText && commands == 1 {
		return []string{block}
	}
	question := fmt.Sprintf("You pasted %d lines. Run each as a command? [y/N] ", lines)
	if isText {
		question = fmt.Sprintf("These are %d lines. Send them as one message, or run each as a command? [m/c/N] ", lines)
	}
	answer, err := sh.editor.ReadLine(ctx, question)
	answer = strings.ToLower(strings.TrimSpace(answer))
	switch {
	case err == nil && isText && strings.HasPrefix(answer, "m"):
		return []string{block}
	case err == nil && (isText && strings.HasPrefix(answer, "c") || !isText && strings.HasPrefix(answer, "y")):
		return strings.Split(strings.TrimSpace(block), "\n")
	case isText:
		fmt.Fprintln(sh.editor, "Nothing was run (Up brings it back).")
	default:
		fmt.Fprintln(sh.editor, "Nothing was run. To post the block as one message, type MSG and the thread before it (Up brings it back).")
	}
	return nil
}

// count returns the number of lines of a block that are not blank, and how many of these begin
// with a command.
func (sh *shell) count(block string) (lines, commands int) {
	for line := range strings.Lines(block) {
		verb, _ := command.SplitVerb(line)
		if verb == "" {
			continue
		}
		lines++
		if _, err := sh.table.Find(verb); err == nil {
			commands++
		}
	}
	return lines, commands
}

// command runs one line at the terminal. Ctrl-C interrupts it.
func (sh *shell) command(ctx context.Context, line string) (command.Result, error) {
	if strings.TrimSpace(line) == "" {
		return nil, nil
	}
	ctx, stop := sh.editor.Interrupts(ctx)
	defer stop()
	in, out := &composer{ctx: ctx, editor: sh.editor}, &pager{ctx: ctx, editor: sh.editor, plain: sh.look.Plain}
	result, err := sh.run(ctx, line, streams{
		in: in, out: out, typed: true, live: sh.editor, board: &sh.board, err: sh.editor, ask: sh.ask,
	})
	if err == nil {
		err = out.Flush()
	} else {
		sh.save(line, in, err)
	}
	sh.editor.SetPlain(sh.look.Plain)
	return result, err
}

// save adds a composed text to the history if its command can succeed later. Up brings it back,
// as it does for a text typed behind the command.
func (sh *shell) save(line string, composed *composer, err error) {
	before, composes := strings.CutSuffix(strings.TrimSpace(line), " -")
	if kind := forum.KindOf(err); composes && composed.done && (kind == forum.Unavailable || kind == forum.Limited) {
		sh.remember(before + " " + strings.TrimSpace(composed.text.String()))
	}
}

// ask reads the answer to a question of a command. Ctrl-D interrupts the command, like Ctrl-C.
func (sh *shell) ask(ctx context.Context, question string, secret bool) (string, error) {
	read := sh.editor.ReadLine
	if secret {
		read = sh.editor.ReadSecret
	}
	answer, err := read(ctx, question)
	if errors.Is(err, io.EOF) {
		err = lineedit.ErrInterrupt
	}
	return answer, err
}

// remember adds a line to the history, unless it may hold a secret.
func (sh *shell) remember(line string) {
	verb, _ := command.SplitVerb(line)
	if c, err := sh.table.Find(verb); err == nil && c.Private || strings.HasPrefix(line, " ") {
		return
	}
	sh.editor.AddHistory(line)
	sh.typed = rules.RecentLines(append(sh.typed, line), sh.service.HistoryLines())
}

// historyGrace limits how long storing the history delays the end of a session.
const historyGrace = 5 * time.Second

func (sh *shell) keepHistory(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), historyGrace)
	defer cancel()
	err := sh.service.AddCommandHistory(ctx, sh.actor, sh.typed)
	if err != nil && forum.KindOf(err) != forum.Denied { // Denied if the account was closed
		sh.log.Error("keep command history", "session", sh.actor.Session, "error", err)
	}
}

// refresh applies settings that another session changed.
func (sh *shell) refresh() {
	p, err := sh.service.Preferences(sh.actor)
	if err == nil {
		sh.look = sh.look.With(p)
		sh.editor.SetPlain(sh.look.Plain)
	}
}

// markRead marks the message of a notice that showed it in full as read.
func (sh *shell) markRead(n rules.Notice) {
	if !n.Message.IsZero() {
		sh.visit.MarkEntries(n.Message.Thread, n.Message.Seq, n.Message.Seq)
	}
}

// ends reports whether a session is over after a command.
func ends(result command.Result, err error) bool {
	switch result.(type) {
	case command.Goodbye, command.ShuttingDown, command.AccountClosed:
		return err == nil
	}
	return false
}

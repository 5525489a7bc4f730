package shell

import (
	"context"
	"strings"

	"sshforum/forum"
)

const prompt = "forum> "

// promptFor returns the prompt of a line for a private talk with partner, or for the forum if
// partner is "".
func promptFor(partner string) string {
	if partner == "" {
		return prompt
	}
	return forum.Printable(partner) + "> "
}

// sendTalkLine sends a line typed in a private talk, or a block that was pasted as one line. A line
// that begins with / is a command; // stands for a / that is text. The line is not stored.
func (sh *shell) sendTalkLine(ctx context.Context, partner, line string) (over bool) {
	switch command, isCommand := strings.CutPrefix(line, "/"); {
	case strings.TrimSpace(line) == "":
		return false
	case strings.EqualFold(strings.TrimSpace(line), "STOP"):
		return sh.runLines(ctx, line)
	case isCommand && !strings.HasPrefix(command, "/"):
		return sh.runLines(ctx, command)
	case isCommand:
		line = command
	}
	sh.noteActive(ctx)
	if _, err := sh.visit.TalkLine(partner, line); err != nil {
		sh.textRenderer(sh.editor, sh.editor).Problem(err)
	}
	return false
}

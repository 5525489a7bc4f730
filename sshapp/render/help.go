package render

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"sshforum/forum"
	"sshforum/forum/command"
)

func (t *Text) overview(r command.Overview) error {
	width := 0
	for _, c := range r.Commands {
		width = max(width, ansi.StringWidth(c.Usage))
	}
	width = min(width, 34)
	for _, c := range r.Commands {
		if err := t.overviewLine(c, width); err != nil {
			return err
		}
	}
	return t.printf("HELP COMMAND tells more. Plain words work too, such as list. All take --json.\n")
}

func (t *Text) overviewLine(c *command.Command, width int) error {
	switch {
	case t.Look.Plain:
		return t.printf("%s: %s.\n", c.Usage, c.Help)
	case ansi.StringWidth(c.Usage) > width:
		return t.printf("%s\n%*s  %s\n", c.Usage, width, "", c.Help)
	default:
		return t.printf("%-*s  %s\n", width, c.Usage, c.Help)
	}
}

func (t *Text) manual(r command.Manual) error {
	c := r.Command
	if err := t.printf("usage: %s\n%s\n", c.Usage, c.Help); err != nil {
		return err
	}
	if c.Alias != "" && !strings.EqualFold(c.Alias, c.Name()) {
		if err := t.printf("also: %s\n", c.Alias); err != nil {
			return err
		}
	}
	if c.For > forum.Member {
		if err := t.printf("for: %ss\n", c.For); err != nil {
			return err
		}
	}
	if c.Long == "" {
		return nil
	}
	return t.printf("\n%s\n", c.Long)
}

func (t *Text) stayed(command.Stayed) error {
	return t.printf("This session stays open.\n")
}

func (t *Text) goodbye(command.Goodbye) error {
	return t.printf("Goodbye\n")
}

func (t *Text) shuttingDown(command.ShuttingDown) error {
	return t.printf("Goodbye. Server shutting down\n")
}

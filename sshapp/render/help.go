package render

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"sshforum/forum"
	"sshforum/forum/command"
)

var helpRows = []row{
	// HELP
	one("sshforum.help.v1", (*Text).overview, func(r command.Overview) commandListJSON {
		return commandListJSON{list(r.Commands, newCommandJSON)}
	}),
	// HELP with a command
	one("sshforum.manual.v1", (*Text).manual, func(r command.Manual) commandJSON { return newCommandJSON(r.Command) }),
	// STAY
	one("sshforum.stayed.v1", (*Text).stayed, nothing[command.Stayed]),
	// XIT
	one("sshforum.goodbye.v1", (*Text).goodbye, nothing[command.Goodbye]),
	// SHT
	one("sshforum.shutting-down.v1", (*Text).shuttingDown, nothing[command.ShuttingDown]),
}

// commandListJSON is the list of commands.
type commandListJSON struct {
	// The commands that the person can use.
	Commands []commandJSON `json:"commands"`
}

// commandJSON is a command with its manual.
type commandJSON struct {
	// Name of the command.
	Command string `json:"command"`
	// A plain word for the name.
	Alias string `json:"alias"`
	// Syntax of the command.
	Usage string `json:"usage"`
	// Summary of the command, in one line.
	Help string `json:"help"`
	// The rest of its manual.
	Long string `json:"long"`
}

func newCommandJSON(c *command.Command) commandJSON {
	return commandJSON{c.Name(), c.Alias, c.Usage, c.Help, c.Long}
}

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

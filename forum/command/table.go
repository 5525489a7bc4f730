package command

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// A Command is one command that a person can give. Run only calls the forum: it prints nothing,
// and its caller renders the result.
type Command struct {
	Usage   string     // the only declaration of name and arguments
	Alias   string     // a plain word for the name
	Help    string     // one line
	Long    string     // text of HELP COMMAND below the usage
	For     forum.Role // the lowest role whose HELP lists it
	Private bool       // its line is kept in no history
	Stays   bool       // it runs until the person ends it, who is here meanwhile
	Grave   bool       // it destroys so much that it is never suggested for a misspelt word
	Run     func(ctx context.Context, c *Call) (Result, error)

	usage Usage
}

// Name returns the command's name, in capitals.
func (c *Command) Name() string { return c.usage.verb }

// A Result is the answer of a command: one of the types in results.go, all of which every
// renderer knows.
type Result any

// A Call is one command as a person gave it.
type Call struct {
	Service *rules.Service
	Actor   rules.Actor
	Visit   *rules.Visit
	Seen    *rules.Seen    // nil if the door shows nothing between commands
	Zone    *time.Location // zone of the times in the arguments
	Door    Door
	Args    Args
	Table   *Table
}

// Door has the services that a command may need from its caller.
type Door interface {
	// Ask asks the person for a line; a secret is not shown. Errors: Usage if nobody can be
	// asked.
	Ask(ctx context.Context, prompt string, secret bool) (string, error)
	// In returns the input after a command that takes its text from standard input. The command
	// uses up all of it, whether read or not, so that none of it is taken for a command.
	In() io.Reader
	// Note tells people how the command has understood its input.
	Note(sentence string)
	// Emit renders several results of a streaming command in one piece.
	Emit(results ...Result) error
	// Streams reports whether the bytes of a file can be sent and received.
	Streams() bool
	// Progress returns a function that shows the progress of a transfer; it shows nothing if
	// shown is false.
	Progress(shown bool) func(bytes int64)
}

// Table has all commands.
type Table struct {
	commands []*Command // in the order HELP lists them
	byName   map[string]*Command
}

// NewTable returns a table of rows. A malformed usage or a name used twice is an error.
func NewTable(rows []Command) (*Table, error) {
	t := &Table{byName: make(map[string]*Command)}
	for i := range rows {
		c := &rows[i]
		u, err := ParseUsage(c.Usage)
		if err != nil {
			return nil, err
		}
		c.usage = u
		t.commands = append(t.commands, c)
		for _, name := range []string{u.verb, strings.ToUpper(c.Alias)} {
			if name == "" || name == u.verb && t.byName[name] == c {
				continue
			}
			if t.byName[name] != nil {
				return nil, fmt.Errorf("command %s is declared twice", name)
			}
			t.byName[name] = c
		}
	}
	return t, nil
}

// Find returns the command with that name or alias, in any case. Errors: Usage, with the
// nearest command that members have and that is not Grave; ErrProgram if verb is a program.
func (t *Table) Find(verb string) (*Command, error) {
	if c := t.byName[strings.ToUpper(verb)]; c != nil {
		return c, nil
	}
	if err := program(verb); err != nil {
		return nil, err
	}
	return nil, Unknown(verb, t.names(func(c *Command) bool { return c.For == forum.Member && !c.Grave }))
}

// Names returns every name, then every alias, in the order of the table.
func (t *Table) Names() []string { return t.names(func(*Command) bool { return true }) }

// names is Names for the commands that some accepts.
func (t *Table) names(some func(*Command) bool) []string {
	var names, aliases []string
	for _, c := range t.commands {
		if !some(c) {
			continue
		}
		names = append(names, c.Name())
		if c.Alias != "" {
			aliases = append(aliases, c.Alias)
		}
	}
	return append(names, aliases...)
}

// Commands returns the commands that HELP lists for a role.
func (t *Table) Commands(role forum.Role) []*Command {
	var commands []*Command
	for _, c := range t.commands {
		if role >= c.For {
			commands = append(commands, c)
		}
	}
	return commands
}

// Parse parses a line. global names the flags that the caller accepts with every command.
// Errors: Usage. With an error it still returns the global flags given, and the command if its
// name was right.
func (t *Table) Parse(line string, global ...string) (*Command, Args, error) {
	verb, rest := SplitVerb(line)
	c, err := t.Find(verb)
	if err != nil {
		return nil, globalFlags(rest, global), err
	}
	args, err := c.usage.Parse(rest, global...)
	return c, args, err
}

// At returns what fits at the cursor of a line that is being typed.
func (t *Table) At(line string, cursor int, global ...string) Place {
	line = line[:min(max(cursor, 0), len(line))]
	verb, rest := SplitVerb(line)
	offset := len(line) - len(rest)
	if rest == "" {
		return Place{Kind: "command", Prefix: verb, Start: offset - len(verb)}
	}
	c, err := t.Find(verb)
	if err != nil {
		return Place{Start: len(line)}
	}
	p := c.usage.At(rest, len(rest), global...)
	p.Start += offset
	return p
}

// TakesText reports whether line begins with a command whose last argument is a text, which may
// have several lines.
func (t *Table) TakesText(line string) bool {
	verb, _ := SplitVerb(line)
	c, err := t.Find(verb)
	if err != nil || len(c.usage.args) == 0 {
		return false
	}
	return c.usage.args[len(c.usage.args)-1].raw
}

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

// A Command is one thing a person can ask for. Run only leads from the name to the
// forum: it prints nothing, and what it returns is for its caller to render.
type Command struct {
	Usage   string     // the one declaration of name and arguments
	Alias   string     // a plain word for the name
	Help    string     // one line
	Long    string     // what HELP COMMAND says below the usage
	For     forum.Role // the least role whose HELP lists it
	Private bool       // its line is kept in no history
	Stays   bool       // it goes on until the person ends it, who is here meanwhile
	Grave   bool       // it takes away so much that no misspelt word is taken for it
	Run     func(ctx context.Context, c *Call) (Result, error)

	usage Usage
}

// Name returns the command's name, in capitals.
func (c *Command) Name() string { return c.usage.verb }

// A Result is what a command answers: one of the types in results.go, each of which a door's
// renderer knows.
type Result any

// A Call is one command as somebody gave it.
type Call struct {
	Service *rules.Service
	Actor   rules.Actor
	Visit   *rules.Visit
	Seen    *rules.Seen    // nil where nothing is shown between commands
	Zone    *time.Location // of the times that are given
	Door    Door
	Args    Args
	Table   *Table
}

// Door is the little a command may need of whoever called it.
type Door interface {
	// Ask asks the person for a line; a secret is not shown. Errors: Usage where
	// nobody can be asked.
	Ask(ctx context.Context, prompt string, secret bool) (string, error)
	// In returns what follows a command that takes its text from standard input. It
	// takes all of it, whether it is read or not: nothing of it is a command.
	In() io.Reader
	// Note tells people what the command has made of its input.
	Note(sentence string)
	// Emit renders results of a command that streams them, in one piece.
	Emit(results ...Result) error
	// Streams reports whether a file's bytes can come in and go out.
	Streams() bool
	// Progress returns what shows how far a transfer is, or nothing of it.
	Progress(shown bool) func(bytes int64)
}

// Table is all that a person can ask for.
type Table struct {
	commands []*Command // in the order HELP lists them
	byName   map[string]*Command
}

// NewTable makes a table of rows. A malformed usage or a name used twice is an error.
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

// Find returns the command of that name or alias, in any case. Errors: Usage, with the
// nearest command that is everybody's and not grave; for a program, ErrProgram.
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

// names is Names of some commands.
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

// Parse reads a line. global names the flags the caller takes with every command.
// Errors: Usage, beside the global flags that were given, and the command when at least
// its name was right.
func (t *Table) Parse(line string, global ...string) (*Command, Args, error) {
	verb, rest := SplitVerb(line)
	c, err := t.Find(verb)
	if err != nil {
		return nil, globalFlags(rest, global), err
	}
	args, err := c.usage.Parse(rest, global...)
	return c, args, err
}

// At says what fits at the cursor of a line that is being typed.
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

// TakesText reports whether line begins with a command whose last argument is a text,
// which may have several lines.
func (t *Table) TakesText(line string) bool {
	verb, _ := SplitVerb(line)
	c, err := t.Find(verb)
	if err != nil || len(c.usage.args) == 0 {
		return false
	}
	return c.usage.args[len(c.usage.args)-1].raw
}

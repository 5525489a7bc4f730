package render

import (
	"strings"
	"time"

	"sshforum/forum"
)

// Look is the style of a session's results.
type Look struct {
	terminal bool // results are paged, and lines wrap
	Dumb     bool // the terminal does not support escape sequences
	noColor  bool // the client asks for no colour (https://no-color.org)
	askPlain bool // the client asks for plain results
	now      func() time.Time

	// The account's settings, as far as the terminal supports them.
	Plain bool // sentences, no colour, no redraw
	color bool
	Bell  string         // as in forum.Preferences
	Zone  *time.Location // of the shown times
}

// NewLook returns the look for a client without a terminal, whose environment is environ, as
// "NAME=value". now returns the time.
func NewLook(now func() time.Time, environ []string) Look {
	env := environment(environ)
	return Look{now: now, noColor: env["NO_COLOR"] != "", askPlain: env["FORUM_UI"] == "plain"}
}

// OnTerminal returns l for a client with a terminal of the given kind, a value of TERM.
func (l Look) OnTerminal(kind string) Look {
	l.terminal, l.Dumb = true, kind == "dumb" || kind == ""
	return l
}

// With returns l with the account's settings.
func (l Look) With(p forum.Preferences) Look {
	l.Plain = p.Plain || l.askPlain || l.Dumb
	l.color = l.terminal && !l.Dumb && (p.Color == "on" || p.Color == "" && !l.noColor)
	l.Bell, l.Zone = p.Bell, p.Location()
	return l
}

func environment(environ []string) map[string]string {
	env := make(map[string]string, len(environ))
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	return env
}

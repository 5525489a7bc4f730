package render

import (
	"strings"
	"time"

	"sshforum/forum"
)

// Look is how results are shown to one session.
type Look struct {
	terminal bool // results are paged and lines wrap
	Dumb     bool // the terminal knows no escape sequence
	noColor  bool // the client asks for none, by https://no-color.org
	askPlain bool // the client asks for plain
	now      func() time.Time

	// What the account has set, as far as the terminal goes along.
	Plain bool // sentences, no colour, no redraw
	color bool
	Bell  string         // as forum.Preferences has it
	Zone  *time.Location // of the times that are shown
}

// NewLook returns how results are shown to a client that has set environ, as "NAME=value", and
// has no terminal. now is the time.
func NewLook(now func() time.Time, environ []string) Look {
	env := environment(environ)
	return Look{now: now, noColor: env["NO_COLOR"] != "", askPlain: env["FORUM_UI"] == "plain"}
}

// OnTerminal returns l for a client with a terminal of a kind, named as TERM names it.
func (l Look) OnTerminal(kind string) Look {
	l.terminal, l.Dumb = true, kind == "dumb" || kind == ""
	return l
}

// With returns l with what an account has set.
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

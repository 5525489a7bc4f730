package sshapp

import (
	"strings"
	"time"

	"sshforum/forum"
)

// look is how results are shown to one session.
type look struct {
	terminal bool // results are paged and lines wrap
	dumb     bool // the terminal knows no escape sequence
	noColor  bool // the client asks for none, by https://no-color.org
	askPlain bool // the client asks for plain
	now      func() time.Time

	// What the account has set, as far as the terminal goes along.
	plain bool // sentences, no colour, no redraw
	color bool
	bell  string         // as forum.Preferences has it
	zone  *time.Location // of the times that are shown
}

// newLook returns how results are shown to a client that has set environ, as "NAME=value", and
// has no terminal. now is the time.
func newLook(now func() time.Time, environ []string) look {
	env := environment(environ)
	return look{now: now, noColor: env["NO_COLOR"] != "", askPlain: env["FORUM_UI"] == "plain"}
}

// onTerminal returns l for a client with a terminal of a kind, named as TERM names it.
func (l look) onTerminal(kind string) look {
	l.terminal, l.dumb = true, kind == "dumb" || kind == ""
	return l
}

// with returns l with what an account has set.
func (l look) with(p forum.Preferences) look {
	l.plain = p.Plain || l.askPlain || l.dumb
	l.color = l.terminal && !l.dumb && (p.Color == "on" || p.Color == "" && !l.noColor)
	l.bell, l.zone = p.Bell, p.Location()
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

package sshapp

import (
	"strings"
	"time"

	"charm.land/ssh"

	"sshforum/forum"
	"sshforum/forum/rules"
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
	bell  string
	zone  *time.Location
}

// lookFor chooses a look from what the account has set, the client's environment and
// its terminal, nil when it has none.
func (s *Server) lookFor(actor rules.Actor, environ []string, pty *ssh.Pty) look {
	set, err := s.cfg.Service.Preferences(actor)
	if err != nil {
		s.log.Error("read settings", "session", actor.Session, "error", err)
	}
	env := environment(environ)
	l := look{now: s.cfg.Service.Clock, noColor: env["NO_COLOR"] != "", askPlain: env["FORUM_UI"] == "plain"}
	if pty != nil {
		l.terminal, l.dumb = true, pty.Term == "dumb" || pty.Term == ""
	}
	return l.set(set)
}

// set returns l with what an account has set.
func (l look) set(p forum.Preferences) look {
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

package sshapp

import (
	"strings"
	"time"

	"charm.land/ssh"

	"sshforum/forum"
)

// look is how results are shown to one session.
type look struct {
	terminal bool // results are paged and lines wrap
	dumb     bool // the terminal knows no escape sequence
	plain    bool // sentences, no colour, no redraw
	color    bool
	now      func() time.Time
}

// lookFor chooses a look from what the account has set, the client's environment and
// its terminal, nil when it has none.
func (s *Server) lookFor(actor forum.Actor, environ []string, pty *ssh.Pty) look {
	set, err := s.cfg.Service.Preferences(actor)
	if err != nil {
		s.log.Error("read settings", "session", actor.Session, "error", err)
	}
	env := environment(environ)
	l := look{now: s.cfg.Service.Clock, plain: set.Plain || env["FORUM_UI"] == "plain"}
	if pty == nil {
		return l
	}
	l.terminal = true
	dumb := pty.Term == "dumb" || pty.Term == ""
	l.dumb, l.plain = dumb, l.plain || dumb
	l.color = colored(set, env, dumb)
	return l
}

// colored decides by https://no-color.org unless the account has set something.
func colored(set forum.Preferences, env map[string]string, dumb bool) bool {
	switch set.Color {
	case "on":
		return !dumb
	case "off":
		return false
	}
	return !dumb && env["NO_COLOR"] == ""
}

func environment(environ []string) map[string]string {
	env := make(map[string]string, len(environ))
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	return env
}

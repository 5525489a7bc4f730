package story

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"

	"sshforum/e2e"
)

// keys is what a terminal sends for each.
var keys = map[string]string{
	"enter": "\r", "tab": "\t", "space": " ", "escape": "\x1b", "backspace": "\x7f", "delete": "\x1b[3~",
	"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F",
	"ctrl-a": "\x01", "ctrl-c": "\x03", "ctrl-d": "\x04", "ctrl-l": "\x0c", "ctrl-r": "\x12", "alt-b": "\x1bb",
}

// tty opens a terminal with ssh in it. Of the story's environment it takes what says
// how a terminal is to look.
func (s *story) tty(ts *testscript.TestScript, args []string) error {
	if len(args) == 0 {
		return errors.New("usage: tty NAME [COMMAND...]")
	}
	name := args[0]
	user, _, _ := strings.Cut(name, ".")
	if old := s.terminals[name]; old != nil {
		old.Close()
	}
	cmd := s.command("ssh", append([]string{"-tt", "-F", "ssh_config", user + "@forum"}, args[1:]...)...)
	for _, v := range []string{"TERM", "NO_COLOR", "FORUM_UI"} {
		if value := ts.Getenv(v); value != "" {
			cmd.Env = append(cmd.Env, v+"="+value)
		}
	}
	term, err := e2e.OpenTerminal(cmd, filepath.Join(s.dir, name+".tty"))
	if err == nil {
		s.terminals[name] = term
	}
	return err
}

// terminal returns the terminal that the first of the arguments names, and the others.
func (s *story) terminal(args []string) (*e2e.Terminal, []string, error) {
	if len(args) == 0 || s.terminals[args[0]] == nil {
		return nil, nil, errors.New("name a terminal that tty has opened")
	}
	return s.terminals[args[0]], args[1:], nil
}

func (s *story) typeLine(_ *testscript.TestScript, args []string) error {
	term, args, err := s.terminal(args)
	if err != nil {
		return err
	}
	return term.Send(strings.Join(args, " ") + keys["enter"])
}

func (s *story) recite(ts *testscript.TestScript, args []string) error {
	term, args, err := s.terminal(args)
	if err != nil {
		return err
	}
	line, _, _ := strings.Cut(ts.ReadFile(args[0]), "\n")
	return term.Send(line + keys["enter"])
}

func (s *story) press(_ *testscript.TestScript, args []string) error {
	term, args, err := s.terminal(args)
	for _, key := range args {
		sent, named := keys[key]
		if !named {
			sent = key
		}
		err = errors.Join(err, term.Send(sent))
	}
	return err
}

func (s *story) paste(ts *testscript.TestScript, args []string) error {
	term, args, err := s.terminal(args)
	if err != nil {
		return err
	}
	text := strings.TrimSuffix(ts.ReadFile(args[0]), "\n")
	return term.Send("\x1b[200~" + strings.ReplaceAll(text, "\n", "\r") + "\x1b[201~")
}

func (s *story) expect(_ *testscript.TestScript, args []string) error {
	term, args, err := s.terminal(args)
	if err != nil {
		return err
	}
	return term.Expect(strings.Join(args, " "))
}

func (s *story) resize(_ *testscript.TestScript, args []string) error {
	term, args, err := s.terminal(args)
	if err != nil {
		return err
	}
	var size pty.Winsize
	if _, err := fmt.Sscanf(strings.Join(args, " "), "%dx%d", &size.Cols, &size.Rows); err != nil {
		return err
	}
	return pty.Setsize(term.Screen, &size)
}

func (s *story) left(_ *testscript.TestScript, args []string) error {
	term, args, err := s.terminal(args)
	if err != nil {
		return err
	}
	want := append(args, "0")[0]
	status, err := term.Wait()
	if err == nil && fmt.Sprint(status) != want {
		err = fmt.Errorf("ssh exited with %d, not %s; the terminal shows:\n%s", status, want, term.Text())
	}
	return err
}

func (s *story) hangup(_ *testscript.TestScript, args []string) error {
	term, _, err := s.terminal(args)
	if err == nil {
		term.Close()
	}
	return err
}

func (s *story) stop(_ *testscript.TestScript, args []string) error {
	return s.signal(args, syscall.SIGSTOP)
}

func (s *story) goOn(_ *testscript.TestScript, args []string) error {
	return s.signal(args, syscall.SIGCONT)
}

func (s *story) signal(args []string, sig os.Signal) error {
	term, _, err := s.terminal(args)
	if err != nil {
		return err
	}
	return term.Signal(sig)
}

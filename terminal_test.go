package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"
)

// terminal is a program on a terminal, and what it has shown there.
type terminal struct {
	cmd    *exec.Cmd
	screen *os.File      // what the program shows comes from here, and what is typed goes here
	grown  chan struct{} // there may be more to see
	done   chan struct{} // closed when the program has ended
	err    error         // how, once done

	mu       sync.Mutex
	shown    []byte
	expected int // how much of what was shown lies before what was last expected
}

// openTerminal starts cmd on a terminal of 80 columns and 24 rows. What it shows, escape
// sequences and all, goes to the file record too.
func openTerminal(cmd *exec.Cmd, record string) (*terminal, error) {
	file, err := os.Create(record)
	if err != nil {
		return nil, err
	}
	screen, tty, err := pty.Open()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	err = errors.Join(pty.Setsize(screen, &pty.Winsize{Cols: 80, Rows: 24}), cmd.Start())
	if err != nil {
		return nil, errors.Join(err, file.Close(), screen.Close(), tty.Close())
	}
	t := &terminal{cmd: cmd, screen: screen, grown: make(chan struct{}, 1), done: make(chan struct{})}
	go t.watch(tty, file)
	return t, nil
}

// watch takes in what is shown until the program has ended. Its side of the terminal is
// open until then, so that nothing it wrote last can be lost.
func (t *terminal) watch(tty, record *os.File) {
	defer close(t.done)
	over := make(chan struct{})
	go func() {
		defer close(over)
		_, _ = io.Copy(io.MultiWriter(record, t), t.screen) // ends with EIO
	}()
	t.err = t.cmd.Wait()
	_ = tty.Close()
	<-over
	_ = t.screen.Close()
	_ = record.Close()
}

// Write takes in what is shown.
func (t *terminal) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shown = append(t.shown, b...)
	select {
	case t.grown <- struct{}{}:
	default:
	}
	return len(b), nil
}

// text is what was shown, without escape sequences and carriage returns.
func (t *terminal) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.ReplaceAll(ansi.Strip(string(t.shown)), "\r", "")
}

// expect waits until text is shown after what was expected before.
func (t *terminal) expect(text string) error {
	deadline := time.After(patience)
	for {
		shown := t.text()
		if i := strings.Index(shown[t.expected:], text); i >= 0 {
			t.expected += i + len(text)
			return nil
		}
		select {
		case <-t.grown:
		case <-t.done:
			if t.text() == shown {
				return fmt.Errorf("the terminal closed (%v) before it showed %q; since the last expectation:\n%s", t.err, text, shown[t.expected:])
			}
		case <-deadline:
			return fmt.Errorf("the terminal does not show %q; since the last expectation:\n%s", text, shown[t.expected:])
		}
	}
}

// send types b.
func (t *terminal) send(b string) error {
	_, err := io.WriteString(t.screen, b)
	return err
}

// wait waits for the program to end and returns its exit status.
func (t *terminal) wait() (int, error) {
	select {
	case <-t.done:
		return t.cmd.ProcessState.ExitCode(), nil
	case <-time.After(patience):
		return 0, fmt.Errorf("ssh does not end; the terminal shows:\n%s", t.text())
	}
}

// close ends the program at once, as when its window is closed.
func (t *terminal) close() {
	_ = t.cmd.Process.Kill()
	<-t.done
}

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
		old.close()
	}
	cmd := s.command("ssh", append([]string{"-tt", "-F", "ssh_config", user + "@forum"}, args[1:]...)...)
	for _, v := range []string{"TERM", "NO_COLOR", "FORUM_UI"} {
		if value := ts.Getenv(v); value != "" {
			cmd.Env = append(cmd.Env, v+"="+value)
		}
	}
	term, err := openTerminal(cmd, filepath.Join(s.dir, name+".tty"))
	if err == nil {
		s.terminals[name] = term
	}
	return err
}

// terminal returns the terminal that the first of the arguments names, and the others.
func (s *story) terminal(args []string) (*terminal, []string, error) {
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
	return term.send(strings.Join(args, " ") + keys["enter"])
}

func (s *story) recite(ts *testscript.TestScript, args []string) error {
	term, args, err := s.terminal(args)
	if err != nil {
		return err
	}
	line, _, _ := strings.Cut(ts.ReadFile(args[0]), "\n")
	return term.send(line + keys["enter"])
}

func (s *story) press(_ *testscript.TestScript, args []string) error {
	term, args, err := s.terminal(args)
	for _, key := range args {
		sent, named := keys[key]
		if !named {
			sent = key
		}
		err = errors.Join(err, term.send(sent))
	}
	return err
}

func (s *story) paste(ts *testscript.TestScript, args []string) error {
	term, args, err := s.terminal(args)
	if err != nil {
		return err
	}
	text := strings.TrimSuffix(ts.ReadFile(args[0]), "\n")
	return term.send("\x1b[200~" + strings.ReplaceAll(text, "\n", "\r") + "\x1b[201~")
}

func (s *story) expect(_ *testscript.TestScript, args []string) error {
	term, args, err := s.terminal(args)
	if err != nil {
		return err
	}
	return term.expect(strings.Join(args, " "))
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
	return pty.Setsize(term.screen, &size)
}

func (s *story) left(_ *testscript.TestScript, args []string) error {
	term, args, err := s.terminal(args)
	if err != nil {
		return err
	}
	want := append(args, "0")[0]
	status, err := term.wait()
	if err == nil && fmt.Sprint(status) != want {
		err = fmt.Errorf("ssh exited with %d, not %s; the terminal shows:\n%s", status, want, term.text())
	}
	return err
}

func (s *story) hangup(_ *testscript.TestScript, args []string) error {
	term, _, err := s.terminal(args)
	if err == nil {
		term.close()
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
	return term.cmd.Process.Signal(sig)
}

package e2e

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"
)

// Terminal is a program on a terminal, and what it has shown there.
type Terminal struct {
	Screen *os.File // what the program shows comes from here, and what is typed goes here

	cmd   *exec.Cmd
	grown chan struct{} // there may be more to see
	done  chan struct{} // closed when the program has ended
	err   error         // how, once done

	mu       sync.Mutex
	shown    []byte
	expected int // how much of what was shown lies before what was last expected
}

// OpenTerminal starts cmd on a terminal of 80 columns and 24 rows. What it shows, escape
// sequences and all, goes to the file record too.
func OpenTerminal(cmd *exec.Cmd, record string) (*Terminal, error) {
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
	t := &Terminal{cmd: cmd, Screen: screen, grown: make(chan struct{}, 1), done: make(chan struct{})}
	go t.watch(tty, file)
	return t, nil
}

// watch takes in what is shown until the program has ended. Its side of the terminal is
// open until then, so that nothing it wrote last can be lost.
func (t *Terminal) watch(tty, record *os.File) {
	defer close(t.done)
	over := make(chan struct{})
	go func() {
		defer close(over)
		_, _ = io.Copy(io.MultiWriter(record, t), t.Screen) // ends with EIO
	}()
	t.err = t.cmd.Wait()
	_ = tty.Close()
	<-over
	_ = t.Screen.Close()
	_ = record.Close()
}

// Write takes in what is shown.
func (t *Terminal) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shown = append(t.shown, b...)
	select {
	case t.grown <- struct{}{}:
	default:
	}
	return len(b), nil
}

// Text is what was shown, without escape sequences and carriage returns.
func (t *Terminal) Text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.ReplaceAll(ansi.Strip(string(t.shown)), "\r", "")
}

// Expect waits until text is shown after what was expected before.
func (t *Terminal) Expect(text string) error {
	deadline := time.After(Patience)
	for {
		shown := t.Text()
		if i := strings.Index(shown[t.expected:], text); i >= 0 {
			t.expected += i + len(text)
			return nil
		}
		select {
		case <-t.grown:
		case <-t.done:
			if t.Text() == shown {
				return fmt.Errorf("the terminal closed (%v) before it showed %q; since the last expectation:\n%s", t.err, text, shown[t.expected:])
			}
		case <-deadline:
			return fmt.Errorf("the terminal does not show %q; since the last expectation:\n%s", text, shown[t.expected:])
		}
	}
}

// Send types b.
func (t *Terminal) Send(b string) error {
	_, err := io.WriteString(t.Screen, b)
	return err
}

// Signal sends the program a signal.
func (t *Terminal) Signal(sig os.Signal) error { return t.cmd.Process.Signal(sig) }

// Wait waits for the program to end and returns its exit status.
func (t *Terminal) Wait() (int, error) {
	select {
	case <-t.done:
		return t.cmd.ProcessState.ExitCode(), nil
	case <-time.After(Patience):
		return 0, fmt.Errorf("ssh does not end; the terminal shows:\n%s", t.Text())
	}
}

// Close ends the program at once, as when its window is closed.
func (t *Terminal) Close() {
	_ = t.cmd.Process.Kill()
	<-t.done
}

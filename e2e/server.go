package e2e

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Server is a server in a process of its own.
type Server struct {
	Port  string
	Doors map[string]string // addresses for old programs, by door

	cmd       *exec.Cmd
	announced chan string   // its port, once
	done      chan struct{} // closed when it has ended
	err       error         // how, once done
}

// Start starts cmd and waits until it has said where it listens, as Command(dir) does, or
// another program that says it in the same words. What it prints goes to server.out in its
// directory, and its log to server.log.
func Start(cmd *exec.Cmd) (*Server, error) {
	log, err := os.OpenFile(filepath.Join(cmd.Dir, "server.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	printed, err := os.Create(filepath.Join(cmd.Dir, "server.out"))
	if err != nil {
		return nil, err
	}
	s := &Server{cmd: cmd, Doors: make(map[string]string), announced: make(chan string, 1), done: make(chan struct{})}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, printed.Close())
	}
	go s.follow(out, printed)
	select {
	case s.Port = <-s.announced:
		return s, nil
	case <-s.done:
		return nil, fmt.Errorf("the server ended: %v; see server.log", s.err)
	case <-time.After(Patience):
		return nil, errors.Join(errors.New("the server does not say where it listens"), s.Kill())
	}
}

// follow copies what the server prints until its end.
func (s *Server) follow(out io.Reader, printed *os.File) {
	defer close(s.done)
	defer func() { _ = printed.Close() }()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		fmt.Fprintln(printed, lines.Text())
		if door, address, ok := strings.Cut(lines.Text(), " clients connect to "); ok {
			s.Doors[door] = address
		}
		if enter, ok := strings.CutPrefix(lines.Text(), "To enter: ssh -p "); ok {
			s.announced <- strings.Fields(enter)[0]
		}
	}
	s.err = s.cmd.Wait()
}

// Process is the number of its process.
func (s *Server) Process() int { return s.cmd.Process.Pid }

// Stop stops the server as an operator does, and waits for a clean end.
func (s *Server) Stop() error { return errors.Join(s.Send(syscall.SIGTERM), s.Wait()) }

// Send sends it a signal.
func (s *Server) Send(sig os.Signal) error { return s.cmd.Process.Signal(sig) }

// Wait waits for a clean end.
func (s *Server) Wait() error {
	select {
	case <-s.done:
		return s.err
	case <-time.After(Patience):
		return errors.Join(errors.New("the server does not end"), s.Kill())
	}
}

// Kill ends the server at once and waits for that.
func (s *Server) Kill() error {
	err := s.cmd.Process.Kill()
	<-s.done
	return err
}

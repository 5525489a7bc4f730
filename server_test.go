package main

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

	"github.com/rogpeppe/go-internal/testscript"
)

// testSettings let a server listen on a free port and no other, keep to the directory
// it is started in, by a path that leaves room for that of its socket, hash passwords at
// the least cost, let one machine play many people, and people post fast and twice.
var testSettings = []string{
	"SSHFORUM_SSH_LISTEN=127.0.0.1:0",
	"SSHFORUM_DATA_DIR=data",
	"SSHFORUM_AUTH_ARGON2_MEMORY_KIB=1024",
	"SSHFORUM_AUTH_ARGON2_TIME=1",
	"SSHFORUM_SSH_EXEMPT=127.0.0.1",
	"SSHFORUM_SSH_MAX_STARTUPS=100:30:1000",
	"SSHFORUM_LIMITS_DUPLICATES_WITHIN=0s",
	"SSHFORUM_LIMITS_RATES_ENABLED=false",
	"SSHFORUM_LEGACY_UDPFORUM_ENABLED=false",
	"SSHFORUM_LEGACY_JSONFORUM_ENABLED=false",
	"SSHFORUM_LEGACY_TEXTCHAT_ENABLED=false",
	"SSHFORUM_LEGACY_JSONCHAT_ENABLED=false",
	"SSHFORUM_LEGACY_PICKLECHAT_ENABLED=false",
}

// running is a server in a process of its own.
type running struct {
	cmd  *exec.Cmd
	port string

	doors     map[string]string // addresses for old programs, by door, once announced
	announced chan string       // its port, once
	done      chan struct{}     // closed when it has ended
	err       error             // how, once done
}

// startServer starts cmd and waits until it has said where it listens. What it prints
// goes to server.out in its directory, and its log to server.log.
func startServer(cmd *exec.Cmd) (*running, error) {
	log, err := os.OpenFile(filepath.Join(cmd.Dir, "server.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	printed, err := os.Create(filepath.Join(cmd.Dir, "server.out"))
	if err != nil {
		return nil, err
	}
	r := &running{cmd: cmd, doors: make(map[string]string), announced: make(chan string, 1), done: make(chan struct{})}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, printed.Close())
	}
	go r.follow(out, printed)
	select {
	case r.port = <-r.announced:
		return r, nil
	case <-r.done:
		return nil, fmt.Errorf("the server ended: %v; see server.log", r.err)
	case <-time.After(patience):
		return nil, errors.Join(errors.New("the server does not say where it listens"), r.kill())
	}
}

// follow copies what the server prints until its end.
func (r *running) follow(out io.Reader, printed *os.File) {
	defer close(r.done)
	defer printed.Close()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		fmt.Fprintln(printed, lines.Text())
		if door, address, ok := strings.Cut(lines.Text(), " clients connect to "); ok {
			r.doors[door] = address
		}
		if enter, ok := strings.CutPrefix(lines.Text(), "To enter: ssh -p "); ok {
			r.announced <- strings.Fields(enter)[0]
		}
	}
	r.err = r.cmd.Wait()
}

// terminate asks the server to stop.
func (r *running) terminate() error { return r.send(syscall.SIGTERM) }

func (r *running) send(sig os.Signal) error { return r.cmd.Process.Signal(sig) }

// wait waits for a clean end.
func (r *running) wait() error {
	select {
	case <-r.done:
		return r.err
	case <-time.After(patience):
		return errors.Join(errors.New("the server does not end"), r.kill())
	}
}

// kill ends the server at once and waits for that.
func (r *running) kill() error {
	err := r.cmd.Process.Kill()
	<-r.done
	return err
}

func (s *story) serve(ts *testscript.TestScript, args []string) (err error) {
	if s.server != nil {
		return errors.New("the server runs already")
	}
	s.started = time.Now()
	if s.server, err = startServer(s.command("sshforum", args...)); err != nil {
		return err
	}
	ts.Setenv("PORT", s.server.port)
	for door, address := range s.server.doors {
		ts.Setenv(strings.ToUpper(door), address[strings.LastIndexByte(address, ':')+1:])
	}
	if s.cable != nil {
		s.cable.leadTo(s.server.port)
	}
	s.guideBastion()
	return writeClientConfig(s.dir, s.server.port, s.bastion)
}

func (s *story) sigterm(*testscript.TestScript, []string) error {
	return s.part(func(r *running) error { return errors.Join(r.terminate(), r.wait()) })
}

// signals are those that a story sends to its server.
var signals = map[string]os.Signal{"SIGTERM": syscall.SIGTERM, "SIGHUP": syscall.SIGHUP, "SIGINT": os.Interrupt}

func (s *story) sendSignal(_ *testscript.TestScript, args []string) error {
	if s.server == nil || len(args) != 1 || signals[args[0]] == nil {
		return errors.New("usage: signal NAME, while a server runs")
	}
	return s.server.send(signals[args[0]])
}

func (s *story) sigkill(*testscript.TestScript, []string) error { return s.part((*running).kill) }

func (s *story) ended(*testscript.TestScript, []string) error { return s.part((*running).wait) }

// part ends what the story has with its server.
func (s *story) part(end func(*running) error) error {
	server := s.server
	if server == nil {
		return errors.New("no server runs")
	}
	s.server = nil
	return end(server)
}

// writeClientConfig writes ssh_config, by which OpenSSH in dir reaches the server as
// "forum", through a bastion unless that is nil, with the keys NAME.key; and known_hosts,
// with the host keys of the server, the only ones believed. Neither the machine's nor
// its user's configuration is read.
func writeClientConfig(dir, port string, through *bastion) error {
	known, err := hostKeyLines(filepath.Join(dir, "hostkeys"))
	if err != nil {
		return err
	}
	config := host("forum", port)
	if through != nil {
		config += "\tProxyJump jump@bastion\n" + host("bastion", through.port)
		known += through.hostKeyLine()
	}
	config += fmt.Sprintf(`Match exec "test -f %[1]s/%%r.key"
	IdentityFile %[1]s/%%r.key
Host *
	UserKnownHostsFile %[1]s/known_hosts
	GlobalKnownHostsFile /dev/null
	StrictHostKeyChecking yes
	IdentityAgent none
	IdentitiesOnly yes
	IdentityFile none
	SendEnv NO_COLOR FORUM_*
`, dir)
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "known_hosts"), []byte(known), 0o600),
		os.WriteFile(filepath.Join(dir, "ssh_config"), []byte(config), 0o600),
	)
}

// host returns the part of ssh_config that leads to a port of this machine.
func host(name, port string) string {
	return fmt.Sprintf("Host %[1]s\n\tHostName 127.0.0.1\n\tPort %[2]s\n\tHostKeyAlias %[1]s\n", name, port)
}

// hostKeyLines returns the lines of known_hosts for the keys in dir.
func hostKeyLines(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.pub"))
	var lines strings.Builder
	for _, file := range files {
		key, readErr := os.ReadFile(file)
		err = errors.Join(err, readErr)
		fmt.Fprintf(&lines, "forum %s", key)
	}
	return lines.String(), err
}

package story

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sshforum/e2e"
)

func (s *story) serve(ts *testscript.TestScript, args []string) (err error) {
	if s.server != nil {
		return errors.New("the server runs already")
	}
	s.started = time.Now()
	if s.server, err = e2e.Start(s.command("sshforum", args...)); err != nil {
		return err
	}
	ts.Setenv("PORT", s.server.Port)
	for door, address := range s.server.Doors {
		ts.Setenv(strings.ToUpper(door), address[strings.LastIndexByte(address, ':')+1:])
	}
	if s.cable != nil {
		s.cable.leadTo(s.server.Port)
	}
	s.guideBastion()
	return writeClientConfig(s.dir, s.server.Port, s.bastion)
}

func (s *story) sigterm(*testscript.TestScript, []string) error {
	return s.part((*e2e.Server).Stop)
}

// signals are those that a story sends to its server.
var signals = map[string]os.Signal{"SIGTERM": syscall.SIGTERM, "SIGHUP": syscall.SIGHUP, "SIGINT": os.Interrupt}

func (s *story) sendSignal(_ *testscript.TestScript, args []string) error {
	if s.server == nil || len(args) != 1 || signals[args[0]] == nil {
		return errors.New("usage: signal NAME, while a server runs")
	}
	return s.server.Send(signals[args[0]])
}

func (s *story) sigkill(*testscript.TestScript, []string) error {
	return s.part((*e2e.Server).Kill)
}

func (s *story) ended(*testscript.TestScript, []string) error { return s.part((*e2e.Server).Wait) }

// part ends what the story has with its server.
func (s *story) part(end func(*e2e.Server) error) error {
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

// Package e2e is sshforum for tests of the whole of it: built, and run as people run it, in
// a process of its own.
//
//	func TestMain(m *testing.M) { e2e.Main(m, nil) }
//
// builds it once for all tests of a package; Start starts a server.
package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"sshforum/sshapp"
)

// name is that of the program, and of its package.
const name = "sshforum"

// Patience bounds what would otherwise hang a failing test.
const Patience = time.Minute

// Main runs the tests of a package and exits. They find sshforum in $PATH, and beside it
// others, programs that the test binary is when it is run by their names. The tests fail if
// they leave goroutines behind.
func Main(m *testing.M, others map[string]func()) {
	testscript.Main(tests{m}, others)
}

// tests are those of a package.
type tests struct{ *testing.M }

func (t tests) Run() int {
	status, err := t.run()
	if err == nil && status == 0 {
		err = goleak.Find()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return status
}

func (t tests) run() (status int, err error) {
	dir, err := os.MkdirTemp("", name)
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := build(filepath.Join(dir, name)); err != nil {
		return 0, err
	}
	if _, err := sshapp.LoadHostKeys(filepath.Join(dir, hostKeys)); err != nil {
		return 0, err
	}
	if err := os.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH")); err != nil {
		return 0, err
	}
	return t.M.Run(), nil
}

// coverageVariable names a directory in which the program is to note, when it ends, what of its
// source it has run. That of the go command is no use here: go test sets it to its own.
const coverageVariable = "E2E_COVERAGE"

// build builds the program as the tests are built, with the race detector or without; and to
// note what it runs, where that is asked for.
func build(path string) error {
	args := []string{"build", fmt.Sprintf("-race=%t", DetectsRaces()), fmt.Sprintf("-cover=%t", os.Getenv(coverageVariable) != "")}
	if DetectsRaces() {
		for _, pure := range hashing {
			args = append(args, "-gcflags="+pure+"=-race=false")
		}
	}
	if err := Quietly(exec.Command("go", append(args, "-o", path, name)...)); err != nil {
		return err
	}
	return dependOnSources()
}

// hashing are the packages that hash passwords. They share no memory with others, and watched
// they would take a third of the time of these tests.
var hashing = []string{"golang.org/x/crypto/argon2", "golang.org/x/crypto/blake2b"}

// dependOnSources looks at the directories of the program's sources. The go command sees that,
// and does not take a result of these tests from its cache once the sources have changed.
func dependOnSources() error {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.Dir}}{{end}}", name).Output()
	for dir := range strings.Lines(string(out)) {
		_, readErr := os.ReadDir(strings.TrimSpace(dir))
		err = errors.Join(err, readErr)
	}
	return err
}

// DetectsRaces reports whether tests and program watch their own memory, which takes several
// times as much.
func DetectsRaces() bool {
	info, _ := debug.ReadBuildInfo()
	return info != nil && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// Command returns the program to run in dir, with the settings of tests.
func Command(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), Settings()...)
	return cmd
}

// settings let a server listen on a free port and no other, keep to the directory
// it is started in, by a path that leaves room for that of its socket, hash passwords at
// the least cost, let one machine play many people, and people post fast and twice.
var settings = []string{
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

// Settings returns the variables of the environment that suit tests, without those named
// by byDefault, whose settings are the default then.
func Settings(byDefault ...string) []string {
	env := slices.DeleteFunc(slices.Clone(settings), func(variable string) bool {
		setting, _, _ := strings.Cut(variable, "=")
		return slices.Contains(byDefault, setting)
	})
	return append(env, "GOCOVERDIR="+os.Getenv(coverageVariable))
}

// Quietly runs a program and makes what it printed part of its error.
func Quietly(cmd *exec.Cmd) error {
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", cmd.Args[0], err, out)
	}
	return nil
}

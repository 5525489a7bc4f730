// Package story plays stories of people at a running sshforum, with the programs that they use.
package story

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sshforum/e2e"
	"sshforum/forum/forumtest"
	"sshforum/storage"
)

// TestMain lets the test binary be the helper that ssh asks for a password.
func TestMain(m *testing.M) {
	// People in stories wait most of the time. What go test is told with -parallel wins.
	if err := flag.Set("test.parallel", strconv.Itoa(3*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	e2e.Main(m, map[string]func(){"answer": func() { fmt.Println(os.Getenv("ANSWER")) }})
}

// TestStories plays testdata/script: people with OpenSSH at a running sshforum. Beside
// the words of testscript a story has these:
//
//	serve [FLAG...]         start the server; its log goes to server.log, and the ports of
//	                        doors for old programs to $JSONFORUM and so on
//	sigterm, sigkill        stop it, and wait: sigterm must find a clean end
//	signal NAME             send it SIGTERM, SIGINT or SIGHUP, and do not wait
//	ended                   wait for it to end by itself, cleanly
//	user NAME [ROLE]        make an account with the password password-of-NAME and a key
//	as NAME [COMMAND...]    run a command over ssh with NAME's key; then stdout, stderr
//	status N                what the last as exited with
//	tty NAME [COMMAND...]   open a terminal of 80x24 with ssh in it, named NAME; NAME.2 and
//	                        so on are more of NAME's
//	type NAME TEXT          type a line into it
//	recite NAME FILE        type the first line of a file
//	press NAME KEY...       press keys: up, tab, ctrl-c and so on, or text
//	paste NAME FILE         paste a file, bracketed
//	expect NAME TEXT        wait until TEXT was shown, after what was last expected
//	resize NAME COLSxROWS   change the terminal's size
//	left NAME [STATUS]      wait for ssh to exit; NAME.tty has all that was shown
//	hangup NAME             close the terminal
//	stop NAME, continue NAME
//	                        stop the ssh in it, and let it go on
//	soon PROGRAM [ARG...]   run a program again and again until it succeeds
//	needs PROGRAM           skip the story where a program is not installed
//	sshfs NAME DIR          mount the forum's files as NAME sees them
//	tmpfs DIR SIZE          mount a disk of that size, or give it another
//	unmount DIR             end either
//	bastion                 from now on ssh goes by way of another SSH server
//	cable                   lay a way to the server that can be cut: port $CABLE
//	stall BYTES             from now on connections by it stall when they have carried so many
//	release                 let those go on that stall, and new ones pass
//	cut                     break all connections that go by it; new ones pass
//	client NAME DOOR        connect an old program to a door, such as jsonchat
//	say NAME TEXT           have it send TEXT, which may have escapes as in Go
//	hear NAME TEXT          wait until it has received TEXT, and nothing before
//	away NAME               close its connection
//	alter FILE BUCKET OLD NEW
//	                        write NEW for OLD in the rows of a store; they may be quoted
//	                        as in Go, and must be of the same length
//	rot FILE TEXT           change a bit of TEXT wherever a file has it
//	age DURATION            make all in the store older, while no server runs
//	ahead DURATION          make what was written since the last start later
//
// Scripts reach the server as forum, by way of: ssh -F ssh_config NAME@forum
func TestStories(t *testing.T) {
	forumtest.NeedsProgram(t, "ssh")
	forumtest.NeedsProgram(t, "ssh-keygen")
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		Setup:               newStory,
		Cmds:                words,
		Condition:           condition,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// condition says whether a story is played as root, or where all tests must run, and
// whether curl is there and has SFTP, which CI must have.
func condition(name string) (bool, error) {
	switch name {
	case "root":
		return os.Geteuid() == 0, nil
	case "ci":
		return os.Getenv("CI") == "true", nil
	case "curl-sftp":
		version, _ := exec.Command("curl", "--version").Output()
		return os.Getenv("CI") == "true" || bytes.Contains(version, []byte(" sftp ")), nil
	}
	return false, fmt.Errorf("there is no condition %s", name)
}

var words = map[string]func(*testscript.TestScript, bool, []string){
	"serve":    word((*story).serve),
	"sigterm":  word((*story).sigterm),
	"sigkill":  word((*story).sigkill),
	"signal":   word((*story).sendSignal),
	"ended":    word((*story).ended),
	"user":     word((*story).user),
	"as":       asWord,
	"status":   word((*story).wantStatus),
	"tty":      word((*story).tty),
	"type":     word((*story).typeLine),
	"recite":   word((*story).recite),
	"press":    word((*story).press),
	"paste":    word((*story).paste),
	"expect":   word((*story).expect),
	"resize":   word((*story).resize),
	"left":     word((*story).left),
	"hangup":   word((*story).hangup),
	"stop":     word((*story).stop),
	"continue": word((*story).goOn),
	"soon":     word((*story).soon),
	"needs":    word((*story).needs),
	"sshfs":    word((*story).sshfs),
	"tmpfs":    word((*story).tmpfs),
	"unmount":  word((*story).unmount),
	"bastion":  word((*story).throughBastion),
	"cable":    word((*story).layCable),
	"stall":    word((*story).stall),
	"release":  word((*story).release),
	"cut":      word((*story).cut),
	"client":   word((*story).connectClient),
	"say":      word((*story).say),
	"hear":     word((*story).hear),
	"away":     word((*story).away),
	"alter":    word((*story).alter),
	"rot":      word((*story).rot),
	"age":      word((*story).age),
	"ahead":    word((*story).ahead),
}

// word makes a word of a method that cannot be negated.
func word(do func(*story, *testscript.TestScript, []string) error) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("this word takes no !")
		}
		ts.Check(do(ts.Value(storyKey{}).(*story), ts, args))
	}
}

type storyKey struct{}

// story is one script that is played.
type story struct {
	t         testing.TB
	dir       string
	env       []string
	server    *e2e.Server // nil while none runs
	started   time.Time
	bastion   *bastion // nil without one
	cable     *cable   // nil without one
	terminals map[string]*e2e.Terminal
	clients   map[string]net.Conn // of old programs
	mounts    []*mount
	status    int // of the last as
}

func newStory(env *testscript.Env) error {
	if os.Getenv("GORACE") == "" {
		env.Vars = append(env.Vars, "GORACE=atexit_sleep_ms=0") // instead of a second at each exit
	}
	env.Vars = append(env.Vars, "TERM=xterm-256color")
	env.Vars = append(env.Vars, e2e.Settings()...)
	s := &story{t: env.T().(testing.TB), dir: env.WorkDir, env: env.Vars, terminals: make(map[string]*e2e.Terminal)}
	env.Values[storyKey{}] = s
	env.Defer(func() { s.end(s.t) })
	return e2e.HostKeys(s.dir)
}

// soon is for what another program does in its own time, such as the machine that closes a
// file of sshfs.
func (s *story) soon(ts *testscript.TestScript, args []string) error {
	if len(args) == 0 {
		return errors.New("usage: soon PROGRAM [ARG...]")
	}
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		err := ts.Exec(args[0], args[1:]...)
		if err == nil || time.Since(began) > e2e.Patience {
			return err
		}
	}
}

func (s *story) needs(_ *testscript.TestScript, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: needs PROGRAM")
	}
	forumtest.NeedsProgram(s.t, args[0])
	return nil
}

// end stops what still runs and checks what no story may leave behind.
func (s *story) end(t testing.TB) {
	defer func() {
		for _, m := range s.mounts {
			_ = m.end() // the story ended before it did so itself
		}
	}()
	for _, term := range s.terminals {
		term.Close()
	}
	for _, conn := range s.clients {
		_ = conn.Close()
	}
	if s.bastion != nil {
		s.bastion.close()
	}
	if s.server != nil {
		_ = s.server.Kill()
	}
	if s.cable != nil {
		s.cable.close()
	}
	log, _ := os.ReadFile(filepath.Join(s.dir, "server.log"))
	if t.Failed() {
		t.Logf("server.log:\n%s", log)
		return
	}
	for line := range strings.Lines(string(log)) {
		if strings.Contains(line, "DATA RACE") || strings.Contains(line, "panic") || strings.Contains(line, "level=ERROR") {
			t.Errorf("server.log has: %s", line)
		}
	}
	if _, err := os.Stat(filepath.Join(s.dir, "data", storage.FileName)); err == nil {
		e2e.CheckStore(t, s.dir)
	}
}

// command is a program to run in the story's directory.
func (s *story) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = s.dir, s.env
	return cmd
}

package story

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"sshforum/e2e"
	"sshforum/forum/forumtest"
)

// user makes an account with a key, as an operator and then its person do.
func (s *story) user(_ *testscript.TestScript, args []string) error {
	if len(args) < 1 || len(args) > 2 {
		return errors.New("usage: user NAME [ROLE]")
	}
	name, role := args[0], append(args, "member")[1]
	if err := e2e.Quietly(s.command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", name+".key")); err != nil {
		return err
	}
	add := s.command("sshforum", "user", "add", name, "--role", role)
	add.Stdin = strings.NewReader(forumtest.Password(name) + "\n")
	if err := e2e.Quietly(add); err != nil {
		return err
	}
	key, err := os.Open(filepath.Join(s.dir, name+".key.pub"))
	if err != nil {
		return err
	}
	defer key.Close()
	answer, err := exec.LookPath("answer")
	if err != nil {
		return err
	}
	login := s.command("ssh", "-F", "ssh_config", "-o", "PreferredAuthentications=password", name+"@forum", "KEYS add -")
	login.Env = append(login.Environ(), "SSH_ASKPASS="+answer, "SSH_ASKPASS_REQUIRE=force", "ANSWER="+forumtest.Password(name))
	login.Stdin = key
	return e2e.Quietly(login)
}

// sshFailed is the status ssh exits with when the failure is its own.
const sshFailed = 255

// asWord runs a command over ssh. With ! the command must fail, and not the connection.
func asWord(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: as NAME [COMMAND...]")
	}
	s := ts.Value(storyKey{}).(*story)
	err := ts.Exec("ssh", append([]string{"-T", "-F", "ssh_config", "-o", "BatchMode=yes", args[0] + "@forum"}, args[1:]...)...)
	s.status = 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		s.status = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if s.status == sshFailed || (s.status != 0) != neg {
		ts.Fatalf("the exit status is %d", s.status)
	}
}

func (s *story) wantStatus(_ *testscript.TestScript, args []string) error {
	if want := strings.Join(args, " "); strconv.Itoa(s.status) != want {
		return fmt.Errorf("the exit status was %d, not %s", s.status, want)
	}
	return nil
}

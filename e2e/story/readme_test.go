package story

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sshforum/e2e"
	"sshforum/forum/forumtest"
)

// TestTourOfREADME runs every command that the README's tour shows, with the real program
// and the clients of this machine, and compares what they print with what it shows.
func TestTourOfREADME(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"ssh", "sftp", "scp", "ssh-keygen"} {
		forumtest.NeedsProgram(t, program)
	}
	steps := tour(t)
	v := &visitor{t: t, dir: t.TempDir()}
	v.prepare()
	server, err := e2e.Start(v.command("sshforum"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.Kill(); t.Failed() {
			log, _ := os.ReadFile(filepath.Join(v.dir, "server.log"))
			t.Logf("%v; server.log:\n%s", err, log)
		}
	}()
	v.find(server.Port)
	printed, err := os.ReadFile(filepath.Join(v.dir, "server.out"))
	if err != nil {
		t.Fatal(err)
	}
	steps[0].compare(t, string(printed))
	for _, s := range steps[1:] {
		v.take(s)
	}
}

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// step is a command of the tour, and what is shown below it: what it prints, and what the
// person types.
type step struct {
	command string
	shown   []string
}

func tour(t *testing.T) (steps []step) {
	t.Helper()
	_, text, _ := strings.Cut(readme(t), "\n## A tour")
	text, _, _ = strings.Cut(text, "\n## ")
	for line := range strings.SplitSeq(text, "\n") {
		code, ok := strings.CutPrefix(line, "    ")
		if !ok {
			continue
		}
		command, begins := strings.CutPrefix(code, "$ ")
		switch {
		case begins:
			steps = append(steps, step{command: command})
		case len(steps) == 0:
			t.Fatalf("%q is behind no command", code)
		default:
			last := &steps[len(steps)-1]
			last.shown = append(last.shown, code)
		}
	}
	if len(steps) < 2 || steps[0].command != "go run ." {
		t.Fatalf("the tour is %+v", steps)
	}
	return steps
}

// prompts match the lines that wait for somebody, up to what is typed there.
var prompts = regexp.MustCompile(`^(?:forum> |sftp> |.*\[Y/n\] |\(yoda@localhost\) .*:|padme's new password:|Repeat the password:)`)

func (s step) interactive() bool {
	for _, line := range s.shown {
		if prompts.MatchString(line) {
			return true
		}
	}
	return false
}

var fingerprint = regexp.MustCompile(`SHA256:[A-Za-z0-9+/]{43}`)

// variable is what differs from one forum to the next, and what stands for it.
var variable = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{fingerprint, "SHA256:FINGERPRINT"},
	{regexp.MustCompile(`(:|-p )\d{4,5}\b`), "${1}PORT"},
	{regexp.MustCompile(`[A-Z][a-z]{2} [ 0-9]\d \d\d:\d\d`), "Mon DD HH:MM"},
	{regexp.MustCompile(`just now|\d+ minutes? ago`), "AGO"},
}

// compare fails the test unless printed is what the step shows; what it has for ... is not
// compared.
func (s step) compare(t *testing.T, printed string) {
	t.Helper()
	got := lines(printed)
	want := lines(strings.Join(s.shown, "\n"))
	for i, line := range want {
		// sftp shows its prompt before it takes over the terminal, which echoes until then.
		if typed := strings.TrimSpace(line[len(prompts.FindString(line)):]); prompts.MatchString(line) && i+1 < len(got) && got[i+1] == typed {
			got = slices.Delete(got, i+1, i+2)
		}
		pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(line), `\.\.\.`, ".*") + "$"
		if i < len(got) && strings.Contains(line, "...") && regexp.MustCompile(pattern).MatchString(got[i]) {
			got[i] = line
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("$ %s\n%s", s.command, diff)
	}
}

// lines returns the lines of what was printed, without the blanks at their ends and with
// what is variable replaced.
func lines(printed string) (all []string) {
	for line := range strings.SplitSeq(strings.TrimSpace(printed), "\n") {
		for _, v := range variable {
			line = v.pattern.ReplaceAllString(line, v.instead)
		}
		all = append(all, strings.TrimRight(line, " \r"))
	}
	return all
}

// visitor takes the tour, in a directory of their own.
type visitor struct {
	t    *testing.T
	dir  string
	port string
}

// prepare makes what the tour takes for given: a key, and files.
func (v *visitor) prepare() {
	v.t.Helper()
	if out, err := v.command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "yoda.key").CombinedOutput(); err != nil {
		v.t.Fatalf("%v: %s", err, out)
	}
	v.write("notes.txt", "Luminous beings are we.\n")
	v.write("report.pdf", strings.Repeat("wisdom of old", 5_000_000)[:5_000_000])
}

func (v *visitor) write(name, content string) {
	v.t.Helper()
	if err := os.WriteFile(filepath.Join(v.dir, name), []byte(content), 0o600); err != nil {
		v.t.Fatal(err)
	}
}

// find lets the clients know the server, as somebody does who has compared its host key.
func (v *visitor) find(port string) {
	v.t.Helper()
	v.port = port
	known, err := hostKeyLines(filepath.Join(v.dir, "hostkeys"))
	if err != nil {
		v.t.Fatal(err)
	}
	v.write("known_hosts", regexp.MustCompile(`(?m)^forum `).ReplaceAllString(known, "[localhost]:"+port+" "))
	v.write("ssh_config", fmt.Sprintf(`UserKnownHostsFile %[1]s/known_hosts
GlobalKnownHostsFile /dev/null
StrictHostKeyChecking yes
IdentityAgent none
IdentitiesOnly yes
IdentityFile %[1]s/yoda.key
`, v.dir))
}

// command is a program to run where the forum is, with the settings that are the default but
// for the ports.
func (v *visitor) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = v.dir
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "SSHFORUM_SSH_LISTEN=:0")
	for _, door := range []string{"UDPFORUM", "JSONFORUM", "TEXTCHAT", "JSONCHAT", "PICKLECHAT"} {
		cmd.Env = append(cmd.Env, "SSHFORUM_LEGACY_"+door+"_LISTEN=127.0.0.1:0")
	}
	return cmd
}

// take runs the command of a step, on a terminal if something is typed there.
func (v *visitor) take(s step) {
	v.t.Helper()
	line := regexp.MustCompile(`\b(ssh|scp|sftp) (-[pP]) 2222\b`).ReplaceAllString(s.command, "$1 -F ssh_config $2 "+v.port)
	cmd := v.command("sh", "-c", strings.ReplaceAll(line, "go run .", "sshforum"))
	if !s.interactive() {
		printed, err := cmd.CombinedOutput()
		if err != nil {
			v.t.Errorf("$ %s: %v", line, err)
		}
		s.compare(v.t, string(printed))
		return
	}
	term, err := e2e.OpenTerminal(cmd, filepath.Join(v.dir, "terminal"))
	if err != nil {
		v.t.Fatal(err)
	}
	defer term.Close()
	for _, shown := range s.shown {
		prompt := prompts.FindString(shown)
		if prompt == "" {
			continue
		}
		typed := shown[len(prompt):]
		if i := fingerprint.FindStringIndex(prompt); i != nil {
			prompt = prompt[i[1]:]
		}
		if err := term.Expect(prompt); err != nil {
			v.t.Fatalf("$ %s: %v", line, err)
		}
		if typed == "" {
			typed = "luminous-beings"
			v.hidden(term)
		}
		if err := term.Send(typed + keys["enter"]); err != nil {
			v.t.Fatal(err)
		}
	}
	if status, err := term.Wait(); status != 0 || err != nil {
		v.t.Errorf("$ %s: status %d, %v", line, status, err)
	}
	s.compare(v.t, term.Text())
}

// hidden waits until the terminal does not show what is typed.
func (v *visitor) hidden(term *e2e.Terminal) {
	v.t.Helper()
	for began := time.Now(); time.Since(began) < e2e.Patience; {
		settings := v.command("stty", "-a")
		settings.Stdin = term.Screen
		switch out, err := settings.Output(); {
		case err != nil:
			v.t.Fatal(err)
		case strings.Contains(string(out), " -echo "):
			return
		}
	}
	v.t.Fatal("the terminal shows what is typed")
}

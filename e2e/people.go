package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/forum/forumtest"
)

// AddUser makes an account with the password that forumtest has for it, and flags as on the
// command line, in the forum of a server that is started in dir.
func AddUser(t testing.TB, dir, name string, flags ...string) {
	t.Helper()
	add := Command(dir, append([]string{"user", "add", name}, flags...)...)
	add.Stdin = strings.NewReader(forumtest.Password(name) + "\n")
	if err := Quietly(add); err != nil {
		t.Fatal(err)
	}
}

// Credentials writes a file for auth.import_credentials into dir, with accounts for people 0
// to n-1, and returns the flag that names it.
func Credentials(t testing.TB, dir string, n int) (flag string) {
	t.Helper()
	var lines strings.Builder
	for i := range n {
		fmt.Fprintf(&lines, "%s %s\n", Person(i), forumtest.Password(Person(i)))
	}
	if err := os.WriteFile(filepath.Join(dir, "credentials"), []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return "--auth-import-credentials=credentials"
}

// Person is the name of one of many people.
func Person(i int) string { return fmt.Sprintf("person%d", i) }

// Dial logs in with the password that forumtest has for an account.
func (s *Server) Dial(name string) (*gossh.Client, error) {
	return gossh.Dial("tcp", "127.0.0.1:"+s.Port, &gossh.ClientConfig{
		User: name, Auth: []gossh.AuthMethod{gossh.Password(forumtest.Password(name))},
		HostKeyCallback: gossh.InsecureIgnoreHostKey(), Timeout: Patience,
	})
}

// Exec runs a command with an input, and returns what it wrote to its standard output.
func Exec(client *gossh.Client, command, input string) (string, error) {
	session, err := client.NewSession()
	if err != nil {
		return "", err
	}
	defer func() { _ = session.Close() }()
	session.Stdin = strings.NewReader(input)
	out, err := session.Output(command)
	return string(out), err
}

package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	write(t, "ssh:\n  listen: 127.0.0.1:7\n")
	if err := os.WriteFile("broken.yaml", []byte("ssh:\n  lisen: :1\ndata: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args           string
		env            []string
		status         int
		stdout, stderr string // a part of each; if empty, it must be empty
	}{
		{args: "check-config", stdout: "config.yaml is fine.\nSSH listens on 127.0.0.1:7; the data directory is ./data.\n"},
		{args: "check-config --ssh-listen :8", stdout: "SSH listens on :8;"},
		{args: "check-config --legacy-jsonforum-listen=0.0.0.0:12344", stdout: "the data directory is ./data.\n" +
			"Warning: jsonforum listens on 0.0.0.0:12344, beyond this machine, and its passwords travel in clear; " +
			"set legacy.jsonforum.listen to 127.0.0.1 and let people come by ssh -L.\n"},
		{args: "--data d check-config", env: []string{"SSHFORUM_SSH_LISTEN=:9"}, stdout: "SSH listens on :9; the data directory is d.\n"},
		{args: "check-config --config broken.yaml", status: exitFailed,
			stderr: "sshforum: broken.yaml:2: unknown setting \"ssh.lisen\"; did you mean \"ssh.listen\"?\n" +
				"sshforum: broken.yaml:3: unknown setting \"data\"; did you mean \"data_dir\"?\n"},
		{args: "check-config", env: []string{"SSHFORUM_CONFIG=broken.yaml"}, status: exitFailed, stderr: "broken.yaml:2: "},
		{args: "check-config --config none.yaml", status: exitFailed,
			stderr: "sshforum: none.yaml: the file cannot be read: no such file or directory\n"},
		{args: "check-config --config .", status: exitFailed, stderr: "sshforum: .: the file cannot be read: is a directory\n"},
		{args: "--config broken.yaml", status: exitFailed, stderr: "broken.yaml:2: "},
		{args: "version --config broken.yaml", stdout: "sshforum "},
		{args: "--help", stdout: "--limits-line-bytes"},
		{args: "check-config --help", stdout: "--ssh-listen"},
		{args: "audit verify --help", stdout: "--data for\n                             short.\n\n      --head=HASH"},
		{args: "--ssh-lisen :1", status: exitUsage, stderr: `unknown flag --ssh-lisen, did you mean "--ssh-listen"?`},
		{args: "sing", status: exitUsage, stderr: "sing"},
	} {
		var stdout, stderr bytes.Buffer
		status := run(strings.Fields(test.args), test.env, strings.NewReader(""), &stdout, &stderr)
		if status != test.status {
			t.Errorf("%s: status %d, want %d", test.args, status, test.status)
		}
		for _, output := range []struct{ name, got, want string }{
			{"standard output", stdout.String(), test.stdout},
			{"standard error", stderr.String(), test.stderr},
		} {
			if !strings.Contains(output.got, output.want) || (output.want == "" && output.got != "") {
				t.Errorf("%s: %s is %q; want %q", test.args, output.name, output.got, output.want)
			}
		}
	}
}

func TestCheckConfigWithoutAFile(t *testing.T) {
	t.Chdir(t.TempDir())
	var stdout bytes.Buffer
	if status := run([]string{"check-config"}, nil, nil, &stdout, io.Discard); status != exitOK {
		t.Errorf("status %d", status)
	}
	if want := "There is no config.yaml here; the defaults apply.\n"; !strings.HasPrefix(stdout.String(), want) {
		t.Errorf("%q", stdout.String())
	}
}

package render

import (
	"fmt"
	"strings"

	"sshforum/forum"
	"sshforum/forum/command"
)

var remoteRows = []row{
	// UPD, DWN if no file can be transferred
	one("sshforum.copy-hint.v1", (*Text).copyHint, func(r command.CopyHint) copyHintJSON { return copyHintJSON{r.Thread, r.Name, r.Upload} }),
	// EXPORT at a terminal
	one("sshforum.export-hint.v1", (*Text).exportHint, nothing[command.ExportHint]),
}

// copyHintJSON is a file that has to be copied by `scp` or `sftp`.
type copyHintJSON struct {
	// Title of the thread.
	Thread string `json:"thread"`
	// Name of the file.
	File string `json:"file"`
	// Whether to upload it; if not, it is to be downloaded.
	Upload bool `json:"upload"`
}

// Address is how a client reached the server. It is used in the commands that the person is
// told to run.
type Address struct {
	User       string // of the account
	Host, Port string // an IPv6 address is in brackets
}

// copyHint writes the command to run: the forum's shell cannot access the disk of the person's
// machine.
func (t *Text) copyHint(r command.CopyHint) error {
	remote := fmt.Sprintf("%s@%s:%s/", t.Address.User, t.Address.Host, shellWord(r.Thread))
	line := fmt.Sprintf("scp -P %s %s %s", t.Address.Port, shellWord(r.Name), remote)
	if !r.Upload {
		line = fmt.Sprintf("scp -P %s %s%s .", t.Address.Port, remote, shellWord(r.Name))
	}
	return t.printf("Run this on your own machine:\n%s\n", forum.Printable(line))
}

func (t *Text) exportHint(command.ExportHint) error {
	line := fmt.Sprintf("ssh -p %s %s@%s EXPORT > %s.ndjson", t.Address.Port, t.Address.User, t.Address.Host, shellWord(t.Address.User))
	return t.printf("Run this on your own machine:\n%s\n", forum.Printable(line))
}

// shellWord returns s quoted so that a POSIX shell takes it as one word. It uses backslashes,
// since they also survive scp's own treatment of a remote name, unlike quotes.
func shellWord(s string) string {
	var b strings.Builder
	if strings.HasPrefix(s, "-") {
		b.WriteString("./")
	}
	for _, r := range s {
		if r < 0x80 && !strings.ContainsRune("+-./:=@_%,", r) && !('0' <= r && r <= '9') && !('a' <= r|0x20 && r|0x20 <= 'z') {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

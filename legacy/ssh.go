package legacy

import (
	"fmt"
	"strings"
)

// SSH is the address at which people with an account reach the forum by ssh.
type SSH struct{ Host, Port string }

// Fetch returns the shell command that fetches a file of a thread.
func (s SSH) Fetch(thread, file string) string {
	path := fmt.Sprintf("%s:%s/%s", s.Host, thread, file)
	return fmt.Sprintf("scp -P %s '%s' .", s.Port, strings.ReplaceAll(path, "'", `'\''`))
}

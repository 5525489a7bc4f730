package legacy

import (
	"fmt"
	"strings"
)

// SSH is where people with an account reach the forum by ssh.
type SSH struct{ Host, Port string }

// Fetch returns the line for a shell that fetches a file of a thread.
func (s SSH) Fetch(thread, file string) string {
	path := fmt.Sprintf("%s:%s/%s", s.Host, thread, file)
	return fmt.Sprintf("scp -P %s '%s' .", s.Port, strings.ReplaceAll(path, "'", `'\''`))
}

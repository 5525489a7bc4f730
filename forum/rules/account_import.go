package rules

import (
	"context"
	"fmt"
	"strings"

	"sshforum/forum"
)

// Imported says what became of a part of a credentials file.
type Imported struct {
	Added int
	Known int      // names that had an account already; it is left as it is
	Bad   []string // a sentence for each line that was not imported, with its number
}

// ImportCredentials makes an account for each line "name password". first is the
// number of the first line, for what is said of bad ones. Errors: Denied; those of the
// journal. A bad line is no error: it is reported and the rest is imported.
func (s *AccountService) ImportCredentials(ctx context.Context, actor Actor, lines []string, first int) (Imported, error) {
	var done Imported
	for i, line := range lines {
		if strings.TrimSpace(line) == "" {
			continue
		}
		switch err := s.importLine(ctx, actor, line); {
		case err == nil:
			done.Added++
		case forum.KindOf(err) == forum.Conflict:
			done.Known++
		case forum.KindOf(err) == forum.Invalid:
			done.Bad = append(done.Bad, fmt.Sprintf("line %d: %s", first+i, forum.Explain(err)))
		default:
			return done, err
		}
	}
	return done, nil
}

func (s *AccountService) importLine(ctx context.Context, actor Actor, line string) error {
	name, password, _ := strings.Cut(strings.TrimSpace(line), " ")
	password = strings.TrimSpace(password)
	if password == "" {
		return forum.Errorf(forum.Invalid, "The password is missing; a line is a name, a space and a password.")
	}
	_, err := s.addUser(ctx, actor, &addUser{Name: name, Role: forum.Member, Known: true}, password)
	return err
}

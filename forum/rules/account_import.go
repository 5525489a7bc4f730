package rules

import (
	"context"
	"fmt"
	"strings"

	"sshforum/forum"
)

// Imported is the result of an import.
type Imported struct {
	Added int      // accounts made
	Known int      // names that had an account already, which was not changed
	Bad   []string // a sentence for each line that was not imported, with its number
}

// ImportCredentials makes an account for each line "name password". first is the number of the
// first line, and is used to report bad lines. A bad line is not an error: it is reported in
// Bad, and the other lines are imported. Errors: Denied; those of the journal.
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

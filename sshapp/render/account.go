package render

import (
	"strings"

	"sshforum/forum"
	"sshforum/forum/command"
)

func (t *Text) identity(r command.Identity) error {
	ways := []string{}
	if r.Password {
		ways = append(ways, "a password")
	}
	if r.Keys > 0 {
		ways = append(ways, Count(r.Keys, "key"))
	}
	err := t.printf("%s, %s since %s, logs in with %s\n",
		forum.Printable(r.User.Name), r.User.Role, t.Look.day(r.User.Created), strings.Join(ways, " and "))
	if err == nil && r.User.Silenced.Holds(t.Look.now()) {
		err = t.printf("You are silenced%s: %s\n", t.until(r.User.Silenced), forum.Printable(r.User.Silenced.Reason))
	}
	return err
}

func (t *Text) settings(r command.Settings) error {
	for _, s := range forum.Settings {
		if r.Only != "" && r.Only != s.Name {
			continue
		}
		if err := t.printf("%s %s\n", s.Name, s.Get(r.Preferences)); err != nil {
			return err
		}
	}
	return nil
}

func (t *Text) passwordChanged(command.PasswordChanged) error {
	return t.printf("Your password has been changed\n")
}

func (t *Text) accountClosed(r command.AccountClosed) error {
	return t.printf("Your account is closed. What you posted stays, by %s. Goodbye\n", forum.Printable(r.User.Name))
}

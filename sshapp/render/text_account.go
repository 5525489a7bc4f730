package render

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

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

func (t *Text) keyList(r command.KeyList) error {
	if len(r.Keys) == 0 {
		return t.printf("No keys; KEYS add adds one\n")
	}
	for i, k := range r.Keys {
		if err := t.printf("%d %s\n", i+1, describe(k)); err != nil {
			return err
		}
	}
	return nil
}

func (t *Text) keyAdded(r command.KeyAdded) error {
	return t.printf("Key added: %s\n", describe(r.Key))
}

func (t *Text) keyRemoved(r command.KeyRemoved) error {
	return t.printf("Key removed: %s\n", describe(r.Key))
}

// describe writes a key as people tell them apart.
func describe(k forum.Key) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", k.Type(), k.Fingerprint(), forum.Printable(k.Comment)))
}

func (t *Text) accountClosed(r command.AccountClosed) error {
	return t.printf("Your account is closed. What you posted stays, by %s. Goodbye\n", forum.Printable(r.User.Name))
}

func (t *Text) inviteMade(r command.InviteMade) error {
	return t.printf("%s\nThis code opens one account until %s. It is shown this once.\n", r.Secret, t.Look.moment(r.Expires))
}

func (t *Text) inviteRevoked(r command.InviteRevoked) error {
	return t.printf("Invite %d is no longer valid.\n", r.Number)
}

func (t *Text) inviteList(r command.InviteList) error {
	if len(r.Invites) == 0 {
		return t.printf("You have no open invites; INVITE makes one.\n")
	}
	for _, i := range r.Invites {
		if err := t.printf("%d made %s, until %s\n", i.Number, t.Look.moment(i.Made), t.Look.moment(i.Expires)); err != nil {
			return err
		}
	}
	return nil
}

// export is for programs in any form.
func (t *Text) export(r command.Export) error {
	return (&JSON{Out: t.Out, Err: t.Err}).export(r)
}

func (t *Text) exportHint(command.ExportHint) error {
	line := fmt.Sprintf("ssh -p %s %s@%s EXPORT > %s.ndjson", t.Address.Port, t.Address.User, t.Address.Host, shellWord(t.Address.User))
	return t.printf("Run this on your own machine:\n%s\n", forum.Printable(line))
}

func (t *Text) overview(r command.Overview) error {
	width := 0
	for _, c := range r.Commands {
		width = max(width, ansi.StringWidth(c.Usage))
	}
	width = min(width, 34)
	for _, c := range r.Commands {
		if err := t.overviewLine(c, width); err != nil {
			return err
		}
	}
	return t.printf("HELP COMMAND tells more. Plain words work too, such as list. All take --json.\n")
}

func (t *Text) overviewLine(c *command.Command, width int) error {
	switch {
	case t.Look.Plain:
		return t.printf("%s: %s.\n", c.Usage, c.Help)
	case ansi.StringWidth(c.Usage) > width:
		return t.printf("%s\n%*s  %s\n", c.Usage, width, "", c.Help)
	default:
		return t.printf("%-*s  %s\n", width, c.Usage, c.Help)
	}
}

func (t *Text) manual(r command.Manual) error {
	c := r.Command
	if err := t.printf("usage: %s\n%s\n", c.Usage, c.Help); err != nil {
		return err
	}
	if c.Alias != "" && !strings.EqualFold(c.Alias, c.Name()) {
		if err := t.printf("also: %s\n", c.Alias); err != nil {
			return err
		}
	}
	if c.For > forum.Member {
		if err := t.printf("for: %ss\n", c.For); err != nil {
			return err
		}
	}
	if c.Long == "" {
		return nil
	}
	return t.printf("\n%s\n", c.Long)
}

func (t *Text) stayed(command.Stayed) error {
	return t.printf("This session stays open.\n")
}

func (t *Text) goodbye(command.Goodbye) error {
	return t.printf("Goodbye\n")
}

func (t *Text) shuttingDown(command.ShuttingDown) error {
	return t.printf("Goodbye. Server shutting down\n")
}

package render

import (
	"strings"

	"sshforum/forum"
	"sshforum/forum/command"
)

var accountRows = []row{
	// WHOAMI
	one("sshforum.identity.v1", (*Text).identity, func(r command.Identity) identityJSON {
		return identityJSON{r.User.Name, r.User.Role, utc{r.User.Created}, r.Password, r.Keys, r.Door}
	}),
	// SET
	one("sshforum.settings.v1", (*Text).settings, func(r command.Settings) settingsJSON { return newSettingsJSON(r.Preferences) }),
	// PASSWD
	one("sshforum.password-changed.v1", (*Text).passwordChanged, nothing[command.PasswordChanged]),
	// CLOSE
	one("sshforum.account-closed.v1", (*Text).accountClosed, func(r command.AccountClosed) personJSON { return newPersonJSON(r.User) }),
}

// identityJSON is the account of the person.
type identityJSON struct {
	// Name of the account.
	Person string `json:"person"`
	// `member`, `moderator` or `admin`.
	Role forum.Role `json:"role"`
	// When the account was made.
	Created utc `json:"created"`
	// Whether it has a password.
	Password bool `json:"password"`
	// How many keys it has.
	KeyCount int `json:"key_count"`
	// Door of this session, such as `shell` or `exec`.
	Door string `json:"door"`
}

// settingsJSON is the person's settings.
type settingsJSON struct {
	// Whether results are sentences, without colour and redraw.
	Plain bool `json:"plain"`
	// `auto`, `on` or `off`.
	Color string `json:"color"`
	// What rings the terminal's bell: `mentions`, `never` or `all`.
	Bell string `json:"bell"`
	// Whether the person is told when others come and go.
	Presence bool `json:"presence"`
	// Time zone of the times in text results; `server` for the server's.
	Zone string `json:"zone"`
}

func newSettingsJSON(p forum.Preferences) settingsJSON {
	word := make(map[string]string)
	for _, s := range forum.Settings {
		word[s.Name] = s.Get(p)
	}
	return settingsJSON{p.Plain, word["color"], word["bell"], !p.NoPresence, word["zone"]}
}

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
	return t.printf("Your account is closed. What you posted stays, under the name %s. Goodbye\n", forum.Printable(r.User.Name))
}

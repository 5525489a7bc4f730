package render

import (
	"fmt"

	"sshforum/forum"
	"sshforum/forum/command"
)

func (t *Text) banned(r command.Banned) error {
	return t.printf("%s is banned%s; UNBAN ends it.\n", forum.Printable(r.Whom()), t.until(r.Sanction))
}

func (t *Text) unbanned(r command.Unbanned) error {
	return t.printf("%s is not banned any more.\n", forum.Printable(r.Whom()))
}

func (t *Text) banList(r command.BanList) error {
	if len(r.Bans) == 0 {
		return t.printf("Nobody is banned.\n")
	}
	for _, b := range r.Bans {
		err := t.printf("%s%s, by %s %s: %s\n", t.Look.strong(forum.Printable(b.Whom())), t.until(b.Sanction),
			forum.Printable(b.ByName), t.Look.ago(b.Since), forum.Printable(b.Reason))
		if err != nil {
			return err
		}
	}
	return nil
}

// until says when a sanction ends, if it does.
func (t *Text) until(s forum.Sanction) string {
	if s.Until.IsZero() {
		return ""
	}
	return fmt.Sprintf(" until %s", t.Look.moment(s.Until))
}

func (t *Text) personModerated(r command.PersonModerated) error {
	name := forum.Printable(r.User.Name)
	if r.Act != forum.AuditUserSilence {
		return t.printf(moderationWords[r.Act], name)
	}
	return t.printf(moderationWords[r.Act], name, t.until(r.User.Silenced))
}

package render

import (
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

func banForm(b rules.Ban) object {
	o := object{"by": b.ByName, "since": b.Since.UTC(), "reason": b.Reason}
	if b.User != 0 {
		o["name"] = b.Name
	} else {
		o["network"] = b.Network
	}
	setTime(o, "until", b.Until)
	return o
}

func banListForm(r command.BanList) any {
	bans := make([]object, len(r.Bans))
	for i, b := range r.Bans {
		bans[i] = banForm(b)
	}
	return object{"bans": bans}
}

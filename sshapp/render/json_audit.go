package render

import (
	"sshforum/forum"
	"sshforum/forum/command"
)

func personModeratedForm(r command.PersonModerated) any {
	o := object{"name": r.User.Name, "act": r.Act}
	setText(o, "reason", r.User.Silenced.Reason)
	setTime(o, "until", r.User.Silenced.Until)
	return o
}

func auditLogForm(r command.AuditLog) any {
	entries := make([]object, len(r.Entries))
	for i, e := range r.Entries {
		entries[i] = object{
			"n": e.N, "at": e.At.UTC(), "by": e.ByName, "by_id": e.By, "act": e.Act, "object": e.Object,
			"previous": e.Previous, "hash": e.Hash,
		}
		setText(entries[i], "name", e.Name)
		setText(entries[i], "value", e.Value)
		setText(entries[i], "reason", e.Reason)
		setTime(entries[i], "until", e.Until)
	}
	return object{"entries": entries, "head": headForm(r.Head)}
}

func modlogForm(r command.Modlog) any {
	entries := make([]object, len(r.Entries))
	for i, e := range r.Entries {
		entries[i] = object{"n": e.N, "at": e.At.UTC(), "by": e.By, "act": e.Act, "object": e.Object}
		setText(entries[i], "thread", e.Thread)
		setText(entries[i], "person", e.Person)
		setText(entries[i], "value", e.Value)
		setText(entries[i], "reason", e.Reason)
		setTime(entries[i], "until", e.Until)
	}
	return object{"entries": entries, "head": headForm(r.Head)}
}

func headForm(h forum.AuditHead) object { return object{"n": h.N, "hash": h.Hash} }

func setText(o object, name, text string) {
	if text != "" {
		o[name] = text
	}
}

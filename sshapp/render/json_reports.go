package render

import (
	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

func reportedForm(r command.Reported) any {
	o := object{"id": forum.ObjectName(r.Object), "thread": r.Thread, "reason": r.Reason}
	if r.Number > 0 {
		o["number"] = r.Number
	}
	return o
}

func reportQueueForm(r command.ReportQueue) any {
	cases := make([]object, len(r.Cases))
	for i, c := range r.Cases {
		cases[i] = caseForm(c)
	}
	return object{"cases": cases}
}

func caseForm(c rules.Case) object {
	reports := make([]object, len(c.Reports))
	for i, r := range c.Reports {
		reports[i] = object{"by": r.Name, "at": r.At.UTC(), "reason": r.Reason}
		setFolded(reports[i], r.Folded, "reason")
	}
	o := object{
		"id": forum.ObjectName(c.Object), "thread": c.Thread, "author": c.Author, "excerpt": c.Excerpt, "file": c.File,
		"gone": c.Gone, "hidden": c.Hidden, "reports": reports,
	}
	setFolded(o, c.Folded, "excerpt", "file")
	return o
}

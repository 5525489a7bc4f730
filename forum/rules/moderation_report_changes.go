package rules

import "sshforum/forum"

// AuditReportResolve is the act of Resolve in the audit log.
const AuditReportResolve forum.AuditAct = "report.resolve"

// resolution returns the text for a reporter. title is "" if the reporter must not learn it.
func resolution(title, note string) string {
	if title != "" {
		title = " in " + title
	}
	return "A moderator has looked at what you reported" + title + ": " + note
}

type fileReport struct {
	origin

	Title  string
	Entry  *Target // nil for the thread itself
	Reason string
}

func (c *fileReport) apply(tx forum.Tx, u forum.User) (Reported, error) {
	if u.ID == 0 {
		return Reported{}, errNoPerson
	}
	t, r, owner, err := c.object(tx)
	switch {
	case err != nil:
		return Reported{}, err
	case owner == u.ID:
		return Reported{}, forum.Errorf(forum.Invalid, "This is your own; you can change or remove it.")
	}
	if _, again := tx.ReportBy(u.ID, r.Object); again {
		return Reported{}, forum.Errorf(forum.Conflict, "You have reported this already; a moderator will look at it.")
	}
	open := 0
	for range tx.ReportsBy(u.ID) {
		if open++; open == maxReports {
			return Reported{}, forum.Errorf(forum.Limited, "You have %d open reports, which is the most; wait until a moderator has looked at some.", maxReports)
		}
	}
	r.By, r.At, r.Reason = u.ID, tx.Time(), c.Reason
	tx.PutReport(r.Report)
	e := forum.Event{Kind: forum.ReportFiled, Actor: u.ID, Name: u.Name, Thread: t.ID, Title: t.Title}
	if r.Number > 0 {
		e.Message, e.Number, e.Shifts = r.Object, r.Number, t.Shifts
	}
	tx.Publish(e)
	return r, nil
}

// object returns the reported object, its thread and its author. A deleted or hidden object
// counts as not there, even for its author. Errors: NotFound; Conflict.
func (c *fileReport) object(tx forum.Tx) (t forum.Thread, r Reported, owner forum.UserID, err error) {
	t, err = liveThread(tx, c.Title)
	r.Thread, r.Object.Thread = t.Title, t.ID
	if err != nil || c.Entry == nil {
		return t, r, t.Creator, err
	}
	m, err := c.Entry.entry(tx, t)
	if err == nil && m.Removed.Done() {
		err = deletedAlready(t)
	}
	r.Object = m.ID
	r.Number, _ = tx.Number(m.ID)
	return t, r, m.Author, err
}

type resolveReports struct {
	origin

	Thread forum.ThreadID
	Seq    uint64 // 0 for the thread itself
	Note   string
}

func (c *resolveReports) apply(tx forum.Tx, by forum.User) (Resolved, error) {
	if !by.May(forum.SeeReports, by.ID) {
		return Resolved{}, forum.Errorf(forum.Denied, "Only a moderator can resolve reports.")
	}
	about := forum.MessageID{Thread: c.Thread, Seq: c.Seq}
	blocked := setOf(tx.Blocks(by.ID))
	r := Resolved{Case: newCase(tx, about, blocked), Note: c.Note}
	for report := range tx.ReportsOf(about) {
		r.Reports = append(r.Reports, newNamedReport(tx, report, blocked))
	}
	if len(r.Reports) == 0 {
		return Resolved{}, forum.Hinted(forum.HintReports, "", forum.Errorf(forum.NotFound, "Nothing of that id is reported."))
	}
	e := forum.Event{Kind: forum.ReportResolved}
	if t, ok := tx.Thread(c.Thread); ok && !t.Removed.Done() {
		e.Thread, e.Title = t.ID, t.Title // the reporter may learn these
	}
	e.Text = resolution(e.Title, c.Note)
	for _, report := range r.Reports {
		tx.DropReport(report.Report)
		e.Mentions = append(e.Mentions, report.By)
		markShownIfHere(tx, putOperatorMessage(tx, report.By, resolution(e.Title, c.Note)))
	}
	object := auditMessage(about)
	if c.Seq == 0 {
		object = auditThread(c.Thread)
	}
	record(tx, by, forum.AuditEntry{Act: AuditReportResolve, Object: object, Name: r.Author, Reason: c.Note})
	tx.Publish(e)
	return r, nil
}

package rules

import (
	"context"
	"slices"

	"sshforum/forum"
)

// maxReports is the highest number of open reports of one person.
const maxReports = 20

// Reported is a report as its reporter sees it.
type Reported struct {
	forum.Report
	Thread string // title
	Number uint64 // of the message; 0 for a thread or the line of an upload
}

// Report asks moderators to look at a thread, or, with a target, at an entry of it; the line of
// an upload is named by its id. Errors: Invalid reason, or the actor's own thread or entry;
// NotFound; Conflict if the actor has reported it already; Limited.
func (s *ModerationService) Report(ctx context.Context, actor Actor, title string, target *Target, reason string) (r Reported, err error) {
	if reason, err = forum.CleanReason(reason); err != nil {
		return r, err
	}
	c := &fileReport{Title: forum.TitleKey(title), Reason: reason}
	if target != nil {
		entry := target.clean()
		c.Entry = &entry
	}
	return submit(ctx, s.core, actor, c)
}

// Case has the open reports of one object: a thread or an entry.
type Case struct {
	Object  forum.MessageID // Seq is 0 for a thread
	Thread  string          // title; "" if the thread is purged
	Author  string          // who made the object; "" if it is purged
	Excerpt string          // of the present text; "" for a thread, and if the text is purged
	File    string          // name, if the object is the line of an upload
	Folded  bool            // its author is blocked by the actor: Excerpt and File are empty
	Gone    bool            // deleted, removed or purged
	Hidden  bool
	Reports []NamedReport // oldest first
}

// NamedReport is a report with its reporter's name.
type NamedReport struct {
	forum.Report
	Name   string
	Folded bool // its reporter is blocked by the actor: Reason is empty
}

func newNamedReport(r forum.Reader, report forum.Report, blocked map[forum.UserID]bool) NamedReport {
	n := NamedReport{report, authorName(r, report.By), blocked[report.By]}
	if n.Folded {
		n.Reason = ""
	}
	return n
}

// Queue returns the objects that have open reports, the first reported first; with unfold also
// the texts of people whom the actor has blocked. Errors: Denied.
func (s *ModerationService) Queue(actor Actor, unfold bool) (queue []Case, err error) {
	err = s.cfg.Store.View(func(r forum.Reader) error {
		u, err := account(r, actor.User)
		if err == nil && !u.May(forum.SeeReports, u.ID) {
			err = forum.Errorf(forum.Denied, "Only a moderator can see the reports.")
		}
		if err != nil {
			return err
		}
		var blocked map[forum.UserID]bool
		if !unfold {
			blocked = setOf(r.Blocks(u.ID))
		}
		for report := range r.Reports() {
			if last := len(queue) - 1; last < 0 || queue[last].Object != report.Object {
				queue = append(queue, newCase(r, report.Object, blocked))
			}
			c := &queue[len(queue)-1]
			c.Reports = append(c.Reports, newNamedReport(r, report, blocked))
		}
		return nil
	})
	for _, c := range queue {
		slices.SortStableFunc(c.Reports, func(a, b NamedReport) int { return a.At.Compare(b.At) })
	}
	slices.SortStableFunc(queue, func(a, b Case) int { return a.Reports[0].At.Compare(b.Reports[0].At) })
	return queue, err
}

// newCase returns the case of an object in its present state, without its reports and without
// the texts of blocked people.
func newCase(r forum.Reader, object forum.MessageID, blocked map[forum.UserID]bool) Case {
	c := Case{Object: object, Gone: true}
	t, ok := r.Thread(object.Thread)
	if !ok {
		return c
	}
	c.Thread = t.Title
	removed := t.Removed
	if object.Seq == 0 {
		c.Author = authorName(r, t.Creator)
	} else if m, ok := r.Message(object); ok {
		c.Author, c.File, c.Excerpt = author(r, m), m.Upload, excerpt(m.Text)
		if c.Folded = blocked[m.Author]; c.Folded {
			c.File, c.Excerpt = "", ""
		}
		if m.Removed.Done() {
			removed = m.Removed
		}
	} else {
		return c
	}
	c.Hidden = removed.Hidden
	if c.Gone = removed.Done() && !removed.Hidden; c.Gone {
		c.Excerpt = ""
	}
	return c
}

// Resolved is a closed case.
type Resolved struct {
	Case
	Note string
}

// Resolve closes all reports of an object. Its reporters get the note, but not the name of its
// author: now, or in a private message of the operator at their next login. Errors: Invalid
// note; Denied; NotFound if there is no open report of it.
func (s *ModerationService) Resolve(ctx context.Context, actor Actor, object forum.MessageID, note string) (r Resolved, err error) {
	if note, err = forum.CleanReason(note); err != nil {
		return r, err
	}
	return submit(ctx, s.core, actor, &resolveReports{Thread: object.Thread, Seq: object.Seq, Note: note})
}

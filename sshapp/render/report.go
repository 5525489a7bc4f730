package render

import (
	"fmt"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

var reportRows = []row{
	// REPORT
	one("sshforum.reported.v1", (*Text).reported, func(r command.Reported) reportedJSON {
		return reportedJSON{forum.ObjectName(r.Object), r.Thread, r.Number, r.Reason}
	}),
	// QUEUE
	one("sshforum.reports.v1", (*Text).reportQueue, func(r command.ReportQueue) reportQueueJSON {
		return reportQueueJSON{list(r.Cases, newCaseJSON)}
	}),
	// RESOLVE
	one("sshforum.reports-resolved.v1", (*Text).reportsResolved, func(r command.ReportsResolved) resolvedJSON {
		return resolvedJSON{newCaseJSON(r.Case), r.Note}
	}),
}

// reportedJSON is a report for its author.
type reportedJSON struct {
	// Permanent id of the reported object: a message, such as `12.7`, or a thread, such as `12`.
	ID string `json:"id"`
	// Title of the thread.
	Thread string `json:"thread"`
	// Number of the message in the thread.
	Number uint64 `json:"number,omitempty"`
	// Reason of the report.
	Reason string `json:"reason"`
}

// reportQueueJSON is the queue of reports for moderators.
type reportQueueJSON struct {
	// The reported objects, in the order of their first reports.
	Cases []caseJSON `json:"cases"`
}

// caseJSON is a reported object, with all its reports.
type caseJSON struct {
	// Permanent id of the reported object: a message, such as `12.7`, or a thread, such as `12`.
	ID string `json:"id"`
	// Title of the thread; empty if it was purged.
	Thread string `json:"thread"`
	// Name of the author of the reported object; empty if it was purged.
	By string `json:"by"`
	// The text of the message, or its beginning.
	Excerpt string `json:"excerpt,omitempty"`
	// Name of the file, if an upload is reported.
	File string `json:"file,omitempty"`
	// `shown`, `hidden` by a moderator, or `removed`.
	State string `json:"state"`
	// Whether it is by a person whom the reader has blocked; then it has neither excerpt nor
	// file.
	Folded bool `json:"folded,omitempty"`
	// The reports, the oldest first.
	Reports []reportJSON `json:"reports"`
}

// reportJSON is one person's report.
type reportJSON struct {
	// Name of the person who reported it.
	By string `json:"by"`
	// When it was reported.
	At utc `json:"at"`
	// Reason of the report.
	Reason string `json:"reason,omitempty"`
	// Whether it is by a person whom the reader has blocked; then it has no reason.
	Folded bool `json:"folded,omitempty"`
}

// resolvedJSON is a reported object whose reports were closed.
type resolvedJSON struct {
	caseJSON
	// The text that the reporters are told.
	Note string `json:"note"`
}

func newCaseJSON(c rules.Case) caseJSON {
	state := "shown"
	switch {
	case c.Hidden:
		state = "hidden"
	case c.Gone:
		state = "removed"
	}
	return caseJSON{
		ID: forum.ObjectName(c.Object), Thread: c.Thread, By: c.Author, Excerpt: c.Excerpt, File: c.File, State: state, Folded: c.Folded,
		Reports: list(c.Reports, func(r rules.NamedReport) reportJSON {
			return reportJSON{r.Name, utc{r.At}, r.Reason, r.Folded}
		}),
	}
}

func (t *Text) reported(r command.Reported) error {
	what := "Thread " + forum.Printable(r.Thread)
	switch {
	case r.Number > 0:
		what = fmt.Sprintf("Message %d of %s", r.Number, forum.Printable(r.Thread))
	case r.Object.Seq > 0:
		what = fmt.Sprintf("The entry %s of %s", r.Object, forum.Printable(r.Thread))
	}
	return t.printf("%s is reported; a moderator will look at it.\n", what)
}

func (t *Text) reportQueue(r command.ReportQueue) error {
	if len(r.Cases) == 0 {
		return t.printf("Nothing is reported.\n")
	}
	for _, c := range r.Cases {
		if err := t.printf("%s  %s, %s\n", t.Look.strong(forum.ObjectName(c.Object)), reportedThing(c), Count(len(c.Reports), "report")); err != nil {
			return err
		}
		if c.Folded {
			c.Excerpt = foldedWords("by "+c.Author, "QUEUE")
		}
		if c.Excerpt != "" {
			if err := t.printf("    %s\n", indented(c.Excerpt)); err != nil {
				return err
			}
		}
		for _, report := range c.Reports {
			if report.Folded {
				report.Reason = foldedWords("by "+report.Name, "QUEUE")
			}
			err := t.printf("    - %s, %s: %s\n", forum.Printable(report.Name), t.Look.ago(report.At), forum.Printable(report.Reason))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// reportedThing describes the object of a case.
func reportedThing(c rules.Case) string {
	if c.Author == "" {
		return "gone for good"
	}
	thread, state := forum.Printable(c.Thread), ""
	switch {
	case c.Hidden:
		state = " (hidden)"
	case c.Gone:
		state = " (removed)"
	}
	what := "thread " + thread + " of "
	switch {
	case c.File != "":
		what = "file " + forum.Printable(c.File) + " in " + thread + " by "
	case c.Object.Seq > 0:
		what = "in " + thread + " by "
	}
	return what + forum.Printable(c.Author) + state
}

func (t *Text) reportsResolved(r command.ReportsResolved) error {
	return t.printf("%s of %s closed.\n", Count(len(r.Reports), "report"), forum.ObjectName(r.Object))
}

package render

import (
	"fmt"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
)

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

// reportedThing says what a case is about.
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

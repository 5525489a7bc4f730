package storage

import (
	"encoding/binary"
	"iter"

	"sshforum/forum"
)

type reportRow struct {
	At     int64  `cbor:"1,keyasint,omitempty"`
	Reason string `cbor:"2,keyasint,omitempty"`
}

// reportID identifies a report: its object and its reporter.
type reportID struct {
	object forum.MessageID
	by     forum.UserID
}

var reportRecords = records[reportID, forum.Report, reportRow]{
	reportsBucket, reportKey, parseReportKey,
	func(r forum.Report) reportRow { return reportRow{At: toNanos(r.At), Reason: r.Reason} },
	func(row reportRow, id reportID) forum.Report {
		return forum.Report{Object: id.object, By: id.by, At: fromNanos(row.At), Reason: row.Reason}
	},
}

func reportKey(id reportID) []byte {
	return binary.BigEndian.AppendUint64(messageKey(id.object), uint64(id.by))
}

func reporterKey(by forum.UserID, object forum.MessageID) []byte {
	return append(userKey(by), messageKey(object)...)
}

func parseReportKey(k []byte) (id reportID, ok bool) {
	if len(k) != 24 {
		return id, false
	}
	id.object, ok = parseMessageKey(k[:16])
	id.by = forum.UserID(binary.BigEndian.Uint64(k[16:]))
	return id, ok
}

func (r *reader) ReportBy(by forum.UserID, object forum.MessageID) (forum.Report, bool) {
	return reportRecords.find(r, reportID{object, by})
}

func (r *reader) Reports() iter.Seq[forum.Report] { return reportRecords.within(r, nil) }

func (r *reader) ReportsOf(object forum.MessageID) iter.Seq[forum.Report] {
	return reportRecords.within(r, messageKey(object))
}

func (r *reader) ReportsIn(thread forum.ThreadID) iter.Seq[forum.Report] {
	return reportRecords.within(r, threadKey(thread))
}

func (r *reader) ReportsBy(reporter forum.UserID) iter.Seq[forum.Report] {
	return func(yield func(forum.Report) bool) {
		prefix := userKey(reporter)
		r.scan(reportersBucket, prefix, prefix, func(k, _ []byte) bool {
			object, ok := parseMessageKey(k[len(prefix):])
			if !ok {
				r.fail(reportersBucket, k, errMalformed)
				return false
			}
			report, ok := r.ReportBy(reporter, object)
			return !ok || yield(report)
		})
	}
}

func (t *tx) PutReport(r forum.Report) {
	reportRecords.put(t, reportID{r.Object, r.By}, r)
	t.put(reportersBucket, reporterKey(r.By, r.Object), presentValue)
}

func (t *tx) DropReport(r forum.Report) {
	reportRecords.drop(t, reportID{r.Object, r.By})
	t.drop(reportersBucket, reporterKey(r.By, r.Object))
}

// reports checks that each report is an account's and is found from both sides. The object of a
// report may be gone.
func (c *checker) reports() {
	for r := range c.Reports() {
		if !c.exists(r.By) || r.Object.Thread == 0 {
			c.Report("the report of %s by user %d has no reporter or no object", r.Object, r.By)
		}
		c.keys[reportersBucket]++
		c.mustHave(reportersBucket, reporterKey(r.By, r.Object))
	}
}

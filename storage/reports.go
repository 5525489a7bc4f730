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

func reportKey(object forum.MessageID, by forum.UserID) []byte {
	return binary.BigEndian.AppendUint64(messageKey(object), uint64(by))
}

func reporterKey(by forum.UserID, object forum.MessageID) []byte {
	return append(userKey(by), messageKey(object)...)
}

func parseReportKey(k []byte) (object forum.MessageID, by forum.UserID, ok bool) {
	if len(k) != 24 {
		return object, 0, false
	}
	object, ok = parseMessageKey(k[:16])
	return object, forum.UserID(binary.BigEndian.Uint64(k[16:])), ok
}

func (r *reader) ReportBy(by forum.UserID, object forum.MessageID) (forum.Report, bool) {
	row, ok := load[reportRow](r, reportsBucket, reportKey(object, by))
	if !ok {
		return forum.Report{}, false
	}
	return forum.Report{Object: object, By: by, At: fromNanos(row.At), Reason: row.Reason}, true
}

func (r *reader) Reports() iter.Seq[forum.Report] { return r.reports(nil) }

func (r *reader) ReportsOf(object forum.MessageID) iter.Seq[forum.Report] {
	return r.reports(messageKey(object))
}

func (r *reader) ReportsIn(thread forum.ThreadID) iter.Seq[forum.Report] {
	return r.reports(threadKey(thread))
}

func (r *reader) reports(prefix []byte) iter.Seq[forum.Report] {
	return func(yield func(forum.Report) bool) {
		r.scan(reportsBucket, prefix, prefix, func(k, v []byte) bool {
			object, by, ok := parseReportKey(k)
			if !ok {
				r.fail(reportsBucket, k, errMalformed)
				return false
			}
			row, ok := decode[reportRow](r, reportsBucket, k, v)
			return ok && yield(forum.Report{Object: object, By: by, At: fromNanos(row.At), Reason: row.Reason})
		})
	}
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
	store(t, reportsBucket, reportKey(r.Object, r.By), reportRow{At: toNanos(r.At), Reason: r.Reason})
	t.put(reportersBucket, reporterKey(r.By, r.Object), present)
}

func (t *tx) DropReport(r forum.Report) {
	t.drop(reportsBucket, reportKey(r.Object, r.By))
	t.drop(reportersBucket, reporterKey(r.By, r.Object))
}

// reports checks that each is somebody's, and found from both sides. What it is about may
// be gone.
func (c *checker) reports() {
	for r := range c.Reports() {
		if !c.exists(r.By) || r.Object.Thread == 0 {
			c.Report("the report of %s by user %d is nobody's, or about nothing", r.Object, r.By)
		}
		c.keys[reportersBucket]++
		c.mustHave(reportersBucket, reporterKey(r.By, r.Object))
	}
}

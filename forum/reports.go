package forum

import (
	"iter"
	"time"
)

// Report is a person's request to moderators to look at something. It is open as long as it is
// stored.
type Report struct {
	Object MessageID // a thread has Seq 0
	By     UserID
	At     time.Time
	Reason string
}

// ReportReader is the part of Reader for open reports.
type ReportReader interface {
	ReportBy(by UserID, object MessageID) (Report, bool)
	Reports() iter.Seq[Report]                   // by object, then reporter
	ReportsOf(object MessageID) iter.Seq[Report] // by reporter
	ReportsIn(thread ThreadID) iter.Seq[Report]  // of the thread and its entries
	ReportsBy(reporter UserID) iter.Seq[Report]  // by object
}

// ReportTx is the part of Tx for open reports.
type ReportTx interface {
	PutReport(r Report)
	DropReport(r Report)
}

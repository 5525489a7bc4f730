package boltfile

import (
	"io"
	"log/slog"
	"os"
	"time"
)

// slowToOpen is the size from which opening a file that is not in memory is felt. All
// of it is read to find the free pages.
const slowToOpen = 64 << 20

// progress tells the log, once a second, how far the opening of a large file is.
type progress struct {
	log   *slog.Logger
	path  string
	total int64
	met   int64
	shown time.Time
}

func (p *progress) add(bytes int64) {
	p.met += bytes
	if time.Since(p.shown) > time.Second {
		p.shown = time.Now()
		p.log.Info("opening the store", "file", p.path, "percent", 100*p.met/p.total)
	}
}

// readAhead reads a large file once. It is a help and no more, so it has no errors.
func readAhead(p progress) {
	if p.total < slowToOpen {
		return
	}
	f, err := os.Open(p.path)
	if err != nil {
		return
	}
	defer func() { _ = f.Close() }()
	p.log.Info("opening the store", "file", p.path, "bytes", p.total)
	for err == nil {
		var n int64
		n, err = io.CopyN(io.Discard, f, slowToOpen)
		p.add(n)
	}
}

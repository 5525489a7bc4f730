package boltfile

import (
	"io"
	"log/slog"
	"os"
	"time"
)

// slowToOpen is the size in bytes from which opening a file that is not cached takes noticeable
// time. All of the file is read to find the free pages.
const slowToOpen = 64 << 20

// progress logs, once a second, how much of a large file has been opened.
type progress struct {
	log   *slog.Logger
	path  string
	total int64
	read  int64
	shown time.Time
}

func (p *progress) add(bytes int64) {
	p.read += bytes
	if time.Since(p.shown) > time.Second {
		p.shown = time.Now()
		p.log.Info("opening the store", "file", p.path, "percent", 100*p.read/p.total)
	}
}

// readAhead reads a large file once, so that later reads are cached. It ignores errors, since
// nothing depends on it.
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

package boltfile

import (
	"errors"
	"fmt"
	"os"
	"time"

	"sshforum/forum"
)

// remindEvery is the interval at which a missing file is logged, as long as there are attempts
// to write.
const remindEvery = time.Minute

var errReplaced = errors.New("another file is there")

// mayWrite returns an error if the commit id must not be begun.
func (f *File) mayWrite(id int) error {
	if id != f.last+1 {
		f.broken.Store(true)
		f.log.Error("the file was overwritten while it was open; nothing more is stored until the next start", "file", f.path)
		return f.brokenError(nil)
	}
	return f.inPlace("")
}

// inPlace returns an error if the path no longer leads to the opened file, for example after
// rm, mv or a restore. The opened file exists only as long as this process then, and commits to
// it may be lost. The error's sentence says so, with besides inserted.
func (f *File) inPlace(besides string) error {
	info, err := os.Stat(f.path)
	if err == nil && !os.SameFile(info, f.info) {
		err = errReplaced
	}
	if err == nil {
		if f.away {
			f.away = false
			f.log.Warn("the file is at its place again; it is written to as before", "file", f.path)
		}
		return nil
	}
	if !f.away || time.Since(f.warned) >= remindEvery {
		f.away, f.warned = true, time.Now()
		f.log.Error("the file is not at its place any more; nothing more is stored until it is back", "file", f.path, "error", err)
	}
	return &forum.Error{
		Kind: forum.Unavailable, Err: err,
		Msg: fmt.Sprintf("The server's data file was moved, removed or replaced%s; %s can be stored until the operator has put it back.", besides, f.options.Refused),
	}
}

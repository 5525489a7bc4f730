package pair

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"sshforum/storage/boltfile"
)

// Scrubber reads everything in both files again and again, so that damage is found while
// there is still a backup from before it. Reading checks; the log is told of what does not
// match.
type Scrubber struct {
	Files *Files
	Every time.Duration // in which all is read once, of time in which the server runs
	Log   *slog.Logger

	// Sleep waits, and returns an error when ctx ends before.
	Sleep func(ctx context.Context, d time.Duration) error

	at scrubState
}

// scrubState is how far a round has come. It is stored now and then, so that a round goes
// on after a restart.
type scrubState struct {
	File   int // 0 for the rows, 1 for the contents, 2 when both are read
	Place  boltfile.Place
	Read   int64         // bytes in this round
	Waited time.Duration // between two reads, and after the last

	LeftOut bool // a file, or some of it, since its pages are damaged
}

const (
	// scrubStep is how many bytes are read in one transaction.
	scrubStep = 1 << 20

	// settle is how long after a start nothing is read.
	settle = time.Minute

	// storeEvery is how much of a round can be lost to a restart.
	storeEvery = time.Hour
)

// Run goes on until ctx ends. Errors: Stopping when a file is closed; Internal when one
// cannot be read at all.
func (s *Scrubber) Run(ctx context.Context) error {
	state, err := s.Files.Contents.Scrubbed()
	if err == nil && state != nil {
		err = json.Unmarshal(state, &s.at)
	}
	if err != nil {
		s.Log.Warn("how far the check of all files had come is lost; it begins anew", "error", err)
		s.at = scrubState{}
	}
	for err = s.Sleep(ctx, settle); err == nil; {
		if err = s.round(ctx); err == nil {
			s.at = scrubState{}
		}
		s.store()
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// round reads what is left of a round, and waits for its end.
func (s *Scrubber) round(ctx context.Context) error {
	files := []*boltfile.File{s.Files.Rows.File(), s.Files.Contents.File()}
	var total int64
	for _, f := range files {
		size, err := f.Size()
		if err != nil {
			return err
		}
		total += size
	}
	for s.at.File < len(files) {
		read, err := s.step(ctx, files[s.at.File])
		if err != nil {
			return err
		}
		s.at.Read += read
		if err := s.wait(ctx, time.Duration(float64(s.Every)*float64(read)/float64(total))); err != nil {
			return err
		}
		if s.at.File == len(files) && !s.at.LeftOut {
			s.Log.Info("all rows and contents were read and checked", "bytes", s.at.Read)
		}
	}
	return s.wait(ctx, s.Every-s.at.Waited)
}

// wait sleeps, and stores how far the round has come whenever storeEvery has passed.
func (s *Scrubber) wait(ctx context.Context, d time.Duration) error {
	for d > 0 {
		step := min(d, storeEvery-s.at.Waited%storeEvery)
		if err := s.Sleep(ctx, step); err != nil {
			return err
		}
		d -= step
		if s.at.Waited += step; s.at.Waited%storeEvery == 0 {
			s.store()
		}
	}
	return nil
}

// step reads on in a file, and goes to the next one at its end, or when its pages are
// damaged: bbolt would follow them anywhere.
func (s *Scrubber) step(ctx context.Context, f *boltfile.File) (read int64, err error) {
	if s.at.Place.Bucket == "" {
		found := boltfile.NewFindings("pages")
		found.Met = func(int64) error { return ctx.Err() }
		if err := f.CheckPages(found); err != nil {
			return 0, err
		}
		if err := found.Err(); err != nil {
			s.Log.Error("a file is damaged; run sshforum check, and restore it from a backup", "error", err)
			s.leaveOut()
			return 0, nil
		}
	}
	next, read, err := f.Walk(s.at.Place, scrubStep)
	var crash *boltfile.Crash
	if errors.As(err, &crash) {
		s.Log.Error("a file cannot be read; run sshforum check, and restore it from a backup", "error", err)
		s.leaveOut()
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if s.at.Place = next; next.Bucket == "" {
		s.at.File++
	}
	return read, nil
}

// leaveOut goes to the next file.
func (s *Scrubber) leaveOut() {
	s.at.File++
	s.at.Place, s.at.LeftOut = boltfile.Place{}, true
}

func (s *Scrubber) store() {
	state, err := json.Marshal(s.at)
	if err == nil {
		err = s.Files.Contents.SetScrubbed(state)
	}
	if err != nil {
		s.Log.Debug("how far the check of all files has come is not stored", "error", err)
	}
}

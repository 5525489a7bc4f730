package pair

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"sshforum/storage/boltfile"
)

// Scrubber reads everything in both files again and again, so that damage is found while there
// is still a backup from before it. Each read checks checksums, and mismatches are logged.
type Scrubber struct {
	Files *Files
	Every time.Duration // length of a round, in time that the server runs
	Log   *slog.Logger

	// Sleep waits for d, and returns an error if ctx ends before.
	Sleep func(ctx context.Context, d time.Duration) error

	at scrubState
}

// scrubState is the progress of a round. It is stored now and then, so that a round continues
// after a restart.
type scrubState struct {
	File   int // 0 for the rows, 1 for the contents, 2 after both
	Place  boltfile.Place
	Read   int64         // bytes in this round
	Waited time.Duration // total time of waiting after reads

	LeftOut bool // a file, or a part of it, was skipped because its pages are damaged
}

const (
	// scrubStep is how many bytes are read in one transaction.
	scrubStep = 1 << 20

	// startDelay is the time after a start in which nothing is read.
	startDelay = time.Minute

	// storeEvery is the most of a round that a restart can lose.
	storeEvery = time.Hour
)

// Run scrubs until ctx ends. Errors: Stopping if a file is closed; Internal if one cannot be
// read at all.
func (s *Scrubber) Run(ctx context.Context) error {
	state, err := s.Files.Contents.Scrubbed()
	if err == nil && state != nil {
		err = json.Unmarshal(state, &s.at)
	}
	if err != nil {
		s.Log.Warn("the progress of the file check is lost; it starts again", "error", err)
		s.at = scrubState{}
	}
	for err = s.Sleep(ctx, startDelay); err == nil; {
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

// round reads the rest of a round, and waits for its end.
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

// wait sleeps, and stores the progress of the round each time storeEvery has passed.
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

// step reads on in a file. It goes to the next file at the end of this one, or if its pages are
// damaged, since bbolt would follow them anywhere.
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

// leaveOut skips the rest of the file.
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

package main

import (
	"context"
	"sync"
	"time"

	"sshforum/forum/rules"
	"sshforum/storage"
	"sshforum/storage/blobs"
	"sshforum/storage/boltfile"
)

// unwatchedFor is how long a check runs on if nobody asks for its progress.
const unwatchedFor = 30 * time.Second

// checkup is the progress of the running check, if there is one.
type checkup struct {
	mu          sync.Mutex
	unwatched   *time.Timer
	done, total int64 // bytes
}

// begin starts a check, or returns false if one is already running. It calls giveUp after
// unwatchedFor without a call of progress.
func (c *checkup) begin(giveUp func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.unwatched != nil {
		return false
	}
	c.unwatched = time.AfterFunc(unwatchedFor, giveUp)
	c.done, c.total = 0, 0
	return true
}

func (c *checkup) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unwatched.Stop()
	c.unwatched = nil
}

func (c *checkup) expect(bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total += bytes
}

func (c *checkup) met(bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done += bytes
}

// progress returns the progress in percent, at most 99, and restarts the time of unwatchedFor.
func (c *checkup) progress() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.unwatched != nil {
		c.unwatched.Reset(unwatchedFor)
	}
	return int(min(99, 100*c.done/max(1, c.total)))
}

// checkFile checks the pages and rows of a file, and adds the findings to found.
func (c *Control) checkFile(ctx context.Context, name string, check func(*boltfile.Findings) error, found *Checked) error {
	in := boltfile.NewFindings(name)
	in.Met = func(bytes int64) error {
		c.checkup.met(bytes)
		return ctx.Err()
	}
	err := check(in)
	for _, finding := range in.All() {
		found.Findings = append(found.Findings, finding.Error())
	}
	return err
}

// check checks both files and, if they are sound, the references between them.
func (c *Control) check(ctx context.Context, contents bool, found *Checked) (err error) {
	if found.Rows, err = c.stores.Rows.File().Size(); err != nil {
		return err
	}
	size, err := c.stores.Contents.File().Size()
	if err != nil {
		return err
	}
	used, err := c.service.BytesOfFiles()
	if err != nil {
		return err
	}
	c.checkup.expect(2*found.Rows + size + used) // pages and rows; pages; files
	err = c.checkFile(ctx, storage.FileName, c.stores.Rows.CheckRows, found)
	if err == nil {
		err = c.checkFile(ctx, blobs.FileName, c.stores.Contents.CheckRows, found)
	}
	if err != nil || len(found.Findings) > 0 {
		return err
	}
	return c.service.CheckFiles(ctx, contents, func(bytes int64) {
		c.checkup.met(bytes)
		found.Files++
	}, func(f rules.NamedFile, state rules.ContentState) {
		found.Findings = append(found.Findings, f.String()+": its content is "+string(state)+"; the same file sent again mends it")
	})
}

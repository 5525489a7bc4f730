package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/rpc"
	"time"

	"sshforum/forum"
	"sshforum/storage/boltfile"
)

type checkCmd struct {
	Contents bool `help:"Read the contents of all files as well, which takes as long as reading files.db does."`
}

// Run looks for damage, and shows the progress once a second.
func (c checkCmd) Run(p *program) error {
	var done Checked
	err := p.operate(func(client *rpc.Client) error {
		return watchCheck(client, client.Go("Control.Check", c.Contents, &done, nil), p.stderr)
	})
	if err != nil {
		return err
	}
	for _, finding := range done.Findings {
		fmt.Fprintln(p.stdout, forum.Printable(finding))
	}
	if n := len(done.Findings); n > 0 {
		return fmt.Errorf("the check has found damage (%s); restore the data directory from a backup, docs/operating.md says how", count(n, "line"))
	}
	looked := "were checked, but not their contents; --contents checks these too"
	if c.Contents {
		looked = "with their contents were checked"
	}
	fmt.Fprintf(p.stdout, "All is as it should be. %d bytes of rows and %s %s.\n", done.Rows, count(done.Files, "file"), looked)
	return nil
}

// watchCheck waits for the end of a check, and writes its progress to w.
func watchCheck(client *rpc.Client, check *rpc.Call, w io.Writer) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for shown := -1; ; {
		select {
		case <-check.Done:
			return check.Error
		case <-ticker.C:
		}
		var percent int
		if err := client.Call("Control.CheckProgress", None{}, &percent); err != nil {
			return errors.Join(err, (<-check.Done).Error)
		}
		if percent != shown {
			shown = percent
			fmt.Fprintf(w, "%d%% done\n", percent)
		}
	}
}

// Checked is the result of a check.
type Checked struct {
	Findings []string
	Rows     int64 // in bytes
	Files    int
}

// Check looks for damage in everything that is stored, while the forum is used. It ends early
// if nobody asks for its progress for unwatchedFor. Errors: one if a check is already running.
func (c *Control) Check(contents bool, done *Checked) error {
	ctx, cancel := context.WithCancel(c.ctx)
	defer cancel()
	if !c.checkup.begin(cancel) {
		return errors.New("a check is running already; wait for its end")
	}
	defer c.checkup.end()
	err := c.check(ctx, contents, done)
	switch {
	case c.ctx.Err() != nil:
		return explained(boltfile.StoppingError())
	case ctx.Err() != nil:
		return errors.New("the check was stopped because nobody waited for it")
	}
	return explained(err)
}

// CheckProgress returns the progress of the running check, in percent.
func (c *Control) CheckProgress(_ None, percent *int) error {
	*percent = c.checkup.progress()
	return nil
}

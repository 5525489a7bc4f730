package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/storage/pair"
)

type pairCmd struct{}

func (pairCmd) Run(p *program) error {
	config, err := p.config()
	if err != nil {
		return err
	}
	return pairStores(context.Background(), config, newLogger(config.LogLevel, p.stderr), p.stdout)
}

// pairStores pairs the two files in config's data directory, and lists the files whose content
// is missing.
func pairStores(ctx context.Context, config *Config, log *slog.Logger, stdout io.Writer) error {
	hub := forum.NewHub()
	stores, refused, err := pair.Join(config.DataDir, storeOptions(config, hub, log))
	if err != nil {
		return err
	}
	f, err := newForum(config, hub, stores, nil, log)
	if err == nil && refused == nil {
		fmt.Fprintf(stdout, "The files in %s belong together; nothing was changed.\n", config.DataDir)
	}
	if err == nil && refused != nil {
		err = f.pair(ctx, config, refused, stdout)
	}
	return errors.Join(err, stores.Close())
}

// pair pairs both files anew. If it is interrupted the files are not paired, and it can be
// repeated.
func (f *openedForum) pair(ctx context.Context, config *Config, refused error, stdout io.Writer) error {
	reason, _, _ := strings.Cut(forum.Explain(refused), "; ")
	inside := filepath.Clean(config.DataDir) + string(filepath.Separator)
	pairing := forum.NewPairing()
	err := f.service.Pair(ctx, rules.Operator(), pairing, strings.ReplaceAll(reason, inside, ""))
	if err != nil {
		return err
	}
	if err := f.stores.Contents.SetPairing(pairing); err != nil {
		return err
	}
	lost, err := f.service.LostFiles()
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s.\nFrom now on they belong together. Contents that no file has are kept for %s of running.\n", reason, forum.DurationText(config.Storage.SweepAfter))
	if len(lost) > 0 {
		fmt.Fprintf(stdout, "The content of %s is not there:\n", count(len(lost), "file"))
	}
	for _, l := range lost {
		fmt.Fprintf(stdout, "  %s\n", forum.Printable(l.String()))
	}
	return nil
}

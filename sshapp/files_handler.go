package sshapp

import (
	"context"
	"log/slog"
	"time"

	"charm.land/ssh"

	"sshforum/forum/command"
	"sshforum/forum/rules"
)

// filesConfig is what a filesHandler needs. IdleTimeout may be 0; all else must be set.
type filesConfig struct {
	Service  *rules.Service
	Commands *command.Table // whose names no tool has

	// Stopping ends when the server stops, with the reason as its cause: nothing more is opened
	// then.
	Stopping context.Context

	OpenFiles   int           // over SFTP, at once, in one connection
	IdleTimeout time.Duration // that nothing may go over SFTP; 0 for ever
}

// filesHandler serves the file tree, over SFTP and to the tools that clients expect to find.
type filesHandler struct {
	cfg     filesConfig
	threads *threadFiles
}

// newFilesHandler returns a handler.
func newFilesHandler(cfg filesConfig) *filesHandler {
	return &filesHandler{cfg: cfg, threads: newThreadFiles()}
}

// filesSession is a session whose client asks for files.
type filesSession interface {
	ssh.Session

	// Log returns what the session logs to.
	Log() *slog.Logger

	// Limits bound what the session's connection has open.
	Limits() *limits
}

// filesIn returns the files that somebody sees in a place, by name: those of all, but not of
// people they have blocked, and their own uploads that others do not see.
func (h *filesHandler) filesIn(ctx context.Context, actor rules.Actor, at rules.Place) ([]rules.FileInfo, error) {
	return filesIn(ctx, h.cfg.Service, actor, at)
}

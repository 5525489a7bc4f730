package files

import (
	"context"
	"log/slog"
	"time"

	"charm.land/ssh"

	"sshforum/forum/command"
	"sshforum/forum/rules"
)

// Config is what a Handler needs. IdleTimeout may be 0; all else must be set.
type Config struct {
	Service  *rules.Service
	Commands *command.Table // whose names no tool has

	// Stopping ends when the server stops, with the reason as its cause: nothing more is opened
	// then.
	Stopping context.Context

	OpenFiles   int           // over SFTP, at once, in one connection
	IdleTimeout time.Duration // that nothing may go over SFTP; 0 for ever
}

// Handler serves the file tree, over SFTP and to the tools that clients expect to find.
type Handler struct {
	cfg     Config
	threads *threadFiles
}

// New returns a handler.
func New(cfg Config) *Handler {
	return &Handler{cfg: cfg, threads: newThreadFiles()}
}

// Session is a session whose client asks for files.
type Session interface {
	ssh.Session

	// Log returns what the session logs to.
	Log() *slog.Logger

	// Limits bound what the session's connection has open.
	Limits() *Limits
}

// Files returns the files that somebody sees in a place, by name: those of all, but not of
// people they have blocked, and their own uploads that others do not see.
func (h *Handler) Files(ctx context.Context, actor rules.Actor, at rules.Place) ([]rules.FileInfo, error) {
	return filesIn(ctx, h.cfg.Service, actor, at)
}

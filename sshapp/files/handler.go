package files

import (
	"context"
	"log/slog"
	"time"

	"charm.land/ssh"

	"sshforum/forum/command"
	"sshforum/forum/rules"
)

// Config is the configuration of a Handler. IdleTimeout may be 0; all other fields must be set.
type Config struct {
	Service  *rules.Service
	Commands *command.Table // no tool has the name of a command

	// Stopping ends when the server stops, with the reason as its cause. Nothing is opened
	// after that.
	Stopping context.Context

	OpenFiles   int           // limit of open files over SFTP in one connection
	IdleTimeout time.Duration // how long nothing may pass over SFTP; 0 means for ever
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

	// Log returns the session's logger.
	Log() *slog.Logger

	// Limits returns the limits on the open files of the session's connection.
	Limits() *Limits
}

// Files returns the files that the actor sees in a place, sorted by name: the files of all
// people except those whom the actor has blocked, and the actor's own parts, which others do
// not see.
func (h *Handler) Files(ctx context.Context, actor rules.Actor, at rules.Place) ([]rules.FileInfo, error) {
	return filesIn(ctx, h.cfg.Service, actor, at)
}

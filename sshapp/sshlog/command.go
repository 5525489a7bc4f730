package sshlog

import (
	"context"
	"log/slog"
	"time"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
	"sshforum/sshapp/exit"
)

// Command logs one command, never its text.
func Command(log *slog.Logger, actor rules.Actor, verb string, args command.Args, err error, took time.Duration) {
	level, result := slog.LevelInfo, "ok"
	attrs := []slog.Attr{
		slog.String("session", actor.Session), slog.String("user", actor.Name),
		slog.String("door", actor.Door), slog.String("verb", verb),
	}
	if thread := args.Word("thread"); thread != "" {
		attrs = append(attrs, slog.String("thread", Text(thread)))
	}
	switch {
	case err == nil:
	case exit.Interrupted(err):
		result = "interrupted"
	default:
		kind := forum.KindOf(err)
		result = kind.String()
		if kind == forum.Internal || kind == forum.Unavailable {
			level = slog.LevelError
			attrs = append(attrs, slog.String("error", Text(err.Error())))
		}
	}
	attrs = append(attrs, slog.String("result", result), slog.Duration("duration", took))
	log.LogAttrs(context.Background(), level, "command", attrs...)
}

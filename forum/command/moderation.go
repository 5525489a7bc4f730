package command

import (
	"cmp"
	"context"
	"strings"
	"time"

	"sshforum/forum"
)

// auditShown is how many entries of the audit log are shown by default.
const auditShown = 50

func auditLog(ctx context.Context, c *Call) (Result, error) {
	n, err := c.Args.Number("last")
	if err != nil {
		return nil, err
	}
	log, err := c.Service.Audit(c.Actor, cmp.Or(n, auditShown))
	return AuditLog{log}, err
}

func modlog(ctx context.Context, c *Call) (Result, error) {
	n, err := c.Args.Number("last")
	if err != nil {
		return nil, err
	}
	log, err := c.Service.Modlog(c.Actor, cmp.Or(n, auditShown))
	return Modlog{log}, err
}

func lock(ctx context.Context, c *Call) (Result, error) {
	t, err := c.Service.LockThread(ctx, c.Actor, c.Args.Word("thread"), c.Args.Rest())
	return ThreadModerated{t, forum.AuditThreadLock}, err
}

func unlock(ctx context.Context, c *Call) (Result, error) {
	t, err := c.Service.UnlockThread(ctx, c.Actor, c.Args.Word("thread"))
	return ThreadModerated{t, forum.AuditThreadUnlock}, err
}

func pin(ctx context.Context, c *Call) (Result, error) {
	t, err := c.Service.PinThread(ctx, c.Actor, c.Args.Word("thread"), true)
	return ThreadModerated{t, forum.AuditThreadPin}, err
}

func unpin(ctx context.Context, c *Call) (Result, error) {
	t, err := c.Service.PinThread(ctx, c.Actor, c.Args.Word("thread"), false)
	return ThreadModerated{t, forum.AuditThreadUnpin}, err
}

func slow(ctx context.Context, c *Call) (Result, error) {
	var interval time.Duration
	if word := c.Args.Word("interval"); !strings.EqualFold(word, "off") {
		var err error
		if interval, err = parseAgo(word); err != nil {
			return nil, c.Args.Errorf("the time between two messages is written 30s, 5m or off")
		}
	}
	t, err := c.Service.SlowThread(ctx, c.Actor, c.Args.Word("thread"), interval)
	return ThreadModerated{t, forum.AuditThreadSlow}, err
}

func silence(ctx context.Context, c *Call) (Result, error) {
	until, err := c.until("for")
	if err != nil {
		return nil, err
	}
	u, err := c.Service.Silence(ctx, c.Actor, c.Args.Word("user"), until, c.Args.Rest())
	return PersonModerated{u, forum.AuditUserSilence}, err
}

func unsilence(ctx context.Context, c *Call) (Result, error) {
	u, err := c.Service.Unsilence(ctx, c.Actor, c.Args.Word("user"))
	return PersonModerated{u, forum.AuditUserUnsilence}, err
}

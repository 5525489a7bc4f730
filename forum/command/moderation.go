package command

import (
	"cmp"
	"context"
)

// auditShown is how many entries of the audit log are shown unless more are asked for.
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

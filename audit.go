package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/rpc"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// auditCmd has the subcommands for the audit log.
type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Check that the audit log is unchanged, also while the server runs."`
}

type auditVerifyCmd struct {
	Head string `placeholder:"HASH" help:"A head of the log that was kept, from MODLOG or the server's log: say whether the log still has it."`
}

func (c *auditVerifyCmd) Run(p *program) error {
	var known forum.AuditHash
	if c.Head != "" {
		var err error
		if known, err = forum.ParseAuditHash(c.Head); err != nil {
			return err
		}
	}
	var v rules.AuditVerdict
	err := p.operate(func(client *rpc.Client) error { return client.Call("Control.VerifyAudit", known, &v) })
	if err != nil {
		return err
	}
	if v.Broken > 0 {
		err = fmt.Errorf("entry %d of the audit log is not as it was written", v.Broken)
	}
	if !v.Known {
		err = errors.Join(err, fmt.Errorf("the audit log has no entry %s; it was rewritten or cut since", known))
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "The audit log is as it was written: %s, head %s\n", entries(v.Sound.N), v.Sound.Hash)
	return nil
}

func entries(n uint64) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

// logAudit logs the head of the audit log, so that anyone who keeps the log can verify it
// later.
func (f *openedForum) logAudit(log *slog.Logger) {
	head, err := f.service.AuditHead()
	if err != nil {
		log.Error("audit log", "error", err)
		return
	}
	log.Info("audit log", "entries", head.N, "head", head.Hash.String())
}

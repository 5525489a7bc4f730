package main

import (
	"fmt"
	"net/rpc"
	"strings"
	"text/tabwriter"
	"time"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// banCmd has the subcommands for bans.
type banCmd struct {
	Add  banAddCmd  `cmd:"" help:"Keep an account, an address or a network out."`
	List banListCmd `cmd:"" help:"List who is banned."`
	Lift banLiftCmd `cmd:"" help:"End a ban, also one that keeps its moderators out."`
}

type banAddCmd struct {
	Who    string        `arg:"" help:"Name of the account, address, or network such as 192.0.2.0/24."`
	Reason []string      `arg:"" help:"Reason shown to those who are banned."`
	For    time.Duration `placeholder:"168h" help:"End it after that time."`
}

func (c *banAddCmd) Run(p *program) error {
	return p.operate(func(client *rpc.Client) error {
		var b rules.Ban
		err := client.Call("Control.Ban", BanArgs{Who: c.Who, For: c.For, Reason: strings.Join(c.Reason, " ")}, &b)
		if err == nil {
			fmt.Fprintf(p.stdout, "%s is banned\n", forum.Printable(b.Whom()))
		}
		return err
	})
}

type banListCmd struct{}

func (banListCmd) Run(p *program) error {
	var bans []rules.Ban
	err := p.operate(func(client *rpc.Client) error {
		return client.Call("Control.Bans", None{}, &bans)
	})
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "WHO\tUNTIL\tBY\tREASON")
	for _, b := range bans {
		until := "-"
		if !b.Until.IsZero() {
			until = b.Until.Local().Format("2006-01-02 15:04")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", forum.Printable(b.Whom()), until, forum.Printable(b.ByName), forum.Printable(b.Reason))
	}
	return w.Flush()
}

type banLiftCmd struct {
	Who    string   `arg:"" help:"Account name, address or network, as ban list shows it."`
	Reason []string `arg:"" optional:"" help:"Why, for the audit log."`
}

func (c *banLiftCmd) Run(p *program) error {
	return p.operate(func(client *rpc.Client) error {
		var b rules.Ban
		err := client.Call("Control.Unban", BanArgs{Who: c.Who, Reason: strings.Join(c.Reason, " ")}, &b)
		if err == nil {
			fmt.Fprintf(p.stdout, "%s is not banned any more\n", forum.Printable(b.Whom()))
		}
		return err
	})
}

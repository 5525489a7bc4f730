package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/rpc"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"sshforum/forum"
	"sshforum/forum/rules"
)

// userCmd has the subcommands for accounts.
type userCmd struct {
	Add    userAddCmd    `cmd:"" help:"Make an account; the password is asked for, or read from standard input."`
	List   userListCmd   `cmd:"" help:"List the accounts."`
	Passwd userPasswdCmd `cmd:"" help:"Give an account a new password, asked for or read from standard input."`
	Role   userRoleCmd   `cmd:"" help:"Give an account another role: member, moderator or admin."`
	Invite userInviteCmd `cmd:"" help:"Make a code that opens one account, where auth.registration is invite."`
	Remove userRemoveCmd `cmd:"" help:"Close an account; its messages stay and its name is not free again."`

	Anonymise userAnonymiseCmd `cmd:"" help:"Close an account, drop what is private of it and take its name from its messages."`
}

type userAddCmd struct {
	Name string     `arg:"" help:"Name of the account."`
	Role forum.Role `default:"member" help:"member, moderator or admin."`
}

func (c *userAddCmd) Run(p *program) error {
	return p.operate(func(forum *rpc.Client) error {
		password, err := p.newPassword(c.Name)
		if err != nil {
			return err
		}
		return p.change(forum, "Control.AddUser", UserArgs{Name: c.Name, Password: password, Role: c.Role}, "Account %s (%s) made\n")
	})
}

type userListCmd struct{}

func (userListCmd) Run(p *program) error {
	var users []forum.User
	err := p.operate(func(forum *rpc.Client) error {
		return forum.Call("Control.Users", None{}, &users)
	})
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tROLE\tSINCE")
	for _, u := range users {
		fmt.Fprintf(w, "%s\t%s\t%s\n", forum.Printable(u.Name), u.Role, u.Created.Local().Format("2006-01-02"))
	}
	return w.Flush()
}

type userPasswdCmd struct {
	Name string `arg:"" help:"Name of the account."`
}

func (c *userPasswdCmd) Run(p *program) error {
	return p.operate(func(forum *rpc.Client) error {
		password, err := p.newPassword(c.Name)
		if err != nil {
			return err
		}
		if err := forum.Call("Control.SetPassword", UserArgs{Name: c.Name, Password: password}, &None{}); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "Password of %s changed\n", c.Name)
		return nil
	})
}

type userRoleCmd struct {
	Name string     `arg:"" help:"Name of the account."`
	Role forum.Role `arg:"" help:"member, moderator or admin."`
}

func (c *userRoleCmd) Run(p *program) error {
	return p.operate(func(forum *rpc.Client) error {
		return p.change(forum, "Control.SetRole", UserArgs{Name: c.Name, Role: c.Role}, "%s is %s now\n")
	})
}

type userInviteCmd struct {
	For time.Duration `default:"168h" help:"How long the code holds."`
}

func (c *userInviteCmd) Run(p *program) error {
	return p.operate(func(client *rpc.Client) error {
		var made rules.NewInvite
		if err := client.Call("Control.Invite", c.For, &made); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "%s\n", made.Secret)
		fmt.Fprintf(p.stderr, "This code opens one account until %s.\n", made.Expires.Local().Format("2006-01-02 15:04 MST"))
		return nil
	})
}

type userRemoveCmd struct {
	Name string `arg:"" help:"Name of the account."`
}

func (c *userRemoveCmd) Run(p *program) error {
	return p.operate(func(forum *rpc.Client) error {
		return p.change(forum, "Control.RemoveUser", UserArgs{Name: c.Name}, "Account %[1]s closed\n")
	})
}

type userAnonymiseCmd struct {
	Name string `arg:"" help:"Name of the account; it may be closed already."`
}

func (c *userAnonymiseCmd) Run(p *program) error {
	return p.operate(func(forum *rpc.Client) error {
		return p.change(forum, "Control.Anonymise", UserArgs{Name: c.Name}, "Its messages are by %[1]s now\n")
	})
}

// change makes a call that returns an account, and prints done with its name and role.
func (p *program) change(client *rpc.Client, method string, args UserArgs, done string) error {
	var u forum.User
	if err := client.Call(method, args, &u); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, done, forum.Printable(u.Name), u.Role)
	return nil
}

// operate calls do with a client of the configured forum.
func (p *program) operate(do func(*rpc.Client) error) error {
	config, err := p.config()
	if err != nil {
		return err
	}
	return operate(context.Background(), config, do)
}

// newPassword asks for a password twice on a terminal, and otherwise reads a line.
func (p *program) newPassword(name string) (string, error) {
	terminal, ok := p.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(terminal.Fd())) {
		return readLine(p.stdin)
	}
	var typed [2]string
	for i, question := range []string{forum.Printable(name) + "'s new password: ", "Repeat the password: "} {
		fmt.Fprint(p.stderr, question)
		b, err := term.ReadPassword(int(terminal.Fd()))
		fmt.Fprintln(p.stderr)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		typed[i] = string(b)
	}
	if typed[0] != typed[1] {
		return "", errors.New("the two passwords differ; nothing was changed")
	}
	return typed[0], nil
}

func readLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", err
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", errors.New("no password was given; type it, or send it as one line on standard input")
	}
	return line, nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/rpc"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
	"sshforum/storage/pair"
)

// controlSocket is the file in the data directory at which a running server takes commands from
// its own machine. Anyone who can open it is the operator.
const controlSocket = "control.sock"

// maxSocketPath is the longest path of a socket, in bytes, that Linux, the BSDs and macOS all
// accept.
const maxSocketPath = 103

// Control has the net/rpc calls that the subcommands make to a forum. It is served at the
// control socket of a running server, or in the process of the subcommand if no server runs.
type Control struct {
	ctx     context.Context // ends with the forum, since calls of net/rpc have no context
	service *rules.Service
	clock   *rules.Clock
	stores  *pair.Files
	checkup checkup
}

// UserArgs are the arguments of the calls about one account.
type UserArgs struct {
	Name     string
	Password string
	Role     forum.Role
}

// ImportArgs are some lines of a credentials file. First is the number of the first of them.
type ImportArgs struct {
	Lines []string
	First int
}

// BanArgs are the arguments of the calls about one ban. If For is 0, the ban has no end.
type BanArgs struct {
	Who    string
	For    time.Duration
	Reason string
}

// None is an empty argument or result.
type None struct{}

// AddUser makes an account.
func (c *Control) AddUser(a UserArgs, user *forum.User) (err error) {
	*user, err = c.service.AddUser(context.Background(), rules.Operator(), a.Name, a.Password, a.Role)
	return explained(err)
}

// Users lists the accounts.
func (c *Control) Users(_ None, users *[]forum.User) (err error) {
	*users, err = c.service.Users(context.Background(), rules.Operator())
	return explained(err)
}

// SetPassword gives an account a new password.
func (c *Control) SetPassword(a UserArgs, _ *None) error {
	return explained(c.service.SetPasswordOf(context.Background(), rules.Operator(), a.Name, a.Password))
}

// Anonymise closes an account and takes its name from its messages.
func (c *Control) Anonymise(a UserArgs, user *forum.User) (err error) {
	*user, err = c.service.Anonymise(context.Background(), rules.Operator(), a.Name)
	return explained(err)
}

// Invite makes an invite that is valid for the duration lasts.
func (c *Control) Invite(lasts time.Duration, made *rules.NewInvite) (err error) {
	*made, err = c.service.Invite(context.Background(), rules.Operator(), lasts)
	return explained(err)
}

// SetRole gives an account another role.
func (c *Control) SetRole(a UserArgs, user *forum.User) (err error) {
	*user, err = c.service.SetRole(context.Background(), rules.Operator(), a.Name, a.Role)
	return explained(err)
}

// RemoveUser closes an account.
func (c *Control) RemoveUser(a UserArgs, user *forum.User) (err error) {
	*user, err = c.service.CloseAccount(context.Background(), rules.Operator(), a.Name)
	return explained(err)
}

// Ban keeps an account or a network out.
func (c *Control) Ban(a BanArgs, b *rules.Ban) (err error) {
	var until time.Time
	if a.For != 0 {
		until = c.service.Clock().Add(a.For)
	}
	*b, err = c.service.Ban(context.Background(), rules.Operator(), a.Who, until, a.Reason)
	return explained(err)
}

// Bans lists the bans.
func (c *Control) Bans(_ None, bans *[]rules.Ban) (err error) {
	*bans, err = c.service.Bans(rules.Operator())
	return explained(err)
}

// Unban ends a ban.
func (c *Control) Unban(a BanArgs, b *rules.Ban) (err error) {
	*b, err = c.service.Unban(context.Background(), rules.Operator(), a.Who, a.Reason)
	return explained(err)
}

// Reindex rebuilds one part of the search index.
func (c *Control) Reindex(part uint64, done *rules.Reindexed) (err error) {
	*done, err = c.service.Reindex(context.Background(), rules.Operator(), part)
	return explained(err)
}

// Clock returns the state of the forum's time.
func (c *Control) Clock(_ None, state *rules.ClockState) (err error) {
	*state, err = c.clock.State()
	return explained(err)
}

// SetClock sets the forum's time to the machine's clock, and returns the state before.
func (c *Control) SetClock(anyway bool, was *rules.ClockState) (err error) {
	*was, err = c.clock.Set(context.Background(), rules.Operator(), anyway)
	return explained(errors.Join(err, c.service.LoadBans()))
}

// VerifyAudit verifies the audit log, and looks for the head known in it.
func (c *Control) VerifyAudit(known forum.AuditHash, v *rules.AuditVerdict) (err error) {
	*v, err = c.service.VerifyAudit(context.Background(), rules.Operator(), known)
	return explained(err)
}

// Import makes accounts from the lines of a credentials file.
func (c *Control) Import(a ImportArgs, done *rules.Imported) (err error) {
	*done, err = c.service.ImportCredentials(context.Background(), rules.Operator(), a.Lines, a.First)
	return explained(err)
}

// explained returns err as a sentence for people: net/rpc transmits only the text of errors.
func explained(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(command.Explain(err))
}

func (f *openedForum) control(ctx context.Context) *Control {
	return &Control{ctx: ctx, service: f.service, clock: f.clock, stores: f.stores}
}

func (c *Control) server() (*rpc.Server, error) {
	server := rpc.NewServer()
	return server, server.RegisterName("Control", c)
}

// listenControl opens the control socket. The caller must hold the store's lock: so an existing
// socket was left by a server that was killed.
func listenControl(dir string) (net.Listener, error) {
	path := filepath.Join(dir, controlSocket)
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("the path %s is too long for a socket; choose a shorter data_dir", path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("remove the old control socket: %w", err)
	}
	ln, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("open the control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = ln.Close()
		return nil, fmt.Errorf("open the control socket: %w", err)
	}
	return ln, nil
}

// serveControl serves ln until ctx ends. Calls that have arrived by then are answered before
// serveControl returns.
func serveControl(ctx context.Context, ln net.Listener, control *Control) error {
	server, err := control.server()
	if err != nil {
		return err
	}
	var calls sync.WaitGroup
	defer calls.Wait()
	stop := context.AfterFunc(ctx, func() { _ = ln.Close() })
	defer stop()
	for {
		conn, err := ln.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("control socket: %w", err)
		}
		calls.Go(func() {
			noMore := context.AfterFunc(ctx, func() { _ = conn.(*net.UnixConn).CloseRead() })
			defer noMore()
			server.ServeConn(conn)
		})
	}
}

// errUnanswered is the error of a call if the server ended before it answered.
var errUnanswered = errors.New("the server stopped before it answered; check whether your command took effect, or run it again")

// answered returns errUnanswered if err means that a call got no answer, and otherwise err.
func answered(err error) error {
	for _, lost := range []error{rpc.ErrShutdown, io.ErrUnexpectedEOF, syscall.EPIPE, syscall.ECONNRESET} {
		if errors.Is(err, lost) {
			return errUnanswered
		}
	}
	return err
}

// operate calls do with a client of the forum in config's data directory: of the running
// server, or of the store itself if none runs.
func operate(ctx context.Context, config *Config, do func(*rpc.Client) error) error {
	conn, err := net.Dial("unix", filepath.Join(config.DataDir, controlSocket))
	if err == nil {
		client := rpc.NewClient(conn)
		defer func() { _ = client.Close() }()
		return answered(do(client))
	}
	f, err := openForum(ctx, config, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	server, err := f.control(ctx).server()
	if err != nil {
		return errors.Join(err, f.close())
	}
	ours, theirs := net.Pipe()
	var serving sync.WaitGroup
	serving.Go(func() { server.ServeConn(theirs) })
	client := rpc.NewClient(ours)
	err = errors.Join(do(client), client.Close())
	serving.Wait()
	return errors.Join(err, f.close())
}

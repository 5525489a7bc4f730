package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pkg/sftp"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
	"sshforum/sshapp/exit"
	"sshforum/sshapp/sftpext"
	"sshforum/sshapp/sshlog"
	"sshforum/sshapp/wire"
)

// maxRequests is how many requests of one SFTP session are processed at once. Package sftp
// holds up to 512 KiB for each.
const maxRequests = 4

// ServeSFTP serves the file tree (draft-ietf-secsh-filexfer-02) to one session, and returns its
// exit status.
func (h *Handler) ServeSFTP(ctx context.Context, sess Session, actor rules.Actor) int {
	start := time.Now()
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	f := &files{
		ctx: ctx, stopping: h.cfg.Stopping, service: h.cfg.Service, threads: h.threads, log: sess.Log(), actor: actor, problems: &problems{out: sess.Stderr(), left: maxProblems},
		handles: sess.Limits().handles, openTexts: sess.Limits().texts, writing: make(map[string]*written), reading: make(map[string][]*openFile),
		names: make(map[string]string), texts: make(map[string]*snapshot),
	}
	var channel *wire.IdleChannel
	var filter *sftpext.Filter
	channel = wire.NewIdleChannel(sess, h.cfg.IdleTimeout, func() {
		switch {
		case h.cfg.Stopping.Err() == nil:
			end(exit.ErrIdle)
		case f.opened.Load() > 0 || filter.Unanswered() > 0:
			channel.Touch() // an operation that has begun may finish
		default:
			end(context.Cause(h.cfg.Stopping))
		}
	})
	defer channel.SetTimeout(0)
	filter = sftpext.New(channel, sftpext.Config{
		OpenHandles: uint32(h.cfg.OpenFiles), Requests: maxRequests, File: fileKey, Fsync: f.fsync,
	})
	server := sftp.NewRequestServer(filter, sftp.Handlers{FileGet: f, FilePut: f, FileCmd: f, FileList: f},
		sftp.WithRSAllocator(), sftp.WithRSMaxTxPacket(sftpext.TransferLength))
	defer context.AfterFunc(h.cfg.Stopping, func() { channel.SetTimeout(exit.Farewell) })()
	defer context.AfterFunc(ctx, func() {
		cause := context.Cause(ctx)
		if !exit.Interrupted(cause) {
			f.problems.write(command.Explain(cause))
		}
		_ = sess.Exit(exit.Status(cause))
		_ = server.Close()
	})()
	err := server.Serve()
	log := sess.Log().With("session", actor.Session, "user", actor.Name, "door", actor.Door)
	status := exit.Status(context.Cause(ctx))
	if ctx.Err() == nil && err != nil && !errors.Is(err, io.EOF) {
		status, log = exit.Failed, log.With("error", sshlog.Text(err.Error()))
	}
	// The status must leave before the channel is closed, or scp exits 1 after a good copy.
	_ = sess.Exit(status)
	_ = server.Close()
	log.Info("sftp session", "result", fmt.Sprint(status), "duration", time.Since(start))
	return status
}

// files is the file tree as one session sees it: it implements the interfaces of
// package sftp, which calls it from several goroutines.
type files struct {
	ctx       context.Context
	stopping  context.Context // nothing is opened after it has ended
	service   *rules.Service
	threads   *threadFiles
	log       interface{ Error(string, ...any) }
	actor     rules.Actor
	problems  *problems
	handles   chan struct{} // of the connection: an element for each open file or directory
	openTexts chan struct{} // of the connection: an element for each open file of a thread
	opened    atomic.Int64  // handles of this session

	mu      sync.Mutex
	writing map[string]*written    // by path, since FSTAT and FSETSTAT come with the path of their handle
	reading map[string][]*openFile // by path
	resume  string                 // the path of the unfinished upload that STAT showed last
	names   map[string]string      // of accounts, by id, as listings showed them
	texts   map[string]*snapshot   // by path: the open snapshots, and those recently asked for
}

// openHandle counts one more handle. Errors: Limited if too many are open; Stopping if the server
// stops.
func (f *files) openHandle() error {
	if f.stopping.Err() != nil {
		return f.fail(context.Cause(f.stopping))
	}
	select {
	case f.handles <- struct{}{}:
		f.opened.Add(1)
		return nil
	default:
		return f.fail(forum.Errorf(forum.Limited, "At most %d files can be open at once; close some first.", cap(f.handles)))
	}
}

func (f *files) closeHandle() {
	f.opened.Add(-1)
	<-f.handles
}

// maxProblems limits the sentences that are written to a session's standard error, in bytes.
const maxProblems = 64 << 10

// problems writes sentences to the channel's standard error. OpenSSH's client shows that, but
// drops the text of a status. Bytes that a client does not read there reduce the room for its
// answers (RFC 4254, section 5.2), so they are limited to maxProblems.
type problems struct {
	mu   sync.Mutex
	out  io.Writer
	left int
}

func (p *problems) write(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left -= len(text) + 1; p.left >= 0 {
		fmt.Fprintln(p.out, text)
	}
}

// sftpError is an error with a sentence for people and a status for programs.
type sftpError struct {
	text   string
	status error
}

func (e *sftpError) Error() string { return e.text }
func (e *sftpError) Unwrap() error { return e.status }

var sftpStatuses = map[forum.Kind]error{
	forum.NotFound: sftp.ErrSSHFxNoSuchFile,
	forum.Denied:   sftp.ErrSSHFxPermissionDenied,
}

// fail returns err in the form that the client gets. It also writes the sentence to the person,
// except for NotFound, since clients look for missing files all the time.
func (f *files) fail(err error) error {
	var told *sftpError
	if err == nil || errors.As(err, &told) {
		return err
	}
	kind := forum.KindOf(err)
	if kind == forum.Internal {
		f.log.Error("sftp", "session", f.actor.Session, "user", f.actor.Name, "error", forum.Printable(err.Error()))
	}
	e := &sftpError{text: forum.Printable(command.Explain(err)), status: sftpStatuses[kind]}
	if e.status == nil {
		e.status = sftp.ErrSSHFxFailure
	}
	if kind != forum.NotFound {
		f.problems.write(e.text)
	}
	return e
}

// contain turns a panic into the error of the request in which it happened. Package sftp calls
// the methods that defer it from goroutines of its own, where a panic would end the program.
func (f *files) contain(err *error) {
	if cause := recover(); cause != nil {
		*err = f.fail(fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
	}
}

// errUnsupported is the answer to requests for what the tree cannot have, such as links.
var errUnsupported = &sftpError{text: "The forum has no links.", status: sftp.ErrSSHFxOpUnsupported}

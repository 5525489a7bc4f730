package files

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"path"
	"regexp"
	"strings"
	"time"

	"sshforum/forum"
	"sshforum/forum/command"
	"sshforum/forum/rules"
	"sshforum/sshapp/exit"
	"sshforum/sshapp/scp"
	"sshforum/sshapp/sshlog"
	"sshforum/sshapp/wire"
)

// tool is a program that clients expect on the server's machine. It is no command of the forum.
type tool func(h *Handler, ctx context.Context, sess Session, actor rules.Actor, line string) error

// tools are the tools by name, in lower case.
var tools = map[string]tool{
	"scp":       (*Handler).scp,
	"md5sum":    sums(md5.New, func(s forum.Sums) []byte { return s.MD5[:] }),
	"sha1sum":   sums(sha1.New, func(s forum.Sums) []byte { return s.SHA1[:] }),
	"sha256sum": sums(sha256.New, func(s forum.Sums) []byte { return s.SHA256[:] }),
}

// RunTool runs line if it calls a tool, and returns the exit status. ok is false if line calls
// none.
func (h *Handler) RunTool(ctx context.Context, sess Session, actor rules.Actor, line string) (status int, ok bool) {
	name, run := h.toolFor(line)
	if run == nil {
		return 0, false
	}
	start := time.Now()
	err := h.cfg.Service.AwaitTurn(ctx, actor)
	if err == nil {
		err = run(h, ctx, sess, actor, line)
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	sshlog.Command(sess.Log(), actor, name, command.Args{}, err, time.Since(start))
	return exit.Status(err), true
}

func (h *Handler) toolFor(line string) (name string, run tool) {
	verb, _ := command.SplitVerb(line)
	if _, err := h.cfg.Commands.Find(verb); err != nil && addsKeys.MatchString(line) {
		return "ssh-copy-id", (*Handler).addKeys
	}
	name = path.Base(verb)
	return name, tools[name]
}

// addsKeys matches the shell command that adds public keys to an account: the line of any
// version of ssh-copy-id, and the lines that people write by hand.
var addsKeys = regexp.MustCompile(`\bcat *>> *["']?(~/|\$HOME/)?\.ssh/authorized_keys\b`)

// addKeys adds the keys of standard input to the account, as ssh-copy-id intends. Keys that the
// account already has are left unchanged.
func (h *Handler) addKeys(ctx context.Context, sess Session, actor rules.Actor, _ string) error {
	text, err := io.ReadAll(io.LimitReader(sess, maxKeysText+1))
	if err != nil {
		return err
	}
	if len(text) > maxKeysText {
		return writeError(sess, errLongKeys)
	}
	keys, err := parseKeys(string(text))
	if err != nil {
		return writeError(sess, err)
	}
	for _, k := range keys {
		_, err := h.cfg.Service.AddKey(ctx, actor, k)
		if err != nil && forum.KindOf(err) != forum.Conflict {
			return writeError(sess, err)
		}
	}
	return nil
}

// sums answers like sha256sum and similar programs: with the stored sums of a file, or, for "-"
// or without a path, with the sum of standard input. rclone asks for both.
func sums(newHash func() hash.Hash, of func(forum.Sums) []byte) tool {
	return func(h *Handler, ctx context.Context, sess Session, actor rules.Actor, line string) error {
		paths, err := sumPaths(ctx, line, h.copyTree(sess, actor))
		if err != nil {
			return writeError(sess, err)
		}
		in, stop := wire.InputUntil(ctx, sess)
		defer stop()
		sum := func(path string) ([]byte, error) {
			if path == standardInput {
				h := newHash()
				_, err := io.Copy(h, in)
				return h.Sum(nil), err
			}
			kept, err := h.sumOf(ctx, actor, path)
			return of(kept), err
		}
		var failed error
		for _, p := range paths {
			sum, err := sum(p)
			if err != nil {
				failed = writeError(sess, err)
				continue
			}
			if _, err := fmt.Fprintf(sess, "%x  %s\n", sum, forum.Printable(p)); err != nil {
				return err
			}
		}
		return failed
	}
}

const standardInput = "-"

// sumPaths returns the paths whose sums a line asks for. It accepts only options that change
// nothing. Errors: Usage for other options.
func sumPaths(ctx context.Context, line string, tree *copyTree) (paths []string, err error) {
	words, err := scp.SplitWords(line)
	if err != nil {
		return nil, err
	}
	expanded, err := scp.Expand(ctx, words[1:], tree.Names)
	if err != nil {
		return nil, err
	}
	for _, w := range expanded {
		switch {
		case w == "--" || w == "-b" || w == "-t" || w == "--binary" || w == "--text":
		case w != standardInput && strings.HasPrefix(w, "-"):
			return nil, forum.Errorf(forum.Usage, "The option %s is not known here; leave it out.", forum.Printable(w))
		default:
			paths = append(paths, w)
		}
	}
	if len(paths) == 0 {
		paths = []string{standardInput}
	}
	return paths, nil
}

func (h *Handler) sumOf(ctx context.Context, actor rules.Actor, path string) (forum.Sums, error) {
	n, err := resolve(path)
	if err != nil {
		return forum.Sums{}, err
	}
	if n.kind != fileNode {
		return forum.Sums{}, forum.Errorf(forum.NotFound, "%s is not a file of a thread", forum.Printable(path))
	}
	return h.cfg.Service.Sums(ctx, actor, n.place, n.name)
}

// writeError writes err to the client, unless the client interrupted the command, and returns
// err.
func writeError(sess Session, err error) error {
	if exit.Interrupted(err) {
		return err
	}
	fmt.Fprintln(sess.Stderr(), forum.Printable(command.Explain(err)))
	return err
}

package scp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"sshforum/forum"
)

// FuzzReceive lets a client send anything, and checks the calls of the target.
func FuzzReceive(f *testing.F) {
	for _, c := range uploads {
		var input strings.Builder
		for _, step := range c.transcript {
			if text, ok := strings.CutPrefix(step, "C:"); ok {
				input.WriteString(text)
			}
		}
		f.Add([]byte(input.String()), strings.Contains(c.command, "-r"), true)
	}
	f.Add([]byte("C0644 1 ../x\nC0644 1 /x\nD0755 0 ..\nD0755 0 d\nC0644 1 ..\nE\nC0644 9223372036854775807 a\nx"), true, true)
	f.Add([]byte("D0755 0 d\nC0644 1 a\nx\x00E\nC0644 1 b\nx\x01"), true, false)
	f.Fuzz(func(t *testing.T, input []byte, recursive, isDir bool) {
		w := &watched{t: t, input: input, isDir: isDir, dirs: map[string]bool{"3331": isDir}}
		err := Receive(t.Context(), w, Request{Sink: true, Recursive: recursive, Paths: []string{"3331"}}, w)
		if w.open != nil {
			t.Fatalf("%s was neither committed nor aborted", w.open.path)
		}
		if errors.Is(err, io.EOF) {
			t.Fatalf("the end of the input is an error: %v", err)
		}
		if err == nil && w.at != len(input) {
			t.Fatalf("all went well, but %d bytes of %d were read", w.at, len(input))
		}
		w.checkAnswers(err != nil)
	})
}

// watched is a client that sends input byte by byte, so that the engine cannot read
// ahead, and the target its files go to.
type watched struct {
	t     *testing.T
	input []byte
	at    int // bytes of input that were read
	said  bytes.Buffer
	isDir bool // the path of the request is a directory
	dirs  map[string]bool
	open  *watchedUpload
}

func (w *watched) Read(p []byte) (int, error) {
	if w.at == len(w.input) {
		return 0, io.EOF
	}
	p[0] = w.input[w.at]
	w.at++
	return 1, nil
}

func (w *watched) Write(p []byte) (int, error) { return w.said.Write(p) }

// checkAnswers parses the server's output as answers.
func (w *watched) checkAnswers(failed bool) {
	complained := false
	for w.said.Len() > 0 {
		c, _ := w.said.ReadByte()
		if c == answerOK {
			continue
		}
		line, err := w.said.ReadString('\n')
		text := strings.TrimSuffix(line, "\n")
		if c > answerFatal || err != nil || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) || len(text) > 2000 {
			w.t.Fatalf("an answer is %d %q", c, line)
		}
		if c == answerFatal && w.said.Len() > 0 {
			w.t.Fatalf("after a fatal answer comes %q", w.said.String())
		}
		complained = true
	}
	if complained && !failed {
		w.t.Fatal("the client was told of a failure, the caller not")
	}
}

func (w *watched) IsDir(context.Context, string) (bool, error) { return w.isDir, nil }

// enter checks that a path may be made: the request's own, or one in a directory.
func (w *watched) enter(p string) {
	if w.open != nil {
		w.t.Fatalf("%q comes while %q is open", p, w.open.path)
	}
	name := path.Base(p)
	inside := w.dirs[path.Dir(p)] && path.Clean(p) == p && len(name) <= 255 && name != ".." && !strings.ContainsFunc(name, unicode.IsControl)
	if !inside && (w.isDir || p != "3331") {
		w.t.Fatalf("%q was named", p)
	}
}

func (w *watched) Mkdir(_ context.Context, p string, mode fs.FileMode) error {
	w.enter(p)
	if mode != mode.Perm() || strings.Count(p, "/") > maxDepth {
		w.t.Fatalf("Mkdir %q with mode %o", p, mode)
	}
	w.dirs[p] = true
	return nil
}

func (w *watched) Create(_ context.Context, p string, f File) (Upload, error) {
	w.enter(p)
	if f.Size < 0 || f.Mode != f.Mode.Perm() || f.Modified.Unix() > lastTime {
		w.t.Fatalf("Create %q %+v", p, f)
	}
	if strings.HasSuffix(p, "!") {
		return nil, forum.Errorf(forum.Conflict, "%s is there already.", p)
	}
	w.open = &watchedUpload{watched: w, path: p, size: f.Size, from: w.at}
	return w.open, nil
}

type watchedUpload struct {
	*watched
	path string
	size int64
	from int // where its content begins
	data []byte
}

var errFull = errors.New("full")

func (u *watchedUpload) Write(p []byte) (int, error) {
	if strings.HasSuffix(u.path, "?") {
		return 0, errFull
	}
	u.data = append(u.data, p...)
	return len(p), nil
}

// Commit must come when exactly the content and its closing zero byte were read.
func (u *watchedUpload) Commit(context.Context) error {
	content := u.input[u.from:u.at]
	if int64(len(content)) != u.size+1 || content[u.size] != 0 || !bytes.Equal(content[:u.size], u.data) {
		u.t.Fatalf("%q of %d bytes is committed after %q with %q", u.path, u.size, content, u.data)
	}
	u.end()
	return nil
}

func (u *watchedUpload) Abort(cause error) {
	if cause == nil {
		u.t.Fatal("an abort without a cause")
	}
	u.end()
}

func (u *watchedUpload) end() {
	if u.open != u {
		u.t.Fatalf("%q ends twice", u.path)
	}
	u.open = nil
}

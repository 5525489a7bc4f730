package scp

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"sshforum/forum"
)

func library() *memory {
	noon := time.Date(2026, time.June, 1, 12, 0, 0, 250_000_000, time.UTC)
	return &memory{tree: fstest.MapFS{
		"3331":           {Mode: fs.ModeDir | 0o755, ModTime: noon},
		"3331/a":         {Data: []byte("hello"), Mode: 0o640, ModTime: noon},
		"3331/b c":       {Data: []byte{}, Mode: 0o4644},
		"3331/d":         {Mode: fs.ModeDir | 0o700},
		"3331/d/x":       {Data: []byte("1"), Mode: 0o644},
		"bad":            {Mode: fs.ModeDir | 0o755},
		"bad/a\nb":       {Data: []byte("1"), Mode: 0o644},
		"bad/b":          {Data: []byte("secret secret"), Mode: 0o644},
		"bad/rotten.bin": {Data: []byte("0123456789"), Mode: 0o644},
		"bad/socket":     {Mode: fs.ModeSocket | 0o644},
		"bad/z":          {Data: []byte("z"), Mode: 0o644},
		"torn":           {Mode: fs.ModeDir | 0o755},
		"old":            {Data: []byte("o"), Mode: 0o644, ModTime: time.Unix(-5, 0)},
	}}
}

const opened3331 = "open 3331/a"

var downloads = []struct {
	name, command string
	transcript    []string
	log           []string // opens and closes of the source's files
	err           string
}{
	{
		"a file", "scp -f 3331/a",
		[]string{"C:\x00", "S:C0640 5 a\n", "C:\x00", "S:hello\x00", "C:\x00"},
		[]string{opened3331, "close 3331/a"}, "",
	}, {
		"an empty file, its permissions alone", "scp -f '3331/b c'",
		[]string{"C:\x00", "S:C0644 0 b c\n", "C:\x00", "S:\x00", "C:\x00"},
		[]string{"open 3331/b c", "close 3331/b c"}, "",
	}, {
		"times, where there are some", "scp -p -f 3331/a '3331/b c' old",
		[]string{"C:\x00", "S:T1780315200 0 1780315200 0\n", "C:\x00", "S:C0640 5 a\n", "C:\x00", "S:hello\x00", "C:\x00",
			"S:C0644 0 b c\n", "C:\x00", "S:\x00", "C:\x00", "S:T0 0 0 0\n", "C:\x00", "S:C0644 1 old\n", "C:\x00", "S:o\x00", "C:\x00"},
		[]string{opened3331, "close 3331/a", "open 3331/b c", "close 3331/b c", "open old", "close old"}, "",
	}, {
		"a directory", "scp -r -f 3331/",
		[]string{"C:\x00", "S:D0755 0 3331\n", "C:\x00", "S:C0640 5 a\n", "C:\x00", "S:hello\x00", "C:\x00", "S:C0644 0 b c\n", "C:\x00", "S:\x00", "C:\x00",
			"S:D0700 0 d\n", "C:\x00", "S:C0644 1 x\n", "C:\x00", "S:1\x00", "C:\x00", "S:E\n", "C:\x00", "S:E\n", "C:\x00"},
		[]string{"open 3331/", opened3331, "close 3331/a", "open 3331/b c", "close 3331/b c", "open 3331/d", "open 3331/d/x", "close 3331/d/x", "close 3331/d", "close 3331/"}, "",
	}, {
		"a directory by a path that is no name", "scp -p -r -f 3331/d/..",
		[]string{"C:\x00", "S:T1780315200 0 1780315200 0\n", "C:\x00", "S:D0755 0 3331\n", "C:\x01no room\n"},
		[]string{"open 3331/d/..", "close 3331/d/.."}, "The scp client could not go on: no room",
	}, {
		"a directory without -r", "scp -f 3331 3331/a",
		[]string{"C:\x00", "S:\x01\"3331\" is a directory; copy it with scp -r.\nC0640 5 a\n", "C:\x00", "S:hello\x00", "C:\x00"},
		[]string{"open 3331", "close 3331", opened3331, "close 3331/a"}, `"3331" is a directory`,
	}, {
		"what patterns match, in order", "scp -f 3331/? old '3331/b c'",
		[]string{"C:\x00", "S:C0640 5 a\n", "C:\x00", "S:hello\x00", "C:\x00", "S:\x01\"d\" is a directory; copy it with scp -r.\n",
			"S:C0644 1 old\n", "C:\x00", "S:o\x00", "C:\x00", "S:C0644 0 b c\n", "C:\x00", "S:\x00", "C:\x00"},
		[]string{opened3331, "close 3331/a", "open 3331/d", "close 3331/d", "open old", "close old", "open 3331/b c", "close 3331/b c"}, `"d" is a directory`,
	}, {
		"a pattern that matches nothing", "scp -f 3331/*.pdf '3331/*' 3331/a",
		[]string{"C:\x00", "S:\x01There is no 3331/*.pdf.\n\x01There is no 3331/*.\nC0640 5 a\n", "C:\x00", "S:hello\x00", "C:\x00"},
		[]string{opened3331, "close 3331/a"}, "There is no 3331/*.pdf.",
	}, {
		"patterns without end", "scp -f" + strings.Repeat(" 3331/"+strings.Repeat("*a", maxPattern/2), 200),
		[]string{"C:\x00", "S:\x02Too much is to be compared with patterns; scp -r copies all of a thread.\n"},
		nil, "Too much is to be compared",
	}, {
		"what is not there", "scp -f 3331/none 3331/a",
		[]string{"C:\x00", "S:\x01There is no 3331/none.\nC0640 5 a\n", "C:\x00", "S:hello\x00", "C:\x00"},
		[]string{opened3331, "close 3331/a"}, "There is no 3331/none.",
	}, {
		"what cannot be sent is left out", "scp -r -f bad",
		[]string{"C:\x00", "S:D0755 0 bad\n", "C:\x00", "S:\x01" + badName + "\"a b\".\nC0644 13 b\n", "C:\x00", "S:secret secret\x00", "C:\x00",
			"S:C0644 10 rotten.bin\n", "C:\x00",
			"S:0123\x00\x00\x00\x00\x00\x00\x01The disk is worn out; tell the operator.\n", "C:\x00",
			"S:\x01\"socket\" is neither a file nor a directory; it cannot be copied.\nC0644 1 z\n", "C:\x00", "S:z\x00", "C:\x00", "S:E\n", "C:\x00"},
		[]string{"open bad", "open bad/a\nb", "close bad/a\nb", "open bad/b", "close bad/b", "open bad/rotten.bin", "close bad/rotten.bin", "open bad/socket", "close bad/socket", "open bad/z", "close bad/z", "close bad"},
		"A name has",
	}, {
		"a directory that cannot be read", "scp -r -f torn",
		[]string{"C:\x00", "S:D0755 0 torn\n", "C:\x00", "S:\x01The disk is worn out; tell the operator.\nE\n", "C:\x00"},
		[]string{"open torn", "close torn"}, "The disk is worn out",
	}, {
		"the client cannot make a file", "scp -p -f 3331/a old",
		[]string{"C:\x00", "S:T1780315200 0 1780315200 0\n", "C:\x00", "S:C0640 5 a\n", "C:\x01scp: a: \x1b]0;Permission denied\n", "S:T0 0 0 0\n", "C:\x01no\n"},
		[]string{opened3331, "close 3331/a", "open old", "close old"}, "The scp client could not go on: scp: a: ‹U+001B›]0;Permission denied",
	}, {
		"the client cannot make a directory", "scp -r -f 3331 old",
		[]string{"C:\x00", "S:D0755 0 3331\n", "C:\x01exists\n", "S:C0644 1 old\n", "C:\x00", "S:o\x00", "C:\x00"},
		[]string{"open 3331", "close 3331", "open old", "close old"}, "The scp client could not go on: exists",
	}, {
		"the client cannot keep a file", "scp -f 3331/a old",
		[]string{"C:\x00", "S:C0640 5 a\n", "C:\x00", "S:hello\x00", "C:\x01disk full\n", "S:C0644 1 old\n", "C:\x00", "S:o\x00", "C:\x00"},
		[]string{opened3331, "close 3331/a", "open old", "close old"}, "The scp client could not go on: disk full",
	}, {
		"the client gives up", "scp -r -f 3331 old",
		[]string{"C:\x00", "S:D0755 0 3331\n", "C:\x00", "S:C0640 5 a\n", "C:\x02unexpected filename\n"},
		[]string{"open 3331", opened3331, "close 3331/a", "close 3331"}, "The scp client could not go on: unexpected filename",
	}, {
		"the client is not ready", "scp -f 3331/a",
		[]string{"C:\x01ambiguous target\n"}, nil, "The scp client could not go on: ambiguous target",
	}, {
		"the client never was one", "scp -f 3331/a",
		[]string{"C:GET / HTTP/1.1\r\n"}, nil, protocol + "an answer starts with another byte than 0, 1 or 2",
	}, {
		"an endless answer", "scp -f 3331/a",
		[]string{"C:\x01" + strings.Repeat("x", 1<<20)}, nil, protocol + "a line is too long",
	}, {
		"the client leaves before it is ready", "scp -f 3331/a", nil, nil, "The connection ended",
	}, {
		"the client leaves before it answers a record", "scp -f 3331/a",
		[]string{"C:\x00", "S:C0640 5 a\n"}, []string{opened3331, "close 3331/a"}, "The connection ended",
	}, {
		"the client leaves before it answers a file", "scp -f 3331/a",
		[]string{"C:\x00", "S:C0640 5 a\n", "C:\x00", "S:hello\x00"}, []string{opened3331, "close 3331/a"}, "The connection ended",
	}, {
		"the client leaves before it answers a directory's end", "scp -r -f 3331/d",
		[]string{"C:\x00", "S:D0700 0 d\n", "C:\x00", "S:C0644 1 x\n", "C:\x00", "S:1\x00", "C:\x00", "S:E\n"},
		[]string{"open 3331/d", "open 3331/d/x", "close 3331/d/x", "close 3331/d"}, "The connection ended",
	}, {
		"the client leaves in its complaint", "scp -f 3331/a",
		[]string{"C:\x00", "S:C0640 5 a\n", "C:\x01no"}, []string{opened3331, "close 3331/a"}, "The connection ended",
	},
}

func TestSend(t *testing.T) {
	for _, c := range downloads {
		t.Run(c.name, func(t *testing.T) {
			bothWays(t, func(t *testing.T, bytewise bool) {
				m := library()
				err := converse(t, c.transcript, bytewise, func(rw io.ReadWriter) error {
					return Send(t.Context(), rw, parse(t, c.command), m)
				})
				if !slices.Equal(m.log, c.log) {
					t.Errorf("the source has\n%q, want\n%q", m.log, c.log)
				}
				if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.HasPrefix(err.Error(), c.err)) {
					t.Errorf("error %v, want %q", err, c.err)
				}
			})
		})
	}
}

// A directory that cannot list its entries is an internal error.
func TestSendNeedsDirectoriesThatList(t *testing.T) {
	var said strings.Builder
	err := Send(t.Context(), talk{strings.NewReader("\x00\x00\x00"), &said}, Request{Recursive: true, Paths: []string{"flat"}}, flat{})
	if want := "D0755 0 flat\n\x01Something went wrong on the server; please try again.\nE\n"; err == nil || said.String() != want {
		t.Errorf("error %v; the server says %q, want %q", err, said.String(), want)
	}
}

func TestSendBoundsDepth(t *testing.T) {
	for depth, want := range map[int]string{maxDepth: "", maxDepth + 1: `The directory "d" is inside 32 others`} {
		from, to := &memory{tree: fstest.MapFS{}}, newMemory()
		dir := strings.Repeat("/d", depth)[1:]
		from.tree[dir+"/x"] = &fstest.MapFile{Data: []byte("deep"), Mode: 0o644}
		sent, received := copyTree(from, []string{"d"}, to, "-r 3331")
		_, arrived := to.tree["3331/"+dir+"/x"]
		if good := want == ""; arrived != good || (sent == nil) != good || (received == nil) != good || !good && !strings.HasPrefix(sent.Error(), want) {
			t.Errorf("depth %d: arrived: %v, errors %v and %v", depth, arrived, sent, received)
		}
	}
}

func TestSendStopsWithItsContext(t *testing.T) {
	stopping := forum.Errorf(forum.Stopping, "The server is shutting down.")
	for name, after := range map[string]int{"before the first answer": 1, "before the content": 2} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancelCause(t.Context())
				steps := []string{"C:\x00", "S:C0640 5 a\n", "C:\x00"}
				if after == 1 {
					steps = steps[:1]
				}
				err := converse(t, steps, true, func(rw io.ReadWriter) error {
					return Send(ctx, &cutoff{rw, after, func() { stop(stopping) }}, parse(t, "scp -f 3331/a"), library())
				})
				if !errors.Is(err, stopping) {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

// Content that goes on for ever to a client that takes all of it ends with the context.
func TestSendStopsInContent(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	sent := &countdown{left: 10 * bufferSize, stop: stop}
	err := Send(ctx, talk{strings.NewReader("\x00\x00"), sent}, Request{Paths: []string{"vast"}}, vast(1<<60))
	if !errors.Is(err, context.Canceled) || sent.left < -2*bufferSize {
		t.Errorf("error %v, %d bytes too many", err, -sent.left)
	}
}

// countdown takes bytes, and calls stop when there were enough.
type countdown struct {
	left int
	stop func()
}

func (c *countdown) Write(p []byte) (int, error) {
	if c.left -= len(p); c.left <= 0 {
		c.stop()
	}
	return len(p), nil
}

func TestSendHoldsLittle(t *testing.T) {
	const size = 64 << 20
	sent := &countdown{left: 2 * size, stop: func() {}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := Send(t.Context(), talk{strings.NewReader("\x00\x00\x00"), sent}, Request{Paths: []string{"vast"}}, vast(size))
	runtime.ReadMemStats(&after)
	if written := 2*size - sent.left; err != nil || written != size+len("C0444 67108864 vast\n\x00") {
		t.Errorf("error %v, %d bytes", err, written)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d bytes were allocated", used)
	}
}

// vast is a source of one file of that many zero bytes.
type vast int64

func (v vast) Open(context.Context, string) (fs.File, error) { return v, nil }
func (vast) Names(context.Context, string) []string          { return nil }
func (v vast) Stat() (fs.FileInfo, error)                    { return v, nil }
func (vast) Read(p []byte) (int, error)                      { return zeroes{}.Read(p) }
func (vast) Close() error                                    { return nil }
func (vast) Name() string                                    { return "vast" }
func (v vast) Size() int64                                   { return int64(v) }
func (vast) Mode() fs.FileMode                               { return 0o444 }
func (vast) ModTime() time.Time                              { return time.Time{} }
func (vast) IsDir() bool                                     { return false }
func (vast) Sys() any                                        { return nil }

// flat is a source of one directory that is no fs.ReadDirFile.
type flat struct{ vast }

func (f flat) Open(context.Context, string) (fs.File, error) { return f, nil }
func (f flat) Stat() (fs.FileInfo, error)                    { return f, nil }
func (flat) Mode() fs.FileMode                               { return fs.ModeDir | 0o755 }
func (flat) IsDir() bool                                     { return true }

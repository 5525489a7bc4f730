package scp

import (
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"sshforum/forum"
)

const (
	badName   = "A name has 1 to 255 bytes without / and control characters, and is not . or ..; use another one than "
	protocol  = "The scp client does not keep to the protocol ("
	otherwise = "); use another client, or scp without -O."
	leftEarly = "S:\x02The connection ended in the middle of a transfer; start it again.\n"
)

func refused(sentence string) string { return "S:\x01" + sentence + "\n" }

func brokenBy(how string) string { return "S:\x02" + protocol + how + otherwise + "\n" }

var uploads = []struct {
	name, command string
	transcript    []string
	log           []string
	err           string // how it starts
}{
	{
		"a file into a directory", "scp -t 3331",
		[]string{"S:\x00", "C:C0644 5 a b.txt\n", "S:\x00", "C:hello\x00", "S:\x00"},
		[]string{"create 3331/a b.txt 5 0644", "commit 3331/a b.txt hello"}, "",
	}, {
		"a file under a new name", "scp -t 3331/new",
		[]string{"S:\x00", "C:C0600 2 old\n", "S:\x00", "C:hi", "C:\x00", "S:\x00"},
		[]string{"create 3331/new 2 0600", "commit 3331/new hi"}, "",
	}, {
		"an empty file", "scp -t 3331",
		[]string{"S:\x00", "C:C0644 0 empty\n", "S:\x00", "C:\x00", "S:\x00"},
		[]string{"create 3331/empty 0 0644", "commit 3331/empty "}, "",
	}, {
		"nothing", "scp -t 3331", []string{"S:\x00"}, nil, "",
	}, {
		"home", "scp -t .",
		[]string{"S:\x00", "C:C0644 0 x\n", "S:\x00", "C:\x00", "S:\x00"},
		[]string{"create x 0 0644", "commit x "}, "",
	}, {
		"times, for one file alone", "scp -p -t 3331",
		[]string{"S:\x00", "C:T1234567890 250000 1234567891 0\n", "S:\x00", "C:C0640 1 a\n", "S:\x00", "C:x\x00", "S:\x00", "C:C0640 1 b\n", "S:\x00", "C:y\x00", "S:\x00"},
		[]string{"create 3331/a 1 0640 2009-02-13T23:31:30.250000", "commit 3331/a x", "create 3331/b 1 0640", "commit 3331/b y"}, "",
	}, {
		"times too far away, and at the start", "scp -p -t 3331",
		[]string{"S:\x00", "C:T253402300800 0 0 0\n", "S:\x00", "C:C0640 0 a\n", "S:\x00", "C:\x00", "S:\x00", "C:T0 0 0 0\n", "S:\x00", "C:C0640 0 b\n", "S:\x00", "C:\x00", "S:\x00",
			"C:T-1000 0 -1 0\n", "S:\x00", "C:C0640 0 c\n", "S:\x00", "C:\x00", "S:\x00", "C:T18446744073709550616 0 0 0\n", "S:\x00", "C:C0640 0 d\n", "S:\x00", "C:\x00", "S:\x00"},
		[]string{"create 3331/a 0 0640 9999-12-31T23:59:59.000000", "commit 3331/a ", "create 3331/b 0 0640 1970-01-01T00:00:00.000000", "commit 3331/b ",
			"create 3331/c 0 0640 1970-01-01T00:00:00.000000", "commit 3331/c ", "create 3331/d 0 0640 1970-01-01T00:00:00.000000", "commit 3331/d "}, "",
	}, {
		"times of a refused file are not the next one's", "scp -p -t 3331",
		[]string{"S:\x00", "C:T1 0 1 0\n", "S:\x00", "C:C0640 1 exists.txt\n", refused("exists.txt already exists in Thread 3331"), "C:C0640 0 b\n", "S:\x00", "C:\x00", "S:\x00"},
		[]string{"create 3331/exists.txt 1 0640 1970-01-01T00:00:01.000000", "create 3331/b 0 0640", "commit 3331/b "}, "exists.txt already",
	}, {
		"permissions alone", "scp -t 3331",
		[]string{"S:\x00", "C:C7777 0 a\n", "S:\x00", "C:\x00", "S:\x00"},
		[]string{"create 3331/a 0 0777", "commit 3331/a "}, "",
	}, {
		"directories", "scp -r -t 3331",
		[]string{"S:\x00", "C:D0755 0 d\n", "S:\x00", "C:C0644 1 a\n", "S:\x00", "C:1\x00", "S:\x00",
			"C:D0700 0 e\n", "S:\x00", "C:C0644 1 b\n", "S:\x00", "C:2\x00", "S:\x00", "C:E\n", "S:\x00", "C:E\n", "S:\x00",
			"C:C0644 1 c\n", "S:\x00", "C:3\x00", "S:\x00"},
		[]string{"mkdir 3331/d 0755", "create 3331/d/a 1 0644", "commit 3331/d/a 1", "mkdir 3331/d/e 0700",
			"create 3331/d/e/b 1 0644", "commit 3331/d/e/b 2", "create 3331/c 1 0644", "commit 3331/c 3"}, "",
	}, {
		"a directory under a new name", "scp -r -t 3400/",
		[]string{"S:\x00", "C:D0755 0 d\n", "S:\x00", "C:C0644 0 a\n", "S:\x00", "C:\x00", "S:\x00", "C:E\n", "S:\x00"},
		[]string{"mkdir 3400/ 0755", "create 3400/a 0 0644", "commit 3400/a "}, "",
	}, {
		"a refused directory", "scp -r -t 3331",
		[]string{"S:\x00", "C:D0755 0 locked\n", refused("Thread locked is not yours."), "C:C0644 0 a\n", "S:\x00", "C:\x00", "S:\x00"},
		[]string{"mkdir 3331/locked 0755", "create 3331/a 0 0644", "commit 3331/a "}, "Thread locked",
	}, {
		"a refused file", "scp -t 3331",
		[]string{"S:\x00", "C:C0644 3 exists.txt\n", refused("exists.txt already exists in Thread 3331"), "C:C0644 1 a\n", "S:\x00", "C:x\x00", "S:\x00"},
		[]string{"create 3331/exists.txt 3 0644", "create 3331/a 1 0644", "commit 3331/a x"}, "exists.txt already",
	}, {
		"the quota runs out", "scp -t 3331",
		[]string{"S:\x00", "C:C0644 9 quota.bin\n", "S:\x00", "C:123456789\x00", refused("Your quota is used up; remove a file first."), "C:C0644 1 a\n", "S:\x00", "C:x\x00", "S:\x00"},
		[]string{"create 3331/quota.bin 9 0644", "abort 3331/quota.bin: limited", "create 3331/a 1 0644", "commit 3331/a x"}, "Your quota",
	}, {
		"what went wrong inside is not told", "scp -t 3331",
		[]string{"S:\x00", "C:C0644 1 commit.bin\n", "S:\x00", "C:x\x00", refused("Something went wrong on the server; please try again.")},
		[]string{"create 3331/commit.bin 1 0644", "commit 3331/commit.bin x"}, "disk on fire",
	}, {
		"the client cannot read a file to its end", "scp -t 3331",
		[]string{"S:\x00", "C:C0644 3 a\n", "S:\x00", "C:x\x00\x00", "C:\x01scp: a: Input/output error\n",
			refused("The scp client could not go on: scp: a: Input/output error"), "C:C0644 1 b\n", "S:\x00", "C:x\x00", "S:\x00"},
		[]string{"create 3331/a 3 0644", "abort 3331/a: invalid", "create 3331/b 1 0644", "commit 3331/b x"}, "The scp client could not go on: scp: a: Input",
	}, {
		"the client gives up at the end of a file", "scp -t 3331",
		[]string{"S:\x00", "C:C0644 1 a\n", "S:\x00", "C:x\x02scp: killed\n", "S:\x02The scp client could not go on: scp: killed\n"},
		[]string{"create 3331/a 1 0644", "abort 3331/a: invalid"}, "The scp client could not go on: scp: killed",
	}, {
		"the client misses a file", "scp -t 3331",
		[]string{"S:\x00", "C:\x01scp: a: No such file\n", "C:C0644 1 b\n", "S:\x00", "C:x\x00", "S:\x00"},
		[]string{"create 3331/b 1 0644", "commit 3331/b x"}, "The scp client could not go on: scp: a: No such file",
	}, {
		"the client gives up between files", "scp -t 3331",
		[]string{"S:\x00", "C:\x02scp: \x1b[2Jenough\n", "S:\x02The scp client could not go on: scp: ‹U+001B›[2Jenough\n"},
		nil, "The scp client could not go on: scp: ‹U+001B›",
	}, {
		"several files without a directory", "scp -t new",
		[]string{"S:\x00", "C:C0644 0 a\n", "S:\x00", "C:\x00", "S:\x00", "C:C0644 1 b\n", refused(`There is no directory "new"; make it first or name one that exists.`)},
		[]string{"create new 0 0644", "commit new "}, "There is no directory",
	}, {
		"a file to a directory that is not there", "scp -t new/",
		[]string{"S:\x00", "C:C0644 0 a\n", refused(`There is no directory "new/"; make it first or name one that exists.`)},
		nil, "There is no directory",
	}, {
		"-d where there is no directory", "scp -d -t new",
		[]string{"S:\x02There is no directory \"new\"; make it first or name one that exists.\n"},
		nil, "There is no directory",
	}, {
		"-d where there is one", "scp -d -t 3331", []string{"S:\x00"}, nil, "",
	}, {
		"a target that may not be seen", "scp -t private",
		[]string{"S:\x02private is not yours.\n"}, nil, "private is not yours.",
	},
}

func TestReceive(t *testing.T) {
	for _, c := range uploads {
		t.Run(c.name, func(t *testing.T) {
			bothWays(t, func(t *testing.T, bytewise bool) {
				checkReceive(t, bytewise, c.command, c.transcript, c.log, c.err)
			})
		})
	}
}

func checkReceive(t *testing.T, bytewise bool, command string, transcript, log []string, wantErr string) {
	t.Helper()
	m := newMemory()
	err := converse(t, transcript, bytewise, func(rw io.ReadWriter) error {
		return Receive(t.Context(), rw, parse(t, command), m)
	})
	if !slices.Equal(m.log, log) {
		t.Errorf("the target has\n%q, want\n%q", m.log, log)
	}
	switch {
	case wantErr == "" && err != nil:
		t.Errorf("error %v", err)
	case wantErr != "" && (err == nil || !strings.HasPrefix(err.Error(), wantErr)):
		t.Errorf("error %v, want %q", err, wantErr)
	}
}

func TestReceiveRefusesNames(t *testing.T) {
	long := strings.Repeat("x", 256)
	for name, shown := range map[string]string{
		"": `""`, ".": `"."`, "..": `".."`, "../x": `"../x"`, "/etc/passwd": `"/etc/passwd"`, "a/b": `"a/b"`, "a/": `"a/"`,
		"a/../../b": `"a/../../b"`, "a\x00b": `"a‹U+0000›b"`, "a\tb": `"a b"`, "a\rb": `"a‹U+000D›b"`, "\x1b[31m": `"‹U+001B›[31m"`,
		"\u0085": `"‹U+0085›"`, "\x7f": `"‹U+007F›"`, long: `"` + long + `"`,
	} {
		for command, at := range map[string]string{"scp -r -t 3331": "3331/good", "scp -r -t new": "new"} {
			synctest.Test(t, func(t *testing.T) {
				checkReceive(t, false, command, []string{
					"S:\x00", "C:C0644 5 " + name + "\n", refused(badName + shown + "."),
					"C:D0755 0 " + name + "\n", refused(badName + shown + "."),
					"C:C0644 1 good\n", "S:\x00", "C:x\x00", "S:\x00",
				}, []string{
					"create " + at + " 1 0644", "commit " + at + " x",
				}, badName)
			})
		}
	}
}

func TestReceiveTakesNames(t *testing.T) {
	for _, name := range []string{"...", "..a", ".hidden", "-rf", "a\\b", "~", "a:b", " ", "C0644 5 x", "日本語.txt", "\xff\x9b", strings.Repeat("x", 255)} {
		synctest.Test(t, func(t *testing.T) {
			checkReceive(t, false, "scp -t 3331",
				[]string{"S:\x00", "C:C0644 0 " + name + "\n", "S:\x00", "C:\x00", "S:\x00"},
				[]string{"create 3331/" + name + " 0 0644", "commit 3331/" + name + " "}, "")
		})
	}
}

func TestReceiveEndsWhenTheProtocolIsBroken(t *testing.T) {
	const mode, size, four, number = "a mode is not four octal digits", "a size is not a number of bytes", "a T record has other than four numbers", "a time is not a number"
	for input, how := range map[string]string{
		"X0644 1 a\n": "a record is of an unknown kind", "\n": "a record is of an unknown kind", "\x00": "a record is of an unknown kind",
		"No match.\n": "a record is of an unknown kind",
		"C\n":         mode, "C644 1 a\n": mode, "C06444 1 a\n": mode, "C0648 1 a\n": mode, "C-644 1 a\n": mode, "C+644 1 a\n": mode, "C 1 a\n": mode,
		"C0644 -1 a\n": size, "C0644 +1 a\n": size, "C0644  a\n": size, "C0644 1\n": size, "C0644 0x1 a\n": size, "C0644 1_0 a\n": size,
		"C0644 9223372036854775808 a\n": size, "C0644 99999999999999999999999999 a\n": size, "D0755 -1 a\n": size,
		"T1 0 1\n": four, "T1 0 1 0 0\n": four, "T\n": four, "T1 0 1 0 \n": four,
		"T- 0 1 0\n": number, "T+1 0 1 0\n": number, "T--1 0 1 0\n": number, "T1 1000000 1 0\n": number, "T1 0 x 0\n": number, "T1 0 1 -1\n": number, "T99999999999999999999 0 1 0\n": number,
		"E\n":                               "a directory ends that did not begin",
		"C" + strings.Repeat("0", 1<<20):    "a line is too long",
		"\x01" + strings.Repeat("x", 1<<20): "a line is too long",
	} {
		synctest.Test(t, func(t *testing.T) {
			checkReceive(t, false, "scp -r -t 3331", []string{"S:\x00", "C:" + input, brokenBy(how)}, nil, protocol+how)
		})
	}
	for _, c := range []struct {
		command    string
		transcript []string
		log        []string
	}{
		{"scp -t 3331", []string{"S:\x00", "C:D0755 0 d\n", brokenBy("a directory comes without -r")}, nil},
		{
			"scp -t 3331", []string{"S:\x00", "C:C0644 1 a\n", "S:\x00", "C:xy", brokenBy("an answer starts with another byte than 0, 1 or 2")},
			[]string{"create 3331/a 1 0644", "abort 3331/a: invalid"},
		},
		{
			"scp -t 3331", []string{"S:\x00", "C:C0644 1 exists.txt\n", refused("exists.txt already exists in Thread 3331"), "C:x", brokenBy("a record is of an unknown kind")},
			[]string{"create 3331/exists.txt 1 0644"},
		},
	} {
		synctest.Test(t, func(t *testing.T) { checkReceive(t, true, c.command, c.transcript, c.log, protocol) })
	}
}

func TestReceiveWhenTheClientLeaves(t *testing.T) {
	opened := []string{"S:\x00", "C:C0644 3 a\n", "S:\x00"}
	for name, c := range map[string]struct {
		transcript []string
		log        []string
	}{
		"in a record":         {[]string{"S:\x00", "C:C0644 3 a", leftEarly}, nil},
		"in its complaint":    {[]string{"S:\x00", "C:\x01scp: ", leftEarly}, nil},
		"before content":      {append(opened[:3:3], leftEarly), []string{"create 3331/a 3 0644", "abort 3331/a: invalid"}},
		"in content":          {append(opened[:3:3], "C:xx", leftEarly), []string{"create 3331/a 3 0644", "abort 3331/a: invalid"}},
		"before it closes it": {append(opened[:3:3], "C:xxx", leftEarly), []string{"create 3331/a 3 0644", "abort 3331/a: invalid"}},
		"in a directory":      {[]string{"S:\x00", "C:D0755 0 d\n", "S:\x00", leftEarly}, []string{"mkdir 3331/d 0755"}},
	} {
		t.Run(name, func(t *testing.T) {
			bothWays(t, func(t *testing.T, bytewise bool) {
				checkReceive(t, bytewise, "scp -r -t 3331", c.transcript, c.log, "The connection ended")
			})
		})
	}
	err := Receive(t.Context(), talk{strings.NewReader("C0644 3 a\nx"), io.Discard}, parse(t, "scp -t 3331"), newMemory())
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v, want %v", err, io.ErrUnexpectedEOF)
	}
}

func TestReceiveStopsWithItsContext(t *testing.T) {
	stopping := forum.Errorf(forum.Stopping, "The server is shutting down.")
	for name, c := range map[string]struct {
		before, after string
		log           []string
	}{
		"between files":  {"", "C0644 1 a\n", nil},
		"in content":     {"C0644 3 a\nxx", "x\x00", []string{"create 3331/a 3 0644", "abort 3331/a: stopping"}},
		"before its end": {"C0644 3 a\nxxx", "\x00", []string{"create 3331/a 3 0644", "abort 3331/a: stopping"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancelCause(t.Context())
				m := newMemory()
				steps := []string{"S:\x00"}
				if c.before != "" {
					steps = append(steps, "C:"+c.before, "S:\x00")
				}
				steps = append(steps, "C:"+c.after, "S:\x02The server is shutting down.\n")
				err := converse(t, steps, false, func(rw io.ReadWriter) error {
					return Receive(ctx, &cutoff{rw, len(c.before) + 1, func() { stop(stopping) }}, parse(t, "scp -t 3331"), m)
				})
				if !errors.Is(err, stopping) || !slices.Equal(m.log, c.log) {
					t.Errorf("error %v, log %q", err, m.log)
				}
			})
		})
	}
}

func TestNothingIsReadOnceTheContextEnded(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	unread := strings.NewReader("\x00")
	if err := Receive(ctx, talk{unread, io.Discard}, parse(t, "scp -t 3331"), newMemory()); !errors.Is(err, context.Canceled) {
		t.Errorf("Receive: %v", err)
	}
	if err := Send(ctx, talk{unread, io.Discard}, parse(t, "scp -f 3331/a"), library()); !errors.Is(err, context.Canceled) {
		t.Errorf("Send: %v", err)
	}
	if unread.Len() != 1 {
		t.Error("something was read")
	}
}

// cutoff calls stop when its reader has given left bytes.
type cutoff struct {
	io.ReadWriter
	left int
	stop func()
}

func (c *cutoff) Read(p []byte) (int, error) {
	n, err := c.ReadWriter.Read(p)
	if c.left -= n; c.left <= 0 {
		c.stop()
	}
	return n, err
}

// A context may end after the last byte of a file was read and before it is published.
func TestReceiveDoesNotCommitOnceItsContextEnded(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	m := newMemory()
	err := Receive(ctx, talk{strings.NewReader("C0644 1 a\nx\x00"), io.Discard}, parse(t, "scp -t 3331"), &stopOnCreate{m, stop})
	if want := []string{"create 3331/a 1 0644", "abort 3331/a: internal"}; !errors.Is(err, context.Canceled) || !slices.Equal(m.log, want) {
		t.Errorf("error %v, log %q, want %q", err, m.log, want)
	}
}

type stopOnCreate struct {
	*memory
	stop func()
}

func (s *stopOnCreate) Create(ctx context.Context, p string, f File) (Upload, error) {
	s.stop()
	return s.memory.Create(ctx, p, f)
}

// talk is a client of which nothing is checked before it has said all.
type talk struct {
	io.Reader
	io.Writer
}

func TestReceiveBoundsDepth(t *testing.T) {
	deep := strings.Repeat("D0755 0 d\n", maxDepth)
	m := newMemory()
	var said strings.Builder
	input := strings.NewReader(deep + "D0755 0 e\nC0644 0 f\n\x00" + strings.Repeat("E\n", maxDepth))
	err := Receive(t.Context(), talk{input, &said}, parse(t, "scp -r -t 3331"), m)
	if forum.KindOf(err) != forum.Invalid || len(m.log) != maxDepth+2 || m.log[maxDepth] != "create 3331"+strings.Repeat("/d", maxDepth)+"/f 0 0644" {
		t.Errorf("error %v, log %q", err, m.log)
	}
	want := strings.Repeat("\x00", maxDepth+1) + "\x01The directory \"e\" is inside 32 others, which is the most; copy it by itself.\n" + strings.Repeat("\x00", maxDepth+2)
	if said.String() != want {
		t.Errorf("the server says %q, want %q", said.String(), want)
	}
}

func TestReceiveHoldsLittle(t *testing.T) {
	const size = 64 << 20
	input := io.MultiReader(strings.NewReader("C0644 67108864 a\n"), io.LimitReader(zeroes{}, size+1))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	sunk := &abyss{}
	err := Receive(t.Context(), talk{input, io.Discard}, parse(t, "scp -t 3331"), sunk)
	runtime.ReadMemStats(&after)
	if err != nil || sunk.size != size || !sunk.committed {
		t.Errorf("error %v, %d bytes, committed: %v", err, sunk.size, sunk.committed)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d bytes were allocated", used)
	}
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// abyss is a target whose uploads leave nothing but their size.
type abyss struct {
	memory
	size      int64
	committed bool
}

func (a *abyss) Create(context.Context, string, File) (Upload, error) { return a, nil }

func (a *abyss) Write(p []byte) (int, error) {
	a.size += int64(len(p))
	return len(p), nil
}

func (a *abyss) Commit(context.Context) error {
	a.committed = true
	return nil
}

func (a *abyss) Abort(error) {}

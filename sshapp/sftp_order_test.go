package sshapp

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Clients that do not wait for answers (sshfs, curl, libssh) get the same results as clients
// that do: the requests for one file take effect in the order in which they were sent
// (draft-ietf-secsh-filexfer-02, section 6.1).
func TestSFTPRequestsHappenInOrder(t *testing.T) {
	rounds := 100
	if testing.Short() {
		rounds = 10
	}
	tr := newTree(t)
	for _, row := range ordered {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			for _, c := range []*rawSFTP{rawOpenSSH(t), tr.raw(t, "Yoda")} {
				for range rounds {
					row.play(c)
				}
			}
		})
	}
}

// inOrder is a client's use of a file: it opens it, sends all requests at once, and closes it
// unless one of the requests does.
type inOrder struct {
	what     string
	before   string // the file has it; there is none if it is empty
	flags    int
	requests func(handle, path string) []request
	answers  []string
	after    string // the file has it in the end
}

const (
	anew     = toWrite | toCreate | toTruncate
	anewBoth = anew | toRead
	inPlace  = toWrite | toRead
	toTheEnd = toWrite | toAppend
)

var (
	as, bs = strings.Repeat("a", 30_000), strings.Repeat("b", 30_000)
	most   = strings.Repeat("m", 200_000)
)

var ordered = []inOrder{
	{
		"two writes to one place", "", anew,
		func(h, _ string) []request {
			return []request{writeRequest(h, 0, as), writeRequest(h, 0, bs)}
		},
		[]string{saysOK, saysOK}, bs,
	},
	{
		"writes that overlap", as, inPlace,
		func(h, _ string) []request {
			return []request{writeRequest(h, 0, bs), writeRequest(h, 10_000, as), writeRequest(h, 20_000, bs), writeRequest(h, 15_000, "m")}
		},
		[]string{saysOK, saysOK, saysOK, saysOK}, bs[:10_000] + as[:5000] + "m" + as[:4999] + bs,
	},
	{
		"a long write, then a short one", "", anew,
		func(h, _ string) []request {
			return []request{writeRequest(h, 0, most), writeRequest(h, 199_999, "x")}
		},
		[]string{saysOK, saysOK}, most[:199_999] + "x",
	},
	{
		"write, then cut", "", anew,
		func(h, _ string) []request { return []request{writeRequest(h, 0, as), fsetSizeRequest(h, 5)} },
		[]string{saysOK, saysOK}, "aaaaa",
	},
	{
		"write, then cut by the path", "", anew,
		func(h, p string) []request { return []request{writeRequest(h, 0, as), setSizeRequest(p, 5)} },
		[]string{saysOK, saysOK}, "aaaaa",
	},
	{
		"cut, then write", as, inPlace,
		func(h, _ string) []request {
			return []request{fsetSizeRequest(h, 0), writeRequest(h, 3, "x"), fsetSizeRequest(h, 6), writeRequest(h, 4, "y")}
		},
		[]string{saysOK, saysOK, saysOK, saysOK}, "\x00\x00\x00xy\x00",
	},
	{
		"write, then ask how long it is", "", anew,
		func(h, p string) []request {
			return []request{writeRequest(h, 0, as), lstatRequest(p), writeRequest(h, 30_000, bs), statRequest(p), writeRequest(h, 60_000, "x"), fstatRequest(h)}
		},
		[]string{saysOK, saysSize(30_000), saysOK, saysSize(60_000), saysOK, saysSize(60_001)}, as + bs + "x",
	},
	{
		"ask how long it is, then write", as, inPlace,
		func(h, p string) []request {
			return []request{lstatRequest(p), writeRequest(h, 30_000, bs), fstatRequest(h), writeRequest(h, 60_000, "x"), statRequest(p), writeRequest(h, 60_001, "y")}
		},
		[]string{saysSize(30_000), saysOK, saysSize(60_000), saysOK, saysSize(60_001), saysOK}, as + bs + "xy",
	},
	{
		"other ways to say the path", "", anew,
		func(h, p string) []request {
			dir, name := filepath.Split(p)
			return []request{
				writeRequest(h, 0, as), lstatRequest(dir + "./" + name), writeRequest(h, 30_000, "x"), lstatRequest(dir + "/" + name),
				writeRequest(h, 30_001, "x"), setSizeRequest(dir+"../"+filepath.Base(dir)+"/"+name, 7), writeRequest(h, 7, "x"),
			}
		},
		[]string{saysOK, saysSize(30_000), saysOK, saysSize(30_001), saysOK, saysOK, saysOK}, as[:7] + "x",
	},
	{
		"write, then read it back", "", anewBoth,
		func(h, _ string) []request {
			return []request{
				writeRequest(h, 0, as), readRequest(h, 29_990, 100), writeRequest(h, 29_995, bs[:10]), readRequest(h, 29_990, 100),
				fsetSizeRequest(h, 3), readRequest(h, 0, 100), readRequest(h, 3, 1), writeRequest(h, 5, "x"), readRequest(h, 0, 100),
			}
		},
		[]string{saysOK, saysData(as[:10]), saysOK, saysData(as[:5] + bs[:10]), saysOK, saysData("aaa"), saysEnd, saysOK, saysData("aaa\x00\x00x")}, "aaa\x00\x00x",
	},
	{
		"append, counted from the beginning", "base", toTheEnd,
		func(h, _ string) []request {
			return []request{
				writeRequest(h, 0, as[:3000]), writeRequest(h, 3000, bs[:3000]), writeRequest(h, 6000, as[:3000]), writeRequest(h, 9000, bs[:3000]),
			}
		},
		[]string{saysOK, saysOK, saysOK, saysOK}, "base" + as[:3000] + bs[:3000] + as[:3000] + bs[:3000],
	},
	{
		"append, counted from the end", "base", toTheEnd,
		func(h, _ string) []request {
			return []request{writeRequest(h, 4, as[:3000]), writeRequest(h, 3004, bs[:3000]), writeRequest(h, 6004, "x")}
		},
		[]string{saysOK, saysOK, saysOK}, "base" + as[:3000] + bs[:3000] + "x",
	},
	{
		"append, not counted", "base", toTheEnd | toCreate,
		func(h, _ string) []request { return []request{writeRequest(h, 0, "++"), writeRequest(h, 0, "--")} },
		[]string{saysOK, saysOK}, "base++--",
	},
	{
		"append, counted beyond the end", "--", toTheEnd,
		func(h, _ string) []request { return []request{writeRequest(h, 4, "**"), writeRequest(h, 1<<40, "+")} },
		[]string{saysOK, saysOK}, "--**+",
	},
	{
		"append to what was cut", "base", toTheEnd | toRead,
		func(h, p string) []request {
			return []request{
				writeRequest(h, 0, as), fsetSizeRequest(h, 6), writeRequest(h, 0, "++"), readRequest(h, 0, 100),
				setSizeRequest(p, 1), writeRequest(h, 0, "--"), fstatRequest(h),
			}
		},
		[]string{saysOK, saysOK, saysOK, saysData("baseaa++"), saysOK, saysOK, saysSize(3)}, "b--",
	},
	{
		"append to nothing", "", toTheEnd | toCreate,
		func(h, _ string) []request { return []request{writeRequest(h, 9, as), writeRequest(h, 9, bs)} },
		[]string{saysOK, saysOK}, as + bs,
	},
	{
		"write, then close, then ask", "", anew,
		func(h, p string) []request {
			return []request{
				writeRequest(h, 0, as), closeRequest(h), lstatRequest(p), writeRequest(h, 0, bs), readRequest(h, 0, 1), closeRequest(h), statRequest(p),
			}
		},
		[]string{saysOK, saysOK, saysSize(30_000), saysRefused, saysRefused, saysRefused, saysSize(30_000)}, as,
	},
	{
		"write, then make it durable, then write", "", anew,
		func(h, _ string) []request {
			return []request{writeRequest(h, 0, as), fsyncRequest(h), writeRequest(h, 0, bs), fsyncRequest(h), fstatRequest(h)}
		},
		[]string{saysOK, saysOK, saysOK, saysOK, saysSize(30_000)}, bs,
	},
	{
		"what is refused in between", "", anew,
		func(h, p string) []request {
			return []request{
				writeRequest(h, 0, as), readRequest(h, 0, 10), writeRequest(h, 0, bs), readdirRequest(h), lstatRequest(p),
				extendedRequest("no-such@extension", p), fsetSizeRequest(h, 4),
			}
		},
		[]string{saysOK, saysRefused, saysOK, saysRefused, saysSize(30_000), saysUnsupported, saysOK}, "bbbb",
	},
}

// play does it once.
func (row inOrder) play(c *rawSFTP) {
	c.t.Helper()
	name := strings.ReplaceAll(row.what, " ", "-")
	c.fill(name, row.before)
	handle := c.open(openRequest(c.path(name), row.flags))
	answers := c.ask(row.requests(handle, c.path(name))...)
	c.ask(closeRequest(handle))
	after := c.whole(name)
	c.ask(removeRequest(c.path(name)))
	if diff := cmp.Diff(short(row.answers...), short(answers...)); diff != "" {
		c.t.Fatalf("%s answers %s", c.server, diff)
	}
	if diff := cmp.Diff(short(row.after), short(after)); diff != "" {
		c.t.Fatalf("%s has the file %s", c.server, diff)
	}
}

// short has each run of a letter as its length and the letter.
func short(texts ...string) (all []string) {
	for _, text := range texts {
		var b strings.Builder
		for len(text) > 0 {
			n := len(text) - len(strings.TrimLeft(text, text[:1]))
			if n < 10 {
				b.WriteString(text[:n])
			} else {
				fmt.Fprintf(&b, "<%d %s>", n, text[:1])
			}
			text = text[n:]
		}
		all = append(all, b.String())
	}
	return all
}

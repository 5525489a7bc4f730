package sshapp

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// modelFile is a file as anybody understands it, with the handles that a client has on it.
type modelFile struct {
	name, path, other string // other leads to it, too
	handle            string // opened with flags
	flags             int
	reader            string // a handle that only reads
	data              []byte
}

// step is a request, and what it is to be answered with.
type step struct {
	request request
	answer  string
}

func (f *modelFile) resize(size int) {
	f.data = append(f.data, make([]byte, max(0, size-len(f.data)))...)[:size]
}

func (f *modelFile) write(at int, data string) step {
	request := writeRequest(f.handle, at, data)
	if f.flags&toWrite == 0 {
		return step{request, saysRefused}
	}
	if f.flags&toAppend != 0 {
		at = len(f.data)
	}
	f.resize(max(len(f.data), at+len(data)))
	copy(f.data[at:], data)
	return step{request, saysOK}
}

func (f *modelFile) read(handle string, at, n int) step {
	request := readRequest(handle, at, n)
	switch {
	case handle == f.handle && f.flags&toRead == 0:
		return step{request, saysRefused}
	case at >= len(f.data):
		return step{request, saysEnd}
	}
	return step{request, saysData(string(f.data[at:min(at+n, len(f.data))]))}
}

func (f *modelFile) cut(size int, byHandle bool) step {
	request := setSizeRequest(f.path, size)
	if byHandle {
		request = fsetSizeRequest(f.handle, size)
	}
	f.resize(size)
	return step{request, saysOK}
}

func (f *modelFile) size(request request) step { return step{request, saysSize(len(f.data))} }

// next draws a request for the file.
func (f *modelFile) next(t *rapid.T) step {
	at := rapid.SampledFrom([]int{0, 1, 100, 999, 30_000, 65_471, 65_472, 70_000}).Draw(t, "at")
	letter := rapid.StringMatching("[a-z]").Draw(t, "letter")
	n := rapid.SampledFrom([]int{1, 100, 1000, 30_000, 70_000}).Draw(t, "n")
	switch rapid.IntRange(0, 9).Draw(t, "do") {
	case 0:
		return f.read(rapid.SampledFrom([]string{f.handle, f.reader}).Draw(t, "handle"), at, 20_000)
	case 1:
		return f.cut(at, rapid.Bool().Draw(t, "by handle"))
	case 2:
		return f.size(lstatRequest(f.other))
	case 3:
		return f.size(statRequest(f.path))
	case 4:
		return f.size(fstatRequest(f.handle))
	case 5:
		return step{fsyncRequest(f.handle), saysOK}
	case 6:
		return step{readdirRequest(f.handle), saysRefused}
	}
	return f.write(at, strings.Repeat(letter, n))
}

// TestSFTPFilesAreAsInAModel: random requests for two files, sent without waiting, end as
// they do one after the other.
func TestSFTPFilesAreAsInAModel(t *testing.T) {
	tr := newTree(t)
	for name, c := range map[string]*rawSFTP{"OpenSSH": rawOpenSSH(t), "forum": tr.raw(t, "Yoda")} {
		t.Run(name, func(t *testing.T) {
			c.t = t
			rapid.Check(t, func(t *rapid.T) { likeAModel(t, c) })
		})
	}
}

func likeAModel(t *rapid.T, c *rawSFTP) {
	var files []*modelFile
	for _, name := range []string{"a", "b"} {
		f := &modelFile{name: name, path: c.path(name), other: c.path("") + "/./" + name}
		files = append(files, f)
		c.ask(removeRequest(f.path)) // which a run that failed has left
	}
	for range rapid.IntRange(1, 4).Draw(t, "times") {
		var steps []step
		for _, f := range files {
			f.flags = rapid.SampledFrom([]int{toWrite, toWrite | toRead, toWrite | toAppend, toWrite | toRead | toAppend}).Draw(t, "flags")
			if rapid.Bool().Draw(t, "anew") {
				f.flags, f.data = f.flags|toTruncate, nil
			}
			f.handle = c.open(openRequest(f.path, f.flags|toCreate))
			f.reader = c.open(openRequest(f.other, toRead))
		}
		for range rapid.IntRange(0, 40).Draw(t, "requests") {
			steps = append(steps, rapid.SampledFrom(files).Draw(t, "file").next(t))
		}
		for _, f := range files {
			steps = append(steps, step{closeRequest(f.handle), saysOK}, f.size(lstatRequest(f.path)), step{writeRequest(f.handle, 0, "late"), saysRefused},
				f.read(f.reader, 0, 20_000), step{closeRequest(f.reader), saysOK}, step{readRequest(f.reader, 0, 1), saysRefused})
		}
		compare(t, c, steps)
	}
	for _, f := range files {
		if diff := cmp.Diff(short(string(f.data)), short(c.whole(f.name))); diff != "" {
			t.Errorf("%s: %s", f.name, diff)
		}
	}
}

// compare sends all requests at once.
func compare(t *rapid.T, c *rawSFTP, steps []step) {
	var requests []request
	var want []string
	for _, s := range steps {
		requests, want = append(requests, s.request), append(want, s.answer)
	}
	got := c.ask(requests...)
	for i := range steps {
		if got[i] != want[i] {
			t.Fatalf("request %d of type %d: %s", i, requests[i].kind, cmp.Diff(short(want[i]), short(got[i])))
		}
	}
}

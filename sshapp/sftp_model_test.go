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
	handles           []modelHandle
	data              []byte
}

type modelHandle struct {
	name  string
	flags int // with which it was opened
}

// step is a request with its expected answer.
type step struct {
	request request
	answer  string
}

func (f *modelFile) resize(size int) {
	f.data = append(f.data, make([]byte, max(0, size-len(f.data)))...)[:size]
}

func (f *modelFile) write(h modelHandle, at int, data string) step {
	request := writeRequest(h.name, at, data)
	if h.flags&toWrite == 0 {
		return step{request, saysRefused}
	}
	if h.flags&toAppend != 0 {
		at = len(f.data)
	}
	f.resize(max(len(f.data), at+len(data)))
	copy(f.data[at:], data)
	return step{request, saysOK}
}

func (f *modelFile) read(h modelHandle, at, n int) step {
	request := readRequest(h.name, at, n)
	switch {
	case h.flags&toRead == 0:
		return step{request, saysRefused}
	case at >= len(f.data):
		return step{request, saysEnd}
	}
	return step{request, saysData(string(f.data[at:min(at+n, len(f.data))]))}
}

func (f *modelFile) cut(h modelHandle, size int) step {
	request := fsetSizeRequest(h.name, size)
	if h.flags&toWrite == 0 {
		return step{request, saysRefused}
	}
	f.resize(size)
	return step{request, saysOK}
}

func (f *modelFile) cutByPath(size int) step {
	f.resize(size)
	return step{setSizeRequest(f.other, size), saysOK}
}

func (f *modelFile) size(request request) step { return step{request, saysSize(len(f.data))} }

// next draws a request for the file.
func (f *modelFile) next(t *rapid.T) step {
	h := rapid.SampledFrom(f.handles).Draw(t, "handle")
	at := rapid.SampledFrom([]int{0, 1, 100, 999, 30_000, 65_471, 65_472, 70_000}).Draw(t, "at")
	letter := rapid.StringMatching("[a-z]").Draw(t, "letter")
	n := rapid.SampledFrom([]int{1, 100, 1000, 30_000, 70_000}).Draw(t, "n")
	switch rapid.IntRange(0, 11).Draw(t, "do") {
	case 0, 1:
		return f.read(h, at, 20_000)
	case 2:
		return f.cut(h, at)
	case 3:
		return f.cutByPath(at)
	case 4:
		return f.size(lstatRequest(f.other))
	case 5:
		return f.size(statRequest(f.path))
	case 6:
		return f.size(fstatRequest(h.name))
	case 7:
		return step{fsyncRequest(h.name), saysOK}
	case 8:
		return step{readdirRequest(h.name), saysRefused}
	}
	return f.write(h, at, strings.Repeat(letter, n))
}

// open opens the file by one handle more.
func (f *modelFile) open(c *rawSFTP, flags int) {
	if flags&toTruncate != 0 {
		f.data = nil
	}
	f.handles = append(f.handles, modelHandle{c.open(openRequest(f.path, flags)), flags})
}

// close closes all handles, and looks whether they are closed.
func (f *modelFile) close(t *rapid.T) (steps []step) {
	for _, h := range rapid.Permutation(f.handles).Draw(t, "closing") {
		steps = append(steps, f.read(h, 0, 20_000), step{closeRequest(h.name), saysOK}, f.size(lstatRequest(f.path)),
			step{writeRequest(h.name, 0, "late"), saysRefused}, step{readRequest(h.name, 0, 1), saysRefused})
	}
	f.handles = nil
	return steps
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
	for time := range rapid.IntRange(1, 4).Draw(t, "times") {
		for _, f := range files {
			if time > 0 {
				f.open(c, toRead)
			}
			for range rapid.IntRange(1, 2).Draw(t, "handles to write") {
				f.open(c, toWrite|toCreate|rapid.SampledFrom([]int{0, toRead, toAppend, toRead | toAppend, toTruncate}).Draw(t, "flags"))
			}
			f.open(c, toRead)
		}
		var steps []step
		for range rapid.IntRange(0, 40).Draw(t, "requests") {
			steps = append(steps, rapid.SampledFrom(files).Draw(t, "file").next(t))
		}
		for _, f := range files {
			steps = append(steps, f.close(t)...)
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

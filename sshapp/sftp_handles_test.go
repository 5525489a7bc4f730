package sshapp

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	gossh "golang.org/x/crypto/ssh"
)

// A handle can be used only for the purpose it was opened for, like OpenSSH's.
func TestSFTPHandlesAreForWhatTheyWereOpened(t *testing.T) {
	const before = "0123456789"
	tr := newTree(t)
	for _, c := range []*rawSFTP{rawOpenSSH(t), tr.raw(t, "Yoda")} {
		c.fill("file", before)
		read, write := c.open(openRequest(c.path("file"), toRead)), c.open(openRequest(c.path("file"), toWrite))
		list := c.open(opendirRequest(c.root))
		for _, test := range []struct {
			what    string
			request request
			answer  string
		}{
			{"write what is read", writeRequest(read, 0, "x"), saysRefused},
			{"cut what is read", fsetSizeRequest(read, 5), saysRefused},
			{"the mode of what is read", fsetModeRequest(read), saysOK},
			{"list what is read", readdirRequest(read), saysRefused},
			{"read what is read", readRequest(read, 2, 3), saysData("234")},
			{"read what is written", readRequest(write, 0, 5), saysRefused},
			{"list what is written", readdirRequest(write), saysRefused},
			{"read a directory", readRequest(list, 0, 5), saysRefused},
			{"write a directory", writeRequest(list, 0, "x"), saysRefused},
			{"cut a directory", fsetSizeRequest(list, 0), saysRefused},
			{"write by no handle", writeRequest("no handle", 0, "x"), saysRefused},
			{"close no handle", closeRequest("no handle"), saysRefused},
			{"the size after all that", lstatRequest(c.path("file")), saysSize(len(before))},
			{"close what is read", closeRequest(read), saysOK},
			{"close what is written", closeRequest(write), saysOK},
			{"close a directory", closeRequest(list), saysOK},
		} {
			if got := c.ask(test.request); got[0] != test.answer {
				t.Errorf("%s, %s: %s, want %s", c.server, test.what, got[0], test.answer)
			}
		}
		if after := c.whole("file"); after != before {
			t.Errorf("%s: the file has %q", c.server, after)
		}
	}
}

// A session sees what it writes by every path of the file.
func TestSFTPOtherNamesOfAFile(t *testing.T) {
	const decomposed, composed = "e\u0301", "\u00e9"
	tr := newTree(t)
	c := tr.raw(t, "Yoda")
	for opened, others := range map[string][]string{
		"/3331/" + decomposed: {"/3331/" + composed, "3331/" + composed, "/../3331//./" + decomposed},
		"/@yoda/a":            {"/@Yoda/a", "/@YODA/a", "/@\uff39oda/a"},
	} {
		for _, other := range others {
			first := c.open(openRequest(opened, anew))
			got := c.ask(writeRequest(first, 0, as), lstatRequest(other), writeRequest(first, 0, bs), setSizeRequest(other, 5), statRequest(opened), closeRequest(first), removeRequest(other))
			if diff := cmp.Diff([]string{saysOK, saysSize(30_000), saysOK, saysOK, saysSize(5), saysOK, saysOK}, got); diff != "" {
				t.Errorf("%q, then %q: %s", opened, other, diff)
			}
		}
	}
}

// A handle for reading sees the writes of its own session, as on a disk.
func TestSFTPReadersSeeWhatTheirSessionWrites(t *testing.T) {
	tr := newTree(t)
	for _, c := range []*rawSFTP{rawOpenSSH(t), tr.raw(t, "Yoda")} {
		for what, before := range map[string]string{"a file": as, "a new file": ""} {
			path := c.path("file")
			c.fill("file", before)
			var reader, writer string
			if before == "" {
				writer = c.open(openRequest(path, toWrite|toCreate))
				reader = c.open(openRequest(path, toRead))
			} else {
				reader = c.open(openRequest(path, toRead))
				writer = c.open(openRequest(path, toWrite|toCreate))
			}
			got := c.ask(
				writeRequest(writer, 0, bs), readRequest(reader, 0, 5), fstatRequest(reader), fsetSizeRequest(writer, 3), readRequest(reader, 0, 5),
				writeRequest(writer, 1, "x"), closeRequest(writer), readRequest(reader, 0, 5), readRequest(reader, 3, 5), fstatRequest(reader),
				setSizeRequest(path, 2), readRequest(reader, 0, 5), closeRequest(reader), removeRequest(path))
			want := []string{
				saysOK, saysData("bbbbb"), saysSize(30_000), saysOK, saysData("bbb"),
				saysOK, saysOK, saysData("bxb"), saysEnd, saysSize(3),
				saysOK, saysData("bx"), saysOK, saysOK,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %s: %s", c.server, what, diff)
			}
		}
	}
}

// Two handles to write are on one file, as on a disk; it is whole when both are closed.
func TestSFTPTwoHandlesToWriteAFile(t *testing.T) {
	tr := newTree(t)
	luke := tr.raw(t, "Luke")
	for _, c := range []*rawSFTP{rawOpenSSH(t), tr.raw(t, "Yoda")} {
		path := c.path("file")
		one, two := c.open(openRequest(path, toTheEnd|toCreate)), c.open(openRequest(path, toTheEnd|toCreate))
		got := c.ask(
			writeRequest(one, 0, "one\n"), writeRequest(two, 0, "two\n"), writeRequest(one, 0, "three\n"), closeRequest(one),
			writeRequest(two, 0, "four\n"), lstatRequest(path), writeRequest(one, 0, "late\n"))
		if diff := cmp.Diff([]string{saysOK, saysOK, saysOK, saysOK, saysOK, saysSize(19), saysRefused}, got); diff != "" {
			t.Errorf("%s: %s", c.server, diff)
		}
		if c.root == luke.root {
			if got := luke.ask(lstatRequest(path)); got[0] != saysRefused {
				t.Errorf("others see the file before it is whole: %s", got[0])
			}
		}
		if got := c.ask(openRequest(path, toWrite|toCreate|toExclude)); got[0] != saysRefused {
			t.Errorf("%s: what must not be there is opened: %s", c.server, got[0])
		}
		anew := c.open(openRequest(path, anew))
		got = c.ask(writeRequest(anew, 2, "five\n"), writeRequest(two, 0, "six\n"), closeRequest(two), closeRequest(anew))
		if diff := cmp.Diff([]string{saysOK, saysOK, saysOK, saysOK}, got); diff != "" {
			t.Errorf("%s: %s", c.server, diff)
		}
		if got, want := c.whole("file"), "\x00\x00five\nsix\n"; got != want {
			t.Errorf("%s: the file has %q, want %q", c.server, got, want)
		}
	}
}

// A file that is removed while it is written is gone, and another can take its name.
func TestSFTPRemovedWhileItIsWritten(t *testing.T) {
	tr := newTree(t)
	for _, c := range []*rawSFTP{rawOpenSSH(t), tr.raw(t, "Yoda")} {
		path := c.path("file")
		first := c.open(openRequest(path, anew))
		got := c.ask(writeRequest(first, 0, "first"), removeRequest(path), lstatRequest(path), removeRequest(path))
		if diff := cmp.Diff([]string{saysOK, saysOK, saysRefused, saysRefused}, got); diff != "" {
			t.Errorf("%s: %s", c.server, diff)
		}
		second := c.open(openRequest(path, anew))
		c.ask(writeRequest(first, 0, "FIRST"), writeRequest(second, 0, "second"), closeRequest(second), closeRequest(first))
		if got := c.whole("file"); got != "second" {
			t.Errorf("%s: the file has %q", c.server, got)
		}
	}
}

// A handle to write that only reads changes nothing: the thread has no new line.
func TestSFTPReadingByAHandleToWrite(t *testing.T) {
	tr := newTree(t)
	c := tr.raw(t, "Yoda")
	c.fill("file", "wisdom")
	before := get(t, tr.enter(t, "Luke"), "/3331/.thread.json")
	handle := c.open(openRequest(c.path("file"), inPlace))
	if diff := cmp.Diff([]string{saysData("wis"), saysOK}, c.ask(readRequest(handle, 0, 3), closeRequest(handle))); diff != "" {
		t.Error(diff)
	}
	if after := get(t, tr.enter(t, "Luke"), "/3331/.thread.json"); string(after) != string(before) {
		t.Errorf("the thread was\n%s and is\n%s", before, after)
	}
}

// Keys are appended as lines are to a file.
func TestSFTPAppendsToAuthorizedKeys(t *testing.T) {
	tr := newTree(t)
	c := tr.raw(t, "Yoda")
	c.root = "/.ssh"
	var lines []string
	for range 3 {
		lines = append(lines, string(gossh.MarshalAuthorizedKey(newKey(t).PublicKey())))
	}
	handle := c.open(openRequest(c.path("authorized_keys"), toTheEnd|toCreate))
	c.ask(writeRequest(handle, 0, lines[0]), writeRequest(handle, 0, lines[1]), writeRequest(handle, 1000, lines[2]), closeRequest(handle))
	if got := c.whole("authorized_keys"); len(got) != len(strings.Join(lines, "")) {
		t.Errorf("the keys are\n%s", got)
	}
	for _, line := range lines {
		if got := c.whole("authorized_keys"); !strings.Contains(got, line) {
			t.Errorf("%s is not among\n%s", line, got)
		}
	}
}

// An unknown request gets an error, and the session goes on.
func TestSFTPUnknownRequests(t *testing.T) {
	tr := newTree(t)
	c := tr.raw(t, "Yoda")
	c.fill("file", "wisdom")
	for _, kind := range []byte{0, 2, 21, 22, 99, 101, 199, 201, 255} {
		got := c.ask(unknownRequest(kind), lstatRequest(c.path("file")))
		if diff := cmp.Diff([]string{saysUnsupported, saysSize(6)}, got); diff != "" {
			t.Errorf("type %d: %s", kind, diff)
		}
	}
}

// A length that no packet has ends the session at once, and the log says why.
func TestSFTPLengthsThatNoPacketHas(t *testing.T) {
	for _, length := range []int{0, 1, 1 << 31} {
		tr := newTree(t)
		c := tr.raw(t, "Yoda")
		if _, err := c.in.Write(append(fields(length), 5)); err != nil {
			t.Fatal(err)
		}
		if rest, err := io.ReadAll(c.out); err != nil || len(rest) > 0 {
			t.Errorf("%d: the answer is %q, %v", length, rest, err)
		}
		says := fmt.Sprintf("the client sends a packet of %d bytes; a packet has 5 to 262144", length)
		eventually(t, "the log says that "+says, func() bool { return strings.Contains(tr.server.logs.String(), says) })
	}
}

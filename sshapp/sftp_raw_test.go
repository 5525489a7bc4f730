package sshapp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sshforum/forum/forumtest"
)

// rawSFTP is a client that sends requests as it likes, without waiting for answers.
type rawSFTP struct {
	t      testing.TB
	server string
	in     io.WriteCloser
	out    io.Reader
	root   string // where its files are
	next   uint32 // id of the next request
}

// speak begins the session.
func (c *rawSFTP) speak() *rawSFTP {
	c.t.Helper()
	if _, err := c.in.Write(frame(1, fields(3))); err != nil {
		c.t.Fatal(err)
	}
	if version := c.receive(); version[0] != 2 {
		c.t.Fatalf("the server begins with %q", version)
	}
	return c
}

// raw starts an SFTP session with this server.
func (tr *tree) raw(t *testing.T, name string) *rawSFTP {
	t.Helper()
	sess, err := tr.server.as(t, tr.Forum, name).NewSession()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sess.Close() })
	in, inErr := sess.StdinPipe()
	out, outErr := sess.StdoutPipe()
	if err := errors.Join(inErr, outErr, sess.RequestSubsystem("sftp")); err != nil {
		t.Fatal(err)
	}
	return (&rawSFTP{t: t, server: "the forum", in: in, out: out, root: "/3331"}).speak()
}

// rawOpenSSH starts OpenSSH's server, for comparison.
func rawOpenSSH(t *testing.T) *rawSFTP {
	t.Helper()
	programs := []string{"/usr/lib/openssh/sftp-server", "/usr/lib/ssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/libexec/sftp-server"}
	i := slices.IndexFunc(programs, func(p string) bool { _, err := os.Stat(p); return err == nil })
	if i < 0 {
		forumtest.NeedsProgram(t, programs[0])
	}
	cmd := exec.Command(programs[i])
	in, inErr := cmd.StdinPipe()
	out, outErr := cmd.StdoutPipe()
	if err := errors.Join(inErr, outErr, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	return (&rawSFTP{t: t, server: "OpenSSH", in: in, out: out, root: t.TempDir()}).speak()
}

func (c *rawSFTP) path(name string) string { return filepath.Join(c.root, name) }

// fields returns strings and numbers as packets have them.
func fields(values ...any) (b []byte) {
	for _, v := range values {
		switch v := v.(type) {
		case string:
			b = append(binary.BigEndian.AppendUint32(b, uint32(len(v))), v...)
		case int:
			b = binary.BigEndian.AppendUint32(b, uint32(v))
		case uint64:
			b = binary.BigEndian.AppendUint64(b, v)
		}
	}
	return b
}

// frame returns a packet whose type is kind.
func frame(kind byte, content []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(1+len(content)))
	return append(append(b, kind), content...)
}

// receive returns the next packet without its length.
func (c *rawSFTP) receive() []byte {
	c.t.Helper()
	var length [4]byte
	if _, err := io.ReadFull(c.out, length[:]); err != nil {
		c.t.Fatal(err)
	}
	packet := make([]byte, binary.BigEndian.Uint32(length[:]))
	if _, err := io.ReadFull(c.out, packet); err != nil {
		c.t.Fatal(err)
	}
	return packet
}

// request is a packet without its length and its id.
type request struct {
	kind    byte
	content []byte
}

// Flags of SSH_FXP_OPEN (draft-ietf-secsh-filexfer-02, section 6.3).
const (
	toRead, toWrite, toAppend, toCreate, toTruncate, toExclude = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
)

func openRequest(path string, flags int) request { return request{3, fields(path, flags, 0)} }
func closeRequest(handle string) request         { return request{4, fields(handle)} }
func readRequest(handle string, at, n int) request {
	return request{5, fields(handle, uint64(at), n)}
}
func writeRequest(handle string, at int, data string) request {
	return request{6, fields(handle, uint64(at), data)}
}
func lstatRequest(path string) request   { return request{7, fields(path)} }
func fstatRequest(handle string) request { return request{8, fields(handle)} }
func setSizeRequest(path string, size int) request {
	return request{9, fields(path, 1, uint64(size))}
}
func fsetSizeRequest(handle string, size int) request {
	return request{10, fields(handle, 1, uint64(size))}
}
func fsetModeRequest(handle string) request { return request{10, fields(handle, 4, 0o600)} }
func opendirRequest(path string) request    { return request{11, fields(path)} }
func readdirRequest(handle string) request  { return request{12, fields(handle)} }
func removeRequest(path string) request     { return request{13, fields(path)} }
func statRequest(path string) request       { return request{17, fields(path)} }
func extendedRequest(values ...any) request { return request{200, fields(values...)} }
func fsyncRequest(handle string) request    { return extendedRequest("fsync@openssh.com", handle) }
func unknownRequest(kind byte) request      { return request{kind, fields("of another version")} }

// ask sends requests at once and returns their answers, which must come in the order of the
// requests.
func (c *rawSFTP) ask(requests ...request) (answers []string) {
	c.t.Helper()
	first := c.next
	var all []byte
	for _, r := range requests {
		all = append(all, frame(r.kind, append(fields(int(c.next)), r.content...))...)
		c.next++
	}
	sent := make(chan error, 1)
	go func() {
		_, err := c.in.Write(all)
		sent <- err
	}()
	for i := range requests {
		answer := c.receive()
		if id := binary.BigEndian.Uint32(answer[1:]); id != first+uint32(i) {
			c.t.Fatalf("answer %d is that of request %d", i, id-first)
		}
		answers = append(answers, inWords(answer))
	}
	if err := <-sent; err != nil {
		c.t.Fatal(err)
	}
	return answers
}

// Answers in words.
const (
	saysOK          = "ok"
	saysEnd         = "end of file"
	saysUnsupported = "unsupported"
	saysRefused     = "refused"
)

func saysHandle(handle string) string { return "handle " + handle }
func saysSize(n int) string           { return fmt.Sprint(n, " bytes") }
func saysData(data string) string     { return "data " + data }

// inWords returns an answer without its id. All refusals are the same word, since servers
// differ in their codes.
func inWords(answer []byte) string {
	body := answer[5:]
	switch answer[0] {
	case 101:
		switch binary.BigEndian.Uint32(body) {
		case 0:
			return saysOK
		case 1:
			return saysEnd
		case 8:
			return saysUnsupported
		}
		return saysRefused
	case 102:
		return saysHandle(string(body[4:]))
	case 103:
		return saysData(string(body[4:]))
	case 105:
		return saysSize(int(binary.BigEndian.Uint64(body[4:])))
	}
	return fmt.Sprintf("a packet of type %d", answer[0])
}

// open returns a handle.
func (c *rawSFTP) open(r request) string {
	c.t.Helper()
	answer := c.ask(r)[0]
	handle, ok := strings.CutPrefix(answer, saysHandle(""))
	if !ok {
		c.t.Fatalf("it is not opened: %s", answer)
	}
	return handle
}

// fill makes a file with a content, or none for "".
func (c *rawSFTP) fill(name, data string) {
	c.t.Helper()
	if data == "" {
		return
	}
	handle := c.open(openRequest(c.path(name), toWrite|toCreate|toTruncate))
	if got := c.ask(writeRequest(handle, 0, data), closeRequest(handle)); !slices.Equal(got, []string{saysOK, saysOK}) {
		c.t.Fatalf("%s is not filled: %v", name, got)
	}
}

// whole returns the content of a file.
func (c *rawSFTP) whole(name string) string {
	c.t.Helper()
	handle := c.open(openRequest(c.path(name), toRead))
	var data string
	for {
		answer := c.ask(readRequest(handle, len(data), 32<<10))[0]
		if answer == saysEnd {
			break
		}
		more, ok := strings.CutPrefix(answer, saysData(""))
		if !ok || more == "" {
			c.t.Fatalf("%s is not read: %s", name, answer)
		}
		data += more
	}
	c.ask(closeRequest(handle))
	return data
}

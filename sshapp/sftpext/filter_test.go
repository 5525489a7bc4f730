package sftpext

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/pkg/sftp"
)

// client is one that sends packets as it likes.
type client struct {
	t testing.TB
	net.Conn
}

// serve serves one client through a filter until the test ends.
func serve(t testing.TB, cfg Config, handlers sftp.Handlers) client {
	t.Helper()
	c, _ := served(t, cfg, handlers)
	return c
}

// served is serve that returns the filter as well.
func served(t testing.TB, cfg Config, handlers sftp.Handlers) (client, *Filter) {
	t.Helper()
	near, far := net.Pipe()
	filter := New(far, cfg)
	server := newServer(filter, handlers)
	done := make(chan error, 1)
	go func() { done <- server.Serve() }()
	t.Cleanup(func() {
		_ = near.Close()
		<-done
		_ = server.Close()
	})
	return client{t, near}, filter
}

func (c client) send(packets ...[]byte) {
	c.t.Helper()
	if _, err := c.Write(slices.Concat(packets...)); err != nil {
		c.t.Fatal(err)
	}
}

// receive returns the next packet.
func (c client) receive() []byte {
	c.t.Helper()
	packet := make([]byte, 4)
	if _, err := io.ReadFull(c, packet); err != nil {
		c.t.Fatal(err)
	}
	packet = append(packet, make([]byte, binary.BigEndian.Uint32(packet))...)
	if _, err := io.ReadFull(c, packet[4:]); err != nil {
		c.t.Fatal(err)
	}
	return packet
}

func (c client) ask(packet []byte) (reply []byte) {
	c.t.Helper()
	c.send(packet)
	return c.receive()
}

// begin begins the session and opens a file to write.
func (c client) begin(name string) (handle string) {
	c.t.Helper()
	c.ask(packet(fxpInit, 3, nil))
	reply := c.ask(opening(1, name))
	got, _, ok := cutString(reply[headerLength:])
	if !ok || kind(reply) != fxpHandle {
		c.t.Fatalf("%s is not opened: %q", name, reply)
	}
	return string(got)
}

// memory is a channel whose client sent in, and gets out.
type memory struct {
	in  io.Reader
	out bytes.Buffer
}

func (m *memory) Read(p []byte) (int, error)  { return m.in.Read(p) }
func (m *memory) Write(p []byte) (int, error) { return m.out.Write(p) }
func (m *memory) Close() error                { return nil }

// content returns strings and numbers as packets have them.
func content(values ...any) (b []byte) {
	for _, v := range values {
		switch v := v.(type) {
		case string:
			b = appendString(b, v)
		case int:
			b = binary.BigEndian.AppendUint32(b, uint32(v))
		case uint64:
			b = binary.BigEndian.AppendUint64(b, v)
		}
	}
	return b
}

const (
	readWriteCreate = 0x1 | 0x2 | 0x8 // SSH_FXF_READ, SSH_FXF_WRITE and SSH_FXF_CREAT
)

func opening(id uint32, name string) []byte {
	return packet(fxpOpen, id, content(name, readWriteCreate, 0))
}

func writing(id uint32, handle string, offset uint64, data string) []byte {
	return packet(fxpWrite, id, content(handle, offset, data))
}

func extension(id uint32, values ...any) []byte { return packet(fxpExtended, id, content(values...)) }

func TestExtensions(t *testing.T) {
	const id = 7
	limits := packet(fxpExtendedReply, id, content(uint64(PacketLength), uint64(1<<17), uint64(TransferLength), uint64(5)))
	noHandle := status(id, fxFailure, "the handle is not of an open file")
	for name, test := range map[string]struct {
		file   string
		asks   func(handle string) []byte
		want   []byte
		synced string
	}{
		"limits":           {"file", func(string) []byte { return extension(id, limitsExtension) }, limits, ""},
		"limits and more":  {"file", func(string) []byte { return extension(id, limitsExtension, strings.Repeat("x", 100000)) }, limits, ""},
		"fsync":            {"file", func(h string) []byte { return extension(id, fsyncExtension, h) }, status(id, fxOK, ""), "/file"},
		"a path not clean": {"..//a/../file", func(h string) []byte { return extension(id, fsyncExtension, h) }, status(id, fxOK, ""), "/file"},
		"it fails":         {"full", func(h string) []byte { return extension(id, fsyncExtension, h) }, status(id, fxFailure, "the disk is full"), "/full"},
		"no handle":        {"file", func(string) []byte { return extension(id, fsyncExtension) }, noHandle, ""},
		"another handle":   {"file", func(h string) []byte { return extension(id, fsyncExtension, h+"0") }, noHandle, ""},
		"a huge handle":    {"file", func(string) []byte { return extension(id, fsyncExtension, strings.Repeat("1", 200000)) }, noHandle, ""},
		"a cut handle":     {"file", func(string) []byte { return extension(id, fsyncExtension, 1000) }, noHandle, ""},
	} {
		var synced string
		c := serve(t, Config{ReadLength: 1 << 17, OpenHandles: 5, Fsync: func(path string) error {
			synced = path
			if path == "/full" {
				return errors.New("the disk is full")
			}
			return nil
		}}, sftp.InMemHandler())
		handle := c.begin(test.file)
		if got := c.ask(test.asks(handle)); !bytes.Equal(got, test.want) || synced != test.synced {
			t.Errorf("%s: got %q, want %q; made durable: %q", name, got, test.want, synced)
		}
		if got := c.ask(writing(9, handle, 0, "x")); !bytes.Equal(got, status(9, fxOK, "")) {
			t.Errorf("%s: a write after it is answered with %q", name, got)
		}
	}
}

func TestExtensionsOfTheServer(t *testing.T) {
	c := serve(t, Config{}, sftp.InMemHandler())
	want := packet(fxpVersion, 3, content("posix-rename@openssh.com", "1", "statvfs@openssh.com", "2", limitsExtension, "1"))
	if got := c.ask(packet(fxpInit, 3, nil)); !bytes.Equal(got, want) {
		t.Errorf("announced are %q", got)
	}
	for _, name := range []string{fsyncExtension, "copy-data", strings.Repeat("x", 10*maxName)} {
		got := c.ask(extension(5, name, "1"))
		if code := binary.BigEndian.Uint32(got[headerLength:]); kind(got) != fxpStatus || id(got) != 5 || code != fxUnsupported {
			t.Errorf("%s is answered with %q", name, got)
		}
	}
	if got := c.ask(extension(6, "posix-rename@openssh.com", "a", "b")); kind(got) != fxpStatus || id(got) != 6 {
		t.Errorf("a rename is answered with %q", got)
	}
}

// Files are known while they are open, and directories are not.
func TestFilesAreForgotten(t *testing.T) {
	var synced int
	near, filter := served(t, Config{OpenHandles: 3, Fsync: func(string) error { synced++; return nil }}, sftp.InMemHandler())
	var handles []string
	for i := range 5 {
		handles = append(handles, near.begin(fmt.Sprint("file", i)))
	}
	directory, _, _ := cutString(near.ask(packet(11, 2, content("/")))[headerLength:])
	near.ask(opening(3, "no/such/directory"))
	for _, handle := range append(handles, string(directory)) {
		near.ask(extension(8, fsyncExtension, handle))
	}
	if synced != 3 {
		t.Errorf("%d files were made durable", synced)
	}
	for _, handle := range handles {
		near.ask(packet(fxpClose, 9, content(handle)))
		near.ask(extension(8, fsyncExtension, handle))
	}
	if synced != 3 || len(filter.handles.open) != 0 {
		t.Errorf("%d files were made durable; %v are kept", synced, filter.handles.open)
	}
}

// slowFile takes a write once it may.
type slowFile struct {
	may     chan struct{}
	written atomic.Int32
}

func (f *slowFile) Filewrite(*sftp.Request) (io.WriterAt, error) { return f, nil }
func (f *slowFile) WriteAt(p []byte, _ int64) (int, error) {
	<-f.may
	f.written.Add(1)
	return len(p), nil
}

func TestFsyncComesAfterTheWritesBeforeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := &slowFile{may: make(chan struct{})}
		written := int32(-1)
		cfg := Config{Fsync: func(string) error { written = file.written.Load(); return nil }}
		c := serve(t, cfg, sftp.Handlers{FilePut: file})
		handle := c.begin("file")
		var packets [][]byte
		for i := range uint32(20) {
			packets = append(packets, writing(i, handle, uint64(i), "x"))
		}
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			c.send(append(packets, extension(100, fsyncExtension, handle), writing(101, handle, 0, "x"))...)
		}()
		synctest.Wait()
		if written >= 0 {
			t.Errorf("made durable with %d of 20 writes done", written)
		}
		close(file.may)
		for i := range uint32(20) {
			if got := c.receive(); !bytes.Equal(got, status(i, fxOK, "")) {
				t.Errorf("reply %d is %q", i, got)
			}
		}
		if got := c.receive(); !bytes.Equal(got, status(100, fxOK, "")) || written != 20 {
			t.Errorf("made durable with %d of 20 writes done: %q", written, got)
		}
		c.receive()
		<-sent
	})
}

// The server gets at most Config.Requests requests at once.
func TestRequestsWaitForAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := &slowFile{may: make(chan struct{})}
		c, filter := served(t, Config{Requests: 3}, sftp.Handlers{FilePut: file})
		var packets [][]byte
		for i := range uint32(10) {
			handle := c.begin(fmt.Sprint("file", i))
			packets = append(packets, writing(i, handle, uint64(i), "x"))
		}
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			c.send(packets...)
		}()
		synctest.Wait()
		if n := filter.queue.length(); n != 3 {
			t.Errorf("the server has %d requests", n)
		}
		close(file.may)
		for i := range uint32(10) {
			if got := c.receive(); !bytes.Equal(got, status(i, fxOK, "")) {
				t.Errorf("reply %d is %q", i, got)
			}
		}
		<-sent
	})
}

// slowOpening takes its time to open files, too.
type slowOpening struct {
	slowFile
	opened chan struct{}
}

func (f *slowOpening) Filewrite(*sftp.Request) (io.WriterAt, error) {
	<-f.opened
	return &f.slowFile, nil
}

// A handle that a client guesses does nothing while the server opens it, nor does the
// server open any while it writes.
func TestOpeningAndWritingAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := &slowOpening{slowFile{may: make(chan struct{})}, make(chan struct{})}
		c, filter := served(t, Config{}, sftp.Handlers{FilePut: file})
		wants := func(requests int, what string) {
			t.Helper()
			synctest.Wait()
			if got := filter.queue.length(); got != requests {
				t.Errorf("%s: the server has %d requests, want %d", what, got, requests)
			}
		}
		go c.send(opening(1, "a"), opening(2, "b"), writing(3, "1", 0, "x"), writing(4, "2", 1, "x"), opening(5, "c"))
		wants(2, "while two files are opened")
		close(file.opened)
		for i := range uint32(2) {
			if got := c.receive(); kind(got) != fxpHandle || id(got) != i+1 {
				t.Errorf("reply %q", got)
			}
		}
		wants(2, "while it writes")
		close(file.may)
		for i := range uint32(2) {
			if got := c.receive(); !bytes.Equal(got, status(i+3, fxOK, "")) {
				t.Errorf("reply %q", got)
			}
		}
		if got := c.receive(); kind(got) != fxpHandle || id(got) != 5 {
			t.Errorf("reply %q", got)
		}
	})
}

func TestEverythingEndsWithTheChannel(t *testing.T) {
	for name, end := range map[string]func(client, *Filter){
		"the client leaves":     func(c client, _ *Filter) { _ = c.Close() },
		"the filter is closed":  func(_ client, f *Filter) { _ = f.Close() },
		"it is closed twice":    func(_ client, f *Filter) { _ = f.Close(); _ = f.Close() },
		"the client sends junk": func(c client, _ *Filter) { _, _ = c.Write([]byte("\xff\xff\xff\xff")) },
	} {
		synctest.Test(t, func(t *testing.T) {
			file := &slowFile{may: make(chan struct{})}
			c, filter := served(t, Config{Fsync: func(string) error { t.Errorf("%s: made durable", name); return nil }}, sftp.Handlers{FilePut: file})
			handle := c.begin("file")
			c.send(writing(1, handle, 0, "x"))
			if name != "the client sends junk" {
				c.send(extension(2, fsyncExtension, handle))
			}
			synctest.Wait()
			end(c, filter)
			close(file.may)
		})
	}
}

// splitServer writes DATA packets in pieces, as fast as it can.
func splitServer(filter *Filter, payload []byte, stop <-chan struct{}) error {
	data := packet(103, 1, payload)
	for {
		for piece := range slices.Chunk(data, 1000) {
			if _, err := filter.Write(piece); err != nil {
				return err
			}
		}
		select {
		case <-stop:
			return nil
		default:
		}
	}
}

func TestOwnRepliesDoNotCutOthers(t *testing.T) {
	near, far := net.Pipe()
	filter := New(far, Config{})
	stop, wrote, read := make(chan struct{}), make(chan error), make(chan error)
	payload := bytes.Repeat([]byte("0123456789"), 1000)
	go func() { wrote <- splitServer(filter, payload, stop) }()
	go func() {
		_, err := filter.Read(make([]byte, 100))
		read <- err
	}()
	const asked = 200
	go func() {
		for i := range uint32(asked) {
			_, _ = near.Write(extension(i, limitsExtension))
		}
	}()
	c := client{t, near}
	for next := uint32(0); next < asked; {
		switch got := c.receive(); kind(got) {
		case fxpExtendedReply:
			if id(got) != next || len(got) != headerLength+4*8 {
				t.Fatalf("reply %d is %q", next, got)
			}
			next++
		default:
			if !bytes.Equal(got[headerLength:], payload) {
				t.Fatalf("a packet of the server arrives as %q", got)
			}
		}
	}
	close(stop)
	go func() { _, _ = io.Copy(io.Discard, near) }()
	if err := <-wrote; err != nil {
		t.Error(err)
	}
	_ = near.Close()
	if err := <-read; err != io.EOF {
		t.Error(err)
	}
}

func TestAnnouncing(t *testing.T) {
	for name, test := range map[string]struct{ from, want []byte }{
		"nothing":      {nil, content("new", "1")},
		"others":       {content("a", "1", "b", "22"), content("a", "1", "b", "22", "new", "1")},
		"hidden":       {content("a", "1", "old", "1", "b", "2"), content("a", "1", "b", "2", "new", "1")},
		"there before": {content("new", "7", "a", "1"), content("a", "1", "new", "1")},
		"cut name":     {content("a", "1", 5), content("a", "1", 5)},
		"cut version":  {content("a", "1", "b", 5), content("a", "1", "b", 5)},
	} {
		if got := withExtensions(packet(fxpVersion, 3, test.from), "old", "new"); !bytes.Equal(got, packet(fxpVersion, 3, test.want)) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestAServerThatSendsNoHeader(t *testing.T) {
	var sent memory
	if _, err := New(&sent, Config{}).Write(content(1, 2, 3)); err == nil || sent.out.Len() > 0 {
		t.Errorf("%v, %q", err, sent.out.Bytes())
	}
}

// The announced lengths are the limits of pkg/sftp.
func TestLongestTransfers(t *testing.T) {
	c := serve(t, Config{}, sftp.InMemHandler())
	handle := c.begin("file")
	data := strings.Repeat("0123456789abcdef", TransferLength/16)
	if got := c.ask(writing(2, handle, 0, data)); !bytes.Equal(got, status(2, fxOK, "")) {
		t.Fatalf("a write of %d bytes is answered with %.100q", len(data), got)
	}
	if got := c.ask(packet(5, 3, content(handle, uint64(0), TransferLength))); !bytes.Equal(got, packet(103, 3, content(data))) {
		t.Errorf("a read of %d bytes is answered with %d", TransferLength, len(got))
	}
	longest := writing(4, handle, 0, data+strings.Repeat("x", PacketLength-len(writing(4, handle, 0, data))+4))
	if got := c.ask(longest); !bytes.Equal(got, status(4, fxOK, "")) || len(longest) != 4+PacketLength {
		t.Errorf("a packet of %d bytes is answered with %.100q", len(longest), got)
	}
}

func TestClientOfPkgSFTP(t *testing.T) {
	var synced []string
	c := serve(t, Config{Fsync: func(path string) error { synced = append(synced, path); return nil }}, sftp.InMemHandler())
	user, err := sftp.NewClientPipe(c, c)
	if err != nil {
		t.Fatal(err)
	}
	defer user.Close()
	for name, want := range map[string]bool{limitsExtension: true, fsyncExtension: true, hardlinkExtension: false, "statvfs@openssh.com": true} {
		if _, ok := user.HasExtension(name); ok != want {
			t.Errorf("%s is announced: %t", name, ok)
		}
	}
	sent := bytes.Repeat([]byte("0123456789abcde\n"), 1<<20/16)
	file, err := user.Create("report.pdf")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.ReadFrom(bytes.NewReader(sent)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil || !slices.Equal(synced, []string{"/report.pdf"}) {
		t.Errorf("%v; made durable: %q", err, synced)
	}
	file, err = user.Open("report.pdf")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if _, err := file.WriteTo(&got); err != nil || !bytes.Equal(got.Bytes(), sent) {
		t.Errorf("%d bytes come back, %v", got.Len(), err)
	}
	if err := errors.Join(file.Close(), user.Rename("report.pdf", "b"), user.Mkdir("d"), user.Remove("b")); err != nil {
		t.Error(err)
	}
	if _, err := user.Stat("b"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is gone: %v", err)
	}
}

func TestOpenSSHClient(t *testing.T) {
	program, err := exec.LookPath("sftp")
	if err != nil {
		t.Skip("there is no sftp here")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	sent := bytes.Repeat([]byte("0123456789abcde\n"), 1<<20/16)
	if err := os.WriteFile(filepath.Join(dir, "sent"), sent, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-vvv", "-b", "-", "-D", self)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), serveVariable+"=1")
	cmd.Stdin = strings.NewReader("put -f sent file\nget file got\n-ln file hard\nrename file other\ndf\nls -l\n-get nothing\n")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		`Server supports extension "limits@openssh.com" revision 1`,
		`Server supports extension "fsync@openssh.com" revision 1`,
		`Server supports extension "posix-rename@openssh.com" revision 1`,
		"server upload/download buffer sizes 261120 / 261120; using 261120 / 261120",
		"server handle limit 64; using 64",
		"durable: /file\n",
		"hardlink@openssh.com extension",
		`File "/nothing" not found.`,
		"other",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("there is no %q", want)
		}
	}
	if strings.Contains(string(out), `extension "hardlink`) {
		t.Error("hard links are announced")
	}
	if got, err := os.ReadFile(filepath.Join(dir, "got")); err != nil || !bytes.Equal(got, sent) {
		t.Errorf("%d bytes come back, %v", len(got), err)
	}
	if t.Failed() {
		t.Logf("sftp says\n%s", out)
	}
}

package sftpext

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pkg/sftp"
)

// slow has handlers that begin each request at once, and end it when the test lets them.
type slow struct {
	begun chan string
	may   chan struct{}
}

func newSlow() *slow { return &slow{make(chan string, 100), make(chan struct{})} }

func (s *slow) do(what string) {
	s.begun <- what
	<-s.may
}

type slowHandle struct {
	*slow
	path string
}

func (h slowHandle) ReadAt(p []byte, _ int64) (int, error) {
	h.do("read " + h.path)
	return len(p), nil
}
func (h slowHandle) WriteAt(p []byte, _ int64) (int, error) {
	h.do("write " + h.path)
	return len(p), nil
}
func (h slowHandle) ListAt([]os.FileInfo, int64) (int, error) {
	h.do("list " + h.path)
	return 0, io.EOF
}

func (s *slow) Fileread(r *sftp.Request) (io.ReaderAt, error) { return slowHandle{s, r.Filepath}, nil }
func (s *slow) Filewrite(r *sftp.Request) (io.WriterAt, error) {
	return slowHandle{s, r.Filepath}, nil
}
func (s *slow) OpenFile(r *sftp.Request) (sftp.WriterAtReaderAt, error) {
	return slowHandle{s, r.Filepath}, nil
}
func (s *slow) Filecmd(r *sftp.Request) error { s.do(r.Method + " " + r.Filepath); return nil }
func (s *slow) Filelist(r *sftp.Request) (sftp.ListerAt, error) {
	if r.Method != "List" {
		s.do(r.Method + " " + r.Filepath)
	}
	return slowHandle{s, r.Filepath}, nil
}

// doing returns the requests that have begun and were not returned yet.
func (s *slow) doing() (all []string) {
	for len(s.begun) > 0 {
		all = append(all, <-s.begun)
	}
	slices.Sort(all)
	return all
}

func handlersOf(s *slow) sftp.Handlers {
	return sftp.Handlers{FileGet: s, FilePut: s, FileCmd: s, FileList: s}
}

const readWrite = fxfRead | fxfWrite

func opens(id uint32, name string, flags int) []byte {
	return packet(fxpOpen, id, content(name, flags, 0))
}

func reading(id uint32, handle string) []byte {
	return packet(fxpRead, id, content(handle, uint64(0), 5))
}

// asks returns a request with strings.
func asks(kind byte, id uint32, values ...any) []byte { return packet(kind, id, content(values...)) }

// The server processes exactly those requests at once that may run together.
func TestWhatIsUnderWayAtOnce(t *testing.T) {
	const a, b, other, dir, end = "1", "2", "3", "4", "5" // handles; end appends to a
	for what, test := range map[string]struct {
		first, second []byte
		begun         string // while the first may not end
	}{
		"writes to one place":          {writing(10, a, 0, "xx"), writing(11, a, 0, "xx"), "write /a"},
		"writes that overlap":          {writing(10, a, 5, "xx"), writing(11, a, 6, "xx"), "write /a"},
		"writes that overlap before":   {writing(10, a, 5, "xx"), writing(11, a, 4, "xx"), "write /a"},
		"a write within another":       {writing(10, a, 5, "xxxx"), writing(11, a, 6, "x"), "write /a"},
		"a write after another":        {writing(10, a, 5, "xx"), writing(11, a, 7, "xx"), "write /a, write /a"},
		"a write before another":       {writing(10, a, 5, "xx"), writing(11, a, 3, "xx"), "write /a, write /a"},
		"writes by two paths":          {writing(10, a, 0, "x"), writing(11, other, 0, "x"), "write /a"},
		"writes far away":              {writing(10, a, math.MaxUint64, "xx"), writing(11, a, 0, "xx"), "write /a"},
		"writes to the end":            {writing(10, end, 0, "x"), writing(11, end, 1, "x"), "write /a"},
		"a write to the end":           {writing(10, a, 0, "x"), writing(11, end, 1, "x"), "write /a"},
		"writes to two files":          {writing(10, a, 0, "x"), writing(11, b, 0, "x"), "write /a, write /b"},
		"reads of one file":            {reading(10, a), reading(11, a), "read /a, read /a"},
		"a write, then a read":         {writing(10, a, 0, "x"), reading(11, a), "write /a"},
		"a write, then another's read": {writing(10, a, 0, "x"), reading(11, b), "read /b, write /a"},
		"a read, then a write":         {reading(10, a), writing(11, other, 0, "x"), "read /a"},
		"a read, then another's write": {reading(10, a), writing(11, b, 0, "x"), "read /a, write /b"},
		"a write, then FSTAT":          {writing(10, a, 0, "x"), asks(fxpFstat, 11, a), "write /a"},
		"a write, then LSTAT":          {writing(10, a, 0, "x"), asks(fxpLstat, 11, "/a"), "write /a"},
		"a write, then READDIR":        {writing(10, a, 0, "x"), asks(fxpReaddir, 11, dir), "write /a"},
		"a write, then REALPATH":       {writing(10, a, 0, "x"), asks(fxpRealpath, 11, "."), "write /a"},
		"a write, then FSETSTAT":       {writing(10, a, 0, "x"), asks(fxpFsetstat, 11, a, 1, uint64(5)), "write /a"},
		"a write, then SETSTAT":        {writing(10, a, 0, "x"), asks(fxpSetstat, 11, "/A", 1, uint64(5)), "write /a"},
		"a write, then CLOSE":          {writing(10, a, 0, "x"), asks(fxpClose, 11, a), "write /a"},
		"a write, then REMOVE":         {writing(10, a, 0, "x"), asks(fxpRemove, 11, "/a"), "write /a"},
		"a write, then RENAME":         {writing(10, a, 0, "x"), asks(fxpRename, 11, "/b", "/a"), "write /a"},
		"a write, then an extension":   {writing(10, a, 0, "x"), extension(11, "posix-rename@openssh.com", "/a", "/b"), "write /a"},
		"a write, then an unknown one": {writing(10, a, 0, "x"), extension(11, "copy-data", a, b), "write /a"},
		"a write by no handle":         {writing(10, a, 0, "x"), writing(11, "9", 0, "x"), "write /a"},
		"a read, then STAT":            {reading(10, a), asks(fxpStat, 11, "/a"), "Stat /a, read /a"},
		"a read, then READDIR":         {reading(10, a), asks(fxpReaddir, 11, dir), "list /, read /a"},
		"a read, then REMOVE":          {reading(10, a), asks(fxpRemove, 11, "/a"), "read /a"},
		"a read, then OPEN":            {reading(10, a), opens(11, "/c", fxfRead), "read /a"},
		"STAT, then a read":            {asks(fxpStat, 10, "/a"), reading(11, a), "Stat /a, read /a"},
		"STAT, then a write":           {asks(fxpStat, 10, "/b"), writing(11, a, 0, "x"), "Stat /b"},
		"SETSTAT, then a read":         {asks(fxpSetstat, 10, "/a", 1, uint64(5)), reading(11, a), "Setstat /a"},
		"SETSTAT, then STAT":           {asks(fxpSetstat, 10, "/a", 1, uint64(5)), asks(fxpStat, 11, "/a"), "Setstat /a"},
	} {
		synctest.Test(t, func(t *testing.T) {
			server := newSlow()
			c := serve(t, Config{File: strings.ToLower}, handlersOf(server))
			c.ask(packet(fxpInit, 3, nil))
			c.ask(opens(1, "/a", readWrite))
			c.ask(opens(2, "/b", readWrite))
			c.ask(opens(3, "/A", readWrite))
			c.ask(asks(fxpOpendir, 4, "/"))
			c.ask(opens(5, "/a", fxfWrite|fxfAppend))
			go c.send(test.first, test.second)
			synctest.Wait()
			if got := strings.Join(server.doing(), ", "); got != test.begun {
				t.Errorf("%s: under way are %q, want %q", what, got, test.begun)
			}
			close(server.may)
			for i := range uint32(2) {
				if got := c.receive(); id(got) != 10+i {
					t.Errorf("%s: answer %d is %q", what, i, got)
				}
			}
		})
	}
}

// uneven takes the longer for a read the earlier it comes.
type uneven struct{ *slow }

func (u uneven) Fileread(*sftp.Request) (io.ReaderAt, error) { return u, nil }
func (u uneven) ReadAt(p []byte, at int64) (int, error) {
	time.Sleep(time.Hour - time.Duration(at)*time.Minute)
	return copy(p, fmt.Sprint(at)), nil
}

// The answers are in the order of the requests, those of the server and the filter's own.
func TestAnswersAreInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newSlow()
		close(server.may)
		handlers := handlersOf(server)
		handlers.FileGet = uneven{server}
		c := serve(t, Config{Fsync: func(string) error { return nil }}, handlers)
		c.ask(packet(fxpInit, 3, nil))
		c.ask(opens(1, "/a", fxfRead))
		const handle = "1"
		var packets [][]byte
		for next := uint32(0); next < 35; next += 7 {
			packets = append(packets,
				packet(fxpRead, next, content(handle, uint64(next), 5)), packet(fxpRead, next+1, content(handle, uint64(next+1), 5)),
				extension(next+2, limitsExtension), extension(next+3, fsyncExtension, handle),
				packet(fxpRead, next+4, content(handle, uint64(next+4), 5)), writing(next+5, handle, 0, "x"), packet(99, next+6, nil))
		}
		go c.send(packets...)
		for i := range packets {
			if got := c.receive(); id(got) != uint32(i) {
				t.Errorf("answer %d is %q", i, got)
			}
		}
	})
}

// A handle can be used only for the purpose it was opened for.
func TestHandlesAreForWhatTheyWereOpened(t *testing.T) {
	const read, write, both, appends, dir, closed = "1", "2", "3", "4", "5", "6"
	size, mode := content(1, uint64(5)), content(4, 0o600)
	for what, test := range map[string]struct {
		packet []byte
		code   uint32 // of the status; SSH_FX_OK also if the answer is not a status
	}{
		"read what is read":           {reading(9, read), fxOK},
		"write what is read":          {writing(9, read, 0, "x"), fxPermissionDenied},
		"cut what is read":            {packet(fxpFsetstat, 9, slices.Concat(content(read), size)), fxPermissionDenied},
		"the mode of what is read":    {packet(fxpFsetstat, 9, slices.Concat(content(read), mode)), fxOK},
		"list what is read":           {asks(fxpReaddir, 9, read), fxFailure},
		"read what is written":        {reading(9, write), fxPermissionDenied},
		"write what is written":       {writing(9, write, 0, "x"), fxOK},
		"cut what is written":         {packet(fxpFsetstat, 9, slices.Concat(content(write), size)), fxOK},
		"list what is written":        {asks(fxpReaddir, 9, write), fxFailure},
		"read what is both":           {reading(9, both), fxOK},
		"write what is both":          {writing(9, both, 0, "x"), fxOK},
		"append to what is appended":  {writing(9, appends, 0, "x"), fxOK},
		"read what is appended":       {reading(9, appends), fxPermissionDenied},
		"read a directory":            {reading(9, dir), fxFailure},
		"write a directory":           {writing(9, dir, 0, "x"), fxFailure},
		"cut a directory":             {packet(fxpFsetstat, 9, slices.Concat(content(dir), size)), fxPermissionDenied},
		"make a directory durable":    {extension(9, fsyncExtension, dir), fxFailure},
		"read what is closed":         {reading(9, closed), fxFailure},
		"write what is closed":        {writing(9, closed, 0, "x"), fxFailure},
		"write what was never opened": {writing(9, "77", 0, "x"), fxFailure},
	} {
		synctest.Test(t, func(t *testing.T) {
			server := newSlow()
			close(server.may)
			c := serve(t, Config{Fsync: func(string) error { return nil }}, handlersOf(server))
			c.ask(packet(fxpInit, 3, nil))
			for i, flags := range []int{fxfRead, fxfWrite, readWrite, fxfWrite | fxfAppend} {
				c.ask(opens(uint32(i), "/a", flags))
			}
			c.ask(asks(fxpOpendir, 5, "/"))
			c.ask(opens(6, "/a", readWrite))
			c.ask(asks(fxpClose, 7, closed))
			server.doing()
			got := c.ask(test.packet)
			code := uint32(fxOK)
			if kind(got) == fxpStatus {
				code = binary.BigEndian.Uint32(got[headerLength:])
			}
			if code != test.code {
				t.Errorf("%s: status %d, want %d: %q", what, code, test.code, got)
			}
			if did := server.doing(); code != fxOK && len(did) > 0 {
				t.Errorf("%s: the server has done %q", what, did)
			}
		})
	}
}

// Nor is one whose handle was guessed while the server opened it.
func TestGuessedHandlesAreForWhatTheyAreOpened(t *testing.T) {
	server := newSlow()
	close(server.may)
	c := serve(t, Config{}, handlersOf(server))
	c.ask(packet(fxpInit, 3, nil))
	go c.send(opens(1, "/a", fxfRead), writing(2, "1", 0, "x"), asks(fxpClose, 3, "1"), reading(4, "1"), opens(5, "/a", fxfWrite), reading(6, "2"))
	for i, want := range []int{-1, fxPermissionDenied, fxOK, fxFailure, -1, fxPermissionDenied} {
		got := c.receive()
		if kind(got) == fxpHandle && want == -1 {
			continue
		}
		if code := binary.BigEndian.Uint32(got[headerLength:]); kind(got) != fxpStatus || int(code) != want {
			t.Errorf("answer %d is %q", i, got)
		}
	}
	if did := server.doing(); len(did) > 0 {
		t.Errorf("the server has done %q", did)
	}
}

// An unknown request gets an error, and the session goes on.
func TestUnknownRequests(t *testing.T) {
	server := newSlow()
	close(server.may)
	c := serve(t, Config{}, handlersOf(server))
	c.ask(packet(fxpInit, 3, nil))
	for kind := range 256 {
		if _, known := types[byte(kind)]; known {
			continue
		}
		for _, rest := range []string{"", "more", strings.Repeat("x", PacketLength-5)} {
			want := status(7, fxUnsupported, "this is no request of version 3 of SFTP")
			if got := c.ask(packet(byte(kind), 7, []byte(rest))); !bytes.Equal(got, want) {
				t.Fatalf("type %d is answered with %q", kind, got)
			}
		}
	}
	if got := c.ask(asks(fxpRemove, 8, "/a")); !bytes.Equal(got, status(8, fxOK, "")) {
		t.Errorf("a request after them: %q", got)
	}
}

// A path that is none opens nothing, and the session goes on.
func TestOpeningNoPath(t *testing.T) {
	server := newSlow()
	close(server.may)
	c := serve(t, Config{}, handlersOf(server))
	c.ask(packet(fxpInit, 3, nil))
	refused := status(7, fxBadMessage, "the path is too long or cut off")
	for what, body := range map[string][]byte{
		"a long one":         content(strings.Repeat("./", maxPath)+"a", fxfRead, 0),
		"one that is cut":    content(1000, fxfRead),
		"one without flags":  content("/a"),
		"no length of a one": {0, 0},
		"nothing":            nil,
	} {
		if got := c.ask(packet(fxpOpen, 7, body)); !bytes.Equal(got, refused) {
			t.Errorf("%s: %q", what, got)
		}
	}
	if got := c.ask(opens(8, strings.Repeat("./", maxPath/2-1)+"a", fxfRead)); kind(got) != fxpHandle {
		t.Errorf("a path that is not too long: %q", got)
	}
}

// An impossible packet length ends the session, since the next packet cannot be found.
func TestLengthsThatNoPacketHas(t *testing.T) {
	for _, length := range []int{0, 1, 4, PacketLength + 1, 1 << 31, 1<<32 - 1} {
		synctest.Test(t, func(t *testing.T) {
			near, far := net.Pipe()
			server := newServer(New(far, Config{}), sftp.InMemHandler())
			ended := make(chan error, 1)
			go func() { ended <- server.Serve() }()
			c := client{t, near}
			c.send(content(length))
			synctest.Wait()
			want := fmt.Sprintf("the client sends a packet of %d bytes; a packet has 5 to 262144", length)
			select {
			case err := <-ended:
				if !strings.Contains(err.Error(), want) {
					t.Errorf("it ends with %v, want %s", err, want)
				}
			default:
				t.Errorf("a packet of %d bytes is waited for", length)
				_ = near.Close()
				<-ended
			}
			_ = server.Close()
		})
	}
}

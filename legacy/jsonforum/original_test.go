package jsonforum

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"sshforum/legacy/legacytest"
)

// original is the old client. One thread reads the server's messages and prints them; another
// reads commands. They share a socket and the last reply, and only sleeps separate them.
type original struct {
	legacytest.Screen
	t    *testing.T
	conn net.Conn
	user string

	files map[string][]byte // on the client's disk
	disk  time.Duration     // what a write to it takes

	mu          sync.Mutex
	last        string
	downloading bool          // the command thread reads, and the other must not
	resume      chan struct{} // closed when the download is over
	reading     bool          // the reading thread is in recv
	ended       chan struct{} // closed when it exits
	exit        func()
}

// The client's sleeps.
const (
	shortSleep  = 10 * time.Millisecond
	listSleep   = 100 * time.Millisecond
	removeSleep = 100 * time.Millisecond
	sleep       = 200 * time.Millisecond
	pieceSleep  = 10 * time.Millisecond
	recvBytes   = 1024
)

// newOriginal starts a client that has typed no name yet.
func newOriginal(t *testing.T, conn net.Conn) *original {
	o := &original{t: t, conn: conn, files: make(map[string][]byte), ended: make(chan struct{})}
	o.exit = sync.OnceFunc(func() {
		close(o.ended)
		_ = conn.Close()
	})
	t.Cleanup(o.exit)
	return o
}

func (o *original) send(v any) {
	text, err := json.Marshal(v)
	if err != nil {
		o.t.Fatal(err)
	}
	o.sendAll(text)
}

// sendAll does not notice that the server has closed: that shows at the next time.
func (o *original) sendAll(p []byte) {
	if _, err := o.conn.Write(p); err != nil && !errors.Is(err, io.ErrClosedPipe) {
		o.Fail("send: %v", err)
	}
}

func (o *original) recv() string {
	buffer := make([]byte, recvBytes)
	n, err := o.conn.Read(buffer)
	if err != nil && err != io.EOF && !errors.Is(err, net.ErrClosed) && !errors.Is(err, os.ErrDeadlineExceeded) {
		o.Fail("recv: %v", err)
	}
	return string(buffer[:n])
}

// object has the fields of a request; which ones is the request's own business.
type object map[string]any

// login gives a name and a password, and reports whether commands may begin.
func (o *original) login(name, password string) bool {
	o.send(object{"type": "login-N", "username": name})
	known := o.recv()
	switch {
	case known == "PWD":
		o.Print("Enter password: ")
		o.send(object{"type": "login-P", "password": password})
		if o.recv() != "Y" {
			o.Print("Invalid password")
			return false
		}
		o.Print("Welcome to the forum")
		o.send(object{"type": "login-S", "status": "successful login"})
	case strings.HasPrefix(known, "NU"):
		o.Print(fmt.Sprintf("Enter new password for %s: ", known[2:]))
		o.send(object{"type": "login-NP", "password": password})
		if o.recv() != "YN" {
			return false
		}
		o.send(object{"type": "login-S", "status": "successfully logged in"})
	case strings.HasPrefix(known, "LD"):
		o.Print(known[2:] + "  has already logged in")
		return false
	default:
		o.Fail("the client receives %q, and asks no more: it receives for ever", known)
		return false
	}
	o.user = name
	go o.read()
	return true
}

// read is the reading thread.
func (o *original) read() {
	for {
		o.mu.Lock()
		if o.downloading {
			resume := o.resume
			o.mu.Unlock()
			<-resume
			continue
		}
		o.reading = true
		o.mu.Unlock()
		text := o.recv()
		o.mu.Lock()
		o.reading = false
		o.last = text
		o.mu.Unlock()
		select {
		case <-o.ended:
			return
		default:
		}
		if text == "" {
			o.Fail("the connection closed without a goodbye; the client spins")
			return
		}
		if !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
			o.Print(strings.Split(text, "\n")...)
		}
		if strings.HasPrefix(text, "Goodbye") {
			o.exit()
			return
		}
	}
}

func (o *original) lastReply() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.last
}

// forget makes sure that a reply which comes late is not taken for the one before.
func (o *original) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last = ""
}

// command handles a line like the command thread.
func (o *original) command(line string) {
	words := strings.Fields(line)
	rest := func(n int) string { return strings.Join(words[n:], " ") }
	o.forget()
	switch name, n := words[0], len(words); {
	case name == "CRT" && n == 2:
		o.send(object{"type": name, "name": words[1]})
	case name == "MSG" && n > 2:
		o.send(object{"type": name, "thread": words[1], "message": rest(2)})
	case name == "DLT" && n == 3:
		o.send(object{"type": name, "thread": words[1], "message_number": words[2]})
	case name == "EDT" && n > 3:
		o.send(object{"type": name, "thread": words[1], "message_number": words[2], "message": rest(3)})
	case name == "LST" && n == 1:
		o.list()
	case name == "RDT" && n == 2:
		o.readThread(words[1])
	case name == "UPD" && n == 3:
		o.upload(words[1], words[2])
	case name == "DWN" && n == 3:
		o.download(words[1], words[2])
	case name == "RMV" && n == 2:
		o.send(object{"type": name, "thread": words[1]})
		time.Sleep(removeSleep)
	case name == "SHT" && n == 2:
		o.send(object{"type": name, "AdmPassword": words[1]})
	case name == "XIT" && n == 1:
		o.send(object{"type": name})
	default:
		o.Print("Invalid command")
	}
	time.Sleep(sleep)
}

func (o *original) list() {
	o.send(object{"type": "LST"})
	time.Sleep(listSleep)
	var threads map[string]any
	if err := json.Unmarshal([]byte(o.lastReply()), &threads); err != nil {
		o.Fail("LST: the command thread dies of %q: %v", o.lastReply(), err)
		return
	}
	o.Print("The list of active threads:")
	for dec := json.NewDecoder(strings.NewReader(o.lastReply())); ; {
		key, err := dec.Token()
		if err != nil {
			return
		}
		if text, ok := key.(string); ok {
			o.Print(text)
			var value any
			_ = dec.Decode(&value)
		}
	}
}

func (o *original) readThread(thread string) {
	o.send(object{"type": "RDT", "thread": thread})
	time.Sleep(shortSleep)
	var lines []string
	if err := json.Unmarshal([]byte(o.lastReply()), &lines); err != nil {
		o.Fail("RDT: the command thread dies of %q: %v", o.lastReply(), err)
		return
	}
	if len(lines) == 1 {
		o.Print(fmt.Sprintf("Thread %s is empty", thread))
	}
	for _, line := range lines[1:] {
		o.Print(strings.TrimSuffix(line, "\n"))
	}
}

func (o *original) upload(thread, name string) {
	content, there := o.files[name]
	if !there {
		o.Print(fmt.Sprintf("File '%s' does not exist", name))
		return
	}
	o.send(object{"type": "UPD", "thread": thread})
	time.Sleep(shortSleep)
	if o.lastReply() != "{OK" {
		return
	}
	o.forget()
	o.send(object{"type": "UPD", "username": o.user, "filename": name, "filesize": len(content)})
	time.Sleep(sleep)
	if last := o.lastReply(); last != "{OK" {
		if strings.Contains(last, "uploaded to") {
			o.Fail("UPD: the client gave up on a file that was taken")
		}
		return
	}
	for len(content) > 0 {
		n := min(len(content), recvBytes)
		o.sendAll(content[:n])
		content = content[n:]
		time.Sleep(pieceSleep)
	}
}

// download reads the file in the command thread, after the other thread has read the messages
// before it and was told to stop.
func (o *original) download(thread, name string) {
	o.send(object{"type": "DWN", "thread": thread, "filename": name})
	time.Sleep(listSleep)
	if strings.HasPrefix(o.lastReply(), "File") {
		return
	}
	var info struct{ Filesize int }
	if err := json.Unmarshal([]byte(o.lastReply()), &info); err != nil {
		o.Fail("DWN: the command thread dies of %q: %v", o.lastReply(), err)
		return
	}
	o.mu.Lock()
	o.downloading, o.resume = true, make(chan struct{})
	o.mu.Unlock()
	time.Sleep(listSleep)
	o.mu.Lock()
	if o.reading {
		o.mu.Unlock()
		o.Fail("DWN: both threads read from the socket")
		return
	}
	o.mu.Unlock()
	var content []byte
	for len(content) < info.Filesize {
		piece := o.recv()
		if piece == "" {
			o.Fail("DWN: the connection closed in mid-file; the client loops")
			return
		}
		content = append(content, piece...)
		time.Sleep(o.disk)
	}
	if len(content) != info.Filesize {
		o.Fail("DWN: %d bytes of %d; the client loops", len(content), info.Filesize)
	}
	o.files[name] = content
	o.mu.Lock()
	o.downloading = false
	close(o.resume)
	o.mu.Unlock()
	time.Sleep(sleep)
}

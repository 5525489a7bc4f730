package udpforum

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"sshforum/legacy/legacytest"
)

// original is the old client: one socket, one recv for each reply, and a command is
// whatever line has its word anywhere.
type original struct {
	legacytest.Screen
	t      testing.TB
	conn   net.Conn
	name   string // typed, and no password yet
	inside bool   // logged in
	files  map[string]string
	ended  bool
}

const recvBytes = 2048

// newOriginal starts a client: it sends a hello to a UDP port and sleeps before it
// connects.
func newOriginal(t testing.TB, hello net.PacketConn, to net.Addr, dial func() net.Conn) *original {
	if _, err := hello.WriteTo([]byte("UDP client send msg!"), to); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	o := &original{t: t, conn: dial(), files: map[string]string{"file_demo.txt": "demo"}}
	t.Cleanup(func() { _ = o.conn.Close() })
	return o
}

// ask sends a text and returns the bytes of one recv.
func (o *original) ask(text string) string {
	o.t.Helper()
	if _, err := o.conn.Write([]byte(text)); err != nil {
		o.t.Fatalf("send %q: %v", text, err)
	}
	_ = o.conn.SetReadDeadline(time.Now().Add(time.Minute))
	buffer := make([]byte, recvBytes)
	n, err := o.conn.Read(buffer)
	if err != nil && !errors.Is(err, io.EOF) {
		o.t.Fatalf("recv after %q: %v", text, err)
	}
	return string(buffer[:n])
}

// typed handles one line like the client.
func (o *original) typed(line string) {
	o.t.Helper()
	switch {
	case o.inside:
		o.command(line)
	case o.name == "":
		o.name = line
	default:
		o.login(o.name, line)
		o.name = ""
	}
}

func (o *original) login(name, password string) {
	o.t.Helper()
	switch known := o.ask(name); known {
	case "username exists":
		o.Print("Enter password: ")
		if o.inside = o.ask(password) == "OK"; o.inside {
			o.Print("Welcome to the forum")
		} else {
			o.Print("invalid password")
		}
	case "username not found":
		o.Print(fmt.Sprintf("Enter new password for %s: ", name))
		if _, err := o.conn.Write([]byte(password)); err != nil {
			o.t.Fatal(err)
		}
		o.Print("NameError")
		o.exit()
	default:
		o.t.Fatalf("the client knows no %q", known)
	}
}

func (o *original) exit() {
	o.ended = true
	_ = o.conn.Close()
}

// originalWords are looked for in this order.
var originalWords = []string{"CRT", "LST", "MSG", "DLT", "EDT", "RDT", "UPD", "DWN", "RMV", "XIT"}

func (o *original) command(line string) {
	o.t.Helper()
	i := slices.IndexFunc(originalWords, func(word string) bool { return strings.Contains(line, word) })
	if i < 0 {
		o.Print("Message makes no sense")
		return
	}
	if originalWords[i] == "XIT" {
		if _, err := o.conn.Write([]byte(line)); err != nil {
			o.t.Fatal(err)
		}
		o.Print("Goodbye")
		o.exit()
		return
	}
	reply, args := o.ask(line), strings.Fields(line)[1:]
	switch word := originalWords[i]; {
	case word == "MSG" && reply == "thread exist":
		o.Print(fmt.Sprintf("Message posted to %s thread", args[0]))
	case word == "MSG" && reply == "thread not exist":
		o.Print(args[0] + " not exist")
	case word == "LST" && reply == "The list of active threads:":
		o.Print(reply)
		o.printLines(o.ask("active threads"))
	case word == "DWN" && reply == "all ready":
		o.files[args[1]] += reply
		o.Print(args[1] + " successfully downloaded")
	default:
		o.printLines(reply)
	}
}

func (o *original) printLines(reply string) {
	o.Print(strings.Split(strings.TrimSuffix(reply, "\n"), "\n")...)
}

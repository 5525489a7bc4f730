package picklechat

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"sshforum/legacy/legacytest"
)

// original is the old client: it sends a request, receives once, and prints.
type original struct {
	legacytest.Screen
	*legacytest.Client
	t        *testing.T
	port     int
	user     string           // that is logged in
	name     string           // that was typed, and no password yet
	known    map[string][]int // what ATU said of ports
	received func(port int, file, from string)
	ended    bool
}

func newOriginal(t *testing.T, conn net.Conn, port int) *original {
	o := &original{Client: legacytest.NewClient(t, conn, maxMessage), t: t, port: port}
	o.print(o.reply().body.(string))
	return o
}

func (o *original) print(text string) {
	o.Print(strings.Split(strings.TrimSuffix(text, "\n"), "\n")...)
}

// reply receives once and takes that for one pickle.
func (o *original) reply() message {
	o.t.Helper()
	return unpickled(o.t, o.Recv())
}

func (o *original) ask(kind string, body any) message {
	o.t.Helper()
	o.Send(python38(kind, body))
	return o.reply()
}

// typed handles a line like the client.
func (o *original) typed(line string) {
	o.t.Helper()
	switch {
	case o.user != "":
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
	switch m := o.ask("LOGIN", name+" "+password); m.kind {
	case "LOGIN-A":
		o.user = name
		o.print(fmt.Sprintf("Welcome to TOOM, %s! (the client should upload the UDP port number %d)", name, o.port))
		o.Send(python38("UDP_PORT", o.port))
	case "LOGIN-N":
		o.print("Username does not exist, please input a valid username")
	case "LOGIN-F":
		o.print("Invalid Password. Please try again")
	case "LOGIN-B":
		o.print("Invalid Password. Your account has been blocked. Please try again later")
		o.end()
	case "LOGIN-BB":
		o.print("Your account is blocked due to multiple login failures. Please try again later")
		o.end()
	default:
		o.t.Fatalf("the client dies of %+v", m)
	}
}

func (o *original) end() {
	o.Expect("")
	_ = o.Close()
	o.ended = true
}

func (o *original) command(line string) {
	o.t.Helper()
	kind, body, _ := strings.Cut(line, " ")
	if kind == "UPD" {
		o.upload(strings.Fields(body))
		return
	}
	m := o.ask(kind, body)
	o.print(m.body.(string))
	switch m.kind {
	case "ATU":
		o.known = make(map[string][]int)
		for line := range strings.Lines(m.body.(string)) {
			parts := strings.Split(line, ", ")
			var port int
			if _, err := fmt.Sscan(parts[2], &port); err != nil {
				o.t.Fatalf("the client dies of %q", line)
			}
			o.known[parts[0]] = append(o.known[parts[0]], port)
		}
	case "OUT":
		o.end()
	}
}

// upload sends a file past the server.
func (o *original) upload(words []string) {
	switch {
	case len(words) != 2:
		o.print("UPD Failed! Please check the format of UPD command: UPD <username> <filename>")
	case !slices.Contains([]string{"small.txt", "bin9k.bin"}, words[1]):
		o.print(words[1] + " is not in the current directory!")
	case o.known[words[0]] == nil:
		o.print(words[0] + " is offline or does not exist! Please use ATU command to download user information.")
	default:
		o.received(o.known[words[0]][0], words[1], o.user)
		o.print(words[1] + " has been uploaded.")
	}
}

// python38 pickles as Python 3.8 and later do.
func python38(kind string, body any) string {
	text := func(s string) string {
		if len(s) < 256 {
			return "\x8c" + little(len(s), 1) + s + "\x94"
		}
		return "X" + little(len(s), 4) + s + "\x94"
	}
	p := "}\x94(" + text("type") + text(kind) + text("body")
	switch b := body.(type) {
	case string:
		if b == kind && b != "" {
			p += "h\x02" // Python keeps one of equal strings
		} else {
			p += text(b)
		}
	case int:
		p += integer(b)
	}
	p += "u."
	return "\x80\x04\x95" + little(len(p), 8) + p
}

// python37 pickles as Python 3.7 does.
func python37(kind string, body any) string {
	memo := 0
	text := func(s string) string {
		memo++
		return "X" + little(len(s), 4) + s + "q" + little(memo, 1)
	}
	p := "\x80\x03}q\x00(" + text("type") + text(kind) + text("body")
	switch b := body.(type) {
	case string:
		p += text(b)
	case int:
		p += integer(b)
	}
	return p + "u."
}

func integer(n int) string {
	switch {
	case 0 <= n && n < 1<<8:
		return "K" + little(n, 1)
	case 0 <= n && n < 1<<16:
		return "M" + little(n, 2)
	}
	return "J" + little(n, 4)
}

func little(n, size int) string {
	return string(binary.LittleEndian.AppendUint64(nil, uint64(n))[:size])
}

// unpickled reads a reply like Python. It fails if there are bytes behind the first pickle,
// which Python would lose.
func unpickled(t *testing.T, p string) message {
	t.Helper()
	in := strings.NewReader(p)
	text := func() string {
		var size uint32
		if op, _ := in.ReadByte(); op != 'X' {
			t.Fatalf("no string in %q", p)
		}
		if err := binary.Read(in, binary.LittleEndian, &size); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, size)
		if _, err := io.ReadFull(in, b); err != nil {
			t.Fatalf("cut off: %q", p)
		}
		return string(b)
	}
	head := make([]byte, 4)
	if _, err := io.ReadFull(in, head); err != nil || string(head) != "\x80\x02}(" {
		t.Fatalf("not a pickle of protocol 2: %q", p)
	}
	keys := []string{text(), text(), text(), text()}
	if rest, _ := io.ReadAll(in); string(rest) != "u." || keys[0] != "type" || keys[2] != "body" {
		t.Fatalf("not a message alone: %q", p)
	}
	return message{keys[1], keys[3]}
}

package oldclient

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"sshforum/e2e"
)

// TestMain lets the test binary be what the doors are measured by.
func TestMain(m *testing.M) { e2e.Main(m, map[string]func(){"bareecho": bareEcho}) }

// oldRequests are what the benchmark has clients ask, by door.
var oldRequests = map[string]struct {
	look string // changes nothing
	post string // is answered once it is durable
}{
	"udpforum":   {"LST", "MSG board " + oldLine},
	"jsonforum":  {`{"type": "LST"}`, `{"type": "MSG", "thread": "board", "message": "` + oldLine + `"}`},
	"textchat":   {"list", oldLine},
	"picklechat": {PickleRequest("ATU", ""), PickleRequest("MSG", oldLine)},
	"jsonchat":   {`{"action": "whoelse"}`, `{"action": "message", "user": "` + e2e.Person(oldAsking) + `", "message": "` + oldLine + `"}`},
}

const (
	oldAsking = 50 // clients that ask at once
	oldLine   = "a line of some length, such as people write"
)

// BenchmarkOldPrograms measures requests a second at each door, of one client that asks
// when it has its answer and of many that do, next to a bare echo of the same texts over
// the same transport in a process of its own; of-echo is the share of its rate. The
// messenger's replies keep their distance from each other, so that one client has at most
// 20 a second.
func BenchmarkOldPrograms(b *testing.B) {
	server, _ := startWithDoors(b, oldAsking+1)
	b.Cleanup(func() {
		if err := server.Stop(); err != nil {
			b.Error(err)
		}
	})
	client, err := server.Dial(e2e.Person(0))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := e2e.Exec(client, "CRT board", ""); err != nil {
		b.Fatal(err)
	}
	_ = client.Close()
	echo := startEcho(b)
	// Whoever is here all along is no news to others.
	enterAll(b, Programs[0], oldAsking, func() (net.Conn, error) { return net.Dial("tcp", server.Doors[Programs[0].Door]) })
	for _, p := range Programs {
		benchOld(b, p, p.Door, func() (net.Conn, error) { return net.Dial("tcp", server.Doors[p.Door]) },
			func() (net.Conn, error) { return net.Dial("tcp", echo) })
	}
	benchOld(b, Programs[0], "udpforum-udp", func() (net.Conn, error) { return dialDatagrams(server.Doors["udpforum"]) },
		func() (net.Conn, error) { return net.Dial("udp", echo) })
}

func benchOld(b *testing.B, p Program, name string, dial, dialEcho func() (net.Conn, error)) {
	clients, requests := enterAll(b, p, oldAsking, dial), oldRequests[p.Door]
	echoes := enterAll(b, bare, oldAsking, dialEcho)
	compareToEcho(b, name+"/look/clients=1", requests.look, clients[:1], echoes)
	compareToEcho(b, fmt.Sprintf("%s/look/clients=%d", name, oldAsking), requests.look, clients, echoes)
	for _, c := range clients[1:] {
		_ = c.Close()
	}
	compareToEcho(b, name+"/post/clients=1", requests.post, clients[:1], echoes)
	_ = clients[0].Close()
}

// bare is a program that asks as soon as it is connected.
var bare = Program{enter: func(*Client) error { return nil }}

// compareToEcho has clients and as many echoes ask in turns.
func compareToEcho(b *testing.B, name, request string, clients, echoes []*Client) {
	b.Run(name, func(b *testing.B) {
		b.ReportMetric(0, "ns/op")
		var took, echo time.Duration
		const turn = 200
		for from := 0; from < b.N; from += turn {
			took += askAll(b, clients, request, min(turn, b.N-from))
			echo += askAll(b, echoes[:len(clients)], request, min(turn, b.N-from))
		}
		b.ReportMetric(float64(b.N)/took.Seconds(), "requests/s")
		b.ReportMetric(echo.Seconds()/took.Seconds(), "of-echo")
	})
}

// BenchmarkOldBoard measures, like BenchmarkOldPrograms, how a client of picklechat reads a
// board of boardMessages: all from its beginning, which fills a reply; all since its last
// message; and all since a later time, when there are none. One message in 20 is an edited one.
func BenchmarkOldBoard(b *testing.B) {
	server, _ := startWithDoors(b, 1)
	b.Cleanup(func() {
		if err := server.Stop(); err != nil {
			b.Error(err)
		}
	})
	last := fillBoard(b, server)
	pickle := Programs[slices.IndexFunc(Programs, func(p Program) bool { return p.Door == "picklechat" })]
	echo := startEcho(b)
	clients := enterAll(b, pickle, 1, func() (net.Conn, error) { return net.Dial("tcp", server.Doors[pickle.Door]) })
	echoes := enterAll(b, bare, 1, func() (net.Conn, error) { return net.Dial("tcp", echo) })
	for name, since := range map[string]time.Time{"first": last.AddDate(-1, 0, 0), "last": last, "none": last.AddDate(1, 0, 0)} {
		compareToEcho(b, name, PickleRequest("RDM", since.Format("02 Jan 2006 15:04:05")), clients, echoes)
	}
}

const boardMessages = 4000

// fillBoard makes the board, and returns the time of its last message.
func fillBoard(b *testing.B, server *e2e.Server) time.Time {
	client, err := server.Dial(e2e.Person(0))
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	var script strings.Builder
	script.WriteString("CRT board\n")
	for i := range boardMessages {
		fmt.Fprintf(&script, "MSG board %s %d\n", oldLine, i)
		if i%20 == 0 {
			fmt.Fprintf(&script, "EDT board %d %s, mended\n", i+1, oldLine)
		}
	}
	if _, err := e2e.Exec(client, "", script.String()); err != nil {
		b.Fatal(err)
	}
	return time.Now().UTC()
}

// enterAll has clients that are closed when the benchmark ends.
func enterAll(b *testing.B, p Program, many int, dial func() (net.Conn, error)) []*Client {
	clients := make([]*Client, many)
	for i := range clients {
		conn, err := dial()
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = conn.Close() })
		if clients[i], err = p.EnterOn(conn, e2e.Person(i)); err != nil {
			b.Fatal(err)
		}
	}
	return clients
}

// askAll has clients ask n times in all, and returns how long it took.
func askAll(b *testing.B, clients []*Client, request string, n int) time.Duration {
	var asking errgroup.Group
	var asked atomic.Int64
	start := time.Now()
	for _, c := range clients {
		asking.Go(func() error {
			for asked.Add(1) <= int64(n) {
				if reply, err := c.Ask(request); err != nil || reply == "" {
					return fmt.Errorf("%q is answered %q, %v", request, reply, err)
				}
			}
			return nil
		})
	}
	if err := asking.Wait(); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

// datagrams are a conversation with udpforum by UDP, over a path that loses nothing.
type datagrams struct {
	net.Conn
	cookie string
	last   int // number of a request
}

func dialDatagrams(addr string) (net.Conn, error) {
	conn, err := net.Dial("udp", addr)
	if err != nil {
		return nil, err
	}
	cookie, err := (&Client{Conn: conn}).Ask(fmt.Sprintf("%-64s", "HELLO"))
	return &datagrams{Conn: conn, cookie: cookie}, err
}

func (d *datagrams) Write(p []byte) (int, error) {
	d.last++
	_, err := fmt.Fprintf(d.Conn, "%s %d %s", d.cookie, d.last, p)
	return len(p), err
}

func (d *datagrams) Read(p []byte) (int, error) {
	whole := make([]byte, 2048)
	n, err := d.Conn.Read(whole)
	_, text, _ := bytes.Cut(whole[:n], []byte(" "))
	return copy(p, text), err
}

// bareEcho is the program that others are measured by: it sends back whatever it
// receives, over TCP and UDP.
func bareEcho() {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		err = echoAll(ln)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func echoAll(ln net.Listener) error {
	at := ln.Addr().(*net.TCPAddr)
	port, err := net.ListenUDP("udp", &net.UDPAddr{IP: at.IP, Port: at.Port})
	if err != nil {
		return err
	}
	fmt.Printf("To enter: ssh -p %d echo\n", at.Port)
	go func() {
		buffer := make([]byte, 2048)
		for {
			if n, from, err := port.ReadFrom(buffer); err == nil {
				_, _ = port.WriteTo(buffer[:n], from)
			}
		}
	}()
	for {
		conn, err := ln.Accept()
		if err != nil {
			return err
		}
		go func() { _, _ = io.CopyBuffer(struct{ io.Writer }{conn}, struct{ io.Reader }{conn}, make([]byte, 2048)) }()
	}
}

func startEcho(b *testing.B) (addr string) {
	cmd := exec.Command("bareecho")
	cmd.Dir = b.TempDir()
	echo, err := e2e.Start(cmd)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = echo.Kill() })
	return "127.0.0.1:" + echo.Port
}

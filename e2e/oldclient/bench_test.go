package oldclient

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
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
	enterAll(b, Programs[0], func() (net.Conn, error) { return net.Dial("tcp", server.Doors[Programs[0].Door]) })
	for _, p := range Programs {
		benchOld(b, p, p.Door, func() (net.Conn, error) { return net.Dial("tcp", server.Doors[p.Door]) },
			func() (net.Conn, error) { return net.Dial("tcp", echo) })
	}
	benchOld(b, Programs[0], "udpforum-udp", func() (net.Conn, error) { return dialDatagrams(server.Doors["udpforum"]) },
		func() (net.Conn, error) { return net.Dial("udp", echo) })
}

func benchOld(b *testing.B, p Program, name string, dial, dialEcho func() (net.Conn, error)) {
	clients, requests := enterAll(b, p, dial), oldRequests[p.Door]
	echoes := enterAll(b, Program{enter: func(*Client) error { return nil }}, dialEcho)
	compare := func(name, request string, many int) {
		b.Run(name, func(b *testing.B) {
			b.ReportMetric(0, "ns/op")
			took := askAll(b, clients[:many], request)
			b.ReportMetric(float64(b.N)/took.Seconds(), "requests/s")
			b.ReportMetric(askAll(b, echoes[:many], request).Seconds()/took.Seconds(), "of-echo")
		})
	}
	compare(name+"/look/clients=1", requests.look, 1)
	compare(fmt.Sprintf("%s/look/clients=%d", name, oldAsking), requests.look, oldAsking)
	for _, c := range clients[1:] {
		_ = c.Close()
	}
	compare(name+"/post/clients=1", requests.post, 1)
	_ = clients[0].Close()
}

// enterAll has clients that are closed when the benchmark ends.
func enterAll(b *testing.B, p Program, dial func() (net.Conn, error)) []*Client {
	clients := make([]*Client, oldAsking)
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

// askAll has clients ask b.N times in all, and returns how long it took.
func askAll(b *testing.B, clients []*Client, request string) time.Duration {
	var asking errgroup.Group
	var asked atomic.Int64
	start := time.Now()
	for _, c := range clients {
		asking.Go(func() error {
			for asked.Add(1) <= int64(b.N) {
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
	n, err := d.Conn.Read(p)
	_, text, _ := bytes.Cut(p[:n], []byte(" "))
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

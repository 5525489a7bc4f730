package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"sshforum/e2e"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

// TestUDPForumDoor converses with it by TCP, and by UDP on the same port; the port before
// takes a hello; and all three are closed when the server stops.
func TestUDPForumDoor(t *testing.T) {
	f := forumtest.New(t)
	config := oldSettings(t, "127.0.0.1:1")
	config.Legacy.JSONForum.Enabled, config.Legacy.UDPForum.Enabled, config.Legacy.UDPForum.Listen = false, true, "127.0.0.1:0"
	doors, err := listenLegacy(config, f.Service, nil, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	group, ctx := errgroup.WithContext(context.Background())
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	doors.serve(ctx, group)

	addr := doors[0].ln.Addr().(*net.TCPAddr)
	byTCP, byUDP := dialDoor(t, "tcp", addr.Port), dialDoor(t, "udp", addr.Port)
	defer byTCP.Close()
	defer byUDP.Close()
	hello := dialDoor(t, "udp", addr.Port-1)
	defer hello.Close()
	if _, err := hello.Write([]byte("UDP client send msg!")); err != nil {
		t.Fatal(err)
	}
	for _, line := range [][2]string{{"newbie", "username exists"}, {"password1", "OK"}, {"UPD lobby a.txt", "a.txt uploaded to lobby thread"}} {
		if got := converse(t, byTCP, line[0]); got != line[1] {
			t.Fatalf("%q is answered %q by TCP", line[0], got)
		}
	}
	cookie := converse(t, byUDP, fmt.Sprintf("%-64s", "HELLO"))
	for i, line := range [][2]string{{"newbie", "username exists"}, {"password1", "OK"}, {"RDT lobby", "newbie uploaded a.txt\n"}} {
		want := fmt.Sprintf("%d %s", i+1, line[1])
		if got := converse(t, byUDP, fmt.Sprintf("%s %d %s", cookie, i+1, line[0])); got != want {
			t.Fatalf("%q is answered %q by UDP", line[0], got)
		}
	}
	info, err := f.Service.File(t.Context(), f.As("luke"), rules.Place{Thread: rules.Lobby}, "a.txt")
	if err != nil || !info.Placeholder {
		t.Errorf("the other doors have %+v, %v", info, err)
	}

	stop()
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
	if err := doors[0].udp.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the ports are closed: %v", err)
	}
}

func dialDoor(t *testing.T, network string, port int) net.Conn {
	t.Helper()
	conn, err := net.Dial(network, fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// converse sends a text and returns the text of the next read.
func converse(t *testing.T, conn net.Conn, text string) string {
	t.Helper()
	_ = conn.SetDeadline(time.Now().Add(e2e.Patience))
	if _, err := conn.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 2048)
	n, err := conn.Read(buffer)
	if err != nil {
		t.Fatal(err)
	}
	return string(buffer[:n])
}

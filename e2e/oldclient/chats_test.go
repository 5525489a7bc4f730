package oldclient

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"sshforum/e2e"
	"sshforum/forum/forumtest"
	"sshforum/legacy/legacytest"
)

// TestChatsAreOneRoom has a message of either chat reach the other, by TCP, with the
// settings of both doors.
func TestChatsAreOneRoom(t *testing.T) {
	t.Parallel()
	dir := e2e.Dir(t)
	e2e.Found(t, dir)
	e2e.AddUser(t, dir, "yoda")
	server, err := e2e.Start(e2e.Command(dir,
		"--legacy-textchat-enabled=true", "--legacy-textchat-listen=127.0.0.1:0", "--legacy-textchat-max-clients=1",
		"--legacy-picklechat-enabled=true", "--legacy-picklechat-listen=127.0.0.1:0", "--legacy-zone=UTC"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	text, pickle := knock(t, server, "textchat"), knock(t, server, "picklechat")
	text.Expect("Please enter a name: ")
	text.Send("Brandon")
	text.Expect("Your name is set as: Brandon")
	knock(t, server, "textchat").Expect("Server is full, try again later.")
	began := time.Now()
	text.Send("hello")
	text.Expect("hello ACK")

	pickle.Recv()
	pickle.Send(PickleRequest("LOGIN", "yoda "+forumtest.Password("yoda")))
	if got := pickle.Recv(); !strings.Contains(got, "LOGIN-A") {
		t.Fatalf("received %q", got)
	}
	pickle.Send(PickleRequest("MSG", "good day"))
	pickle.Recv()
	text.Expect("yoda: good day")
	pickle.Send(PickleRequest("RDM", "01 Jan 2020 00:00:00"))
	got := pickle.Recv()
	m := regexp.MustCompile(`#1, Brandon \(guest\): "hello", posted at (\d\d \w{3} \d{4} \d\d:\d\d:\d\d)\.`).FindStringSubmatch(got)
	if m == nil {
		t.Fatalf("received %q", got)
	}
	posted, err := time.ParseInLocation("02 Jan 2006 15:04:05", m[1], time.UTC)
	if since := time.Since(posted); err != nil || since < 0 || since > time.Since(began)+time.Second {
		t.Errorf("it was posted at %s, %v", m[1], err)
	}
}

// knock is a client at a door.
func knock(t *testing.T, server *e2e.Server, door string) *legacytest.Client {
	t.Helper()
	conn, err := net.Dial("tcp", server.Doors[door])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return legacytest.NewClient(t, conn, 2048)
}

// TestServeWarnsOfDoorsBeyondLoopback where it is read: nobody runs check-config each time.
func TestServeWarnsOfDoorsBeyondLoopback(t *testing.T) {
	t.Parallel()
	for listen, warns := range map[string]bool{"0.0.0.0:0": true, "127.0.0.1:0": false} {
		dir := e2e.Dir(t)
		server, err := e2e.Start(e2e.Command(dir, "--legacy-jsonforum-enabled=true", "--legacy-jsonforum-listen="+listen))
		if err != nil {
			t.Fatal(err)
		}
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
		log, err := os.ReadFile(filepath.Join(dir, "server.log"))
		if err != nil {
			t.Fatal(err)
		}
		warning := `level=WARN msg="jsonforum listens on ` + listen + `, beyond this machine, and its passwords travel in clear`
		if got := strings.Contains(string(log), warning); got != warns {
			t.Errorf("%s: warned %v; the log is\n%s", listen, got, log)
		}
	}
}

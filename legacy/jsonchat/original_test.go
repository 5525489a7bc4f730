package jsonchat

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"sshforum/legacy/legacytest"
)

// original is the old client. One thread reads commands and sends them; another reads the
// server's messages, one recv for each, and prints them. Clients talk privately without the
// server: the one that began sends, and the other has a thread that prints.
type original struct {
	legacytest.Screen
	t       *testing.T
	conn    net.Conn
	network network
	port    int // where others reach it

	user     string
	loggedIn bool

	threads sync.WaitGroup // of the private talks that others began

	mu      sync.Mutex
	private map[string]net.Conn // the others, by user
	ended   chan struct{}
	exit    func()
}

// network has the ports at which clients await each other.
type network map[string]*original

func place(addr string, port int) string { return fmt.Sprintf("%s:%d", addr, port) }

const (
	recvBytes  = 1024
	startUp    = 80 * time.Millisecond  // from the reply to its login to its next recv
	printing   = 20 * time.Millisecond  // from one recv to the next
	exiting    = 150 * time.Millisecond // from reading that it is timed out: it looks every 100 ms, and then ends; meanwhile it reads on
	clientAddr = "192.0.2.7"            // that every client of a legacytest.Door comes from
)

// newOriginal starts a client, for which no name was typed yet.
func newOriginal(t *testing.T, conn net.Conn, network network) *original {
	o := &original{t: t, conn: conn, network: network, port: 40001 + len(network), private: make(map[string]net.Conn), ended: make(chan struct{})}
	network[place(clientAddr, o.port)] = o
	o.exit = sync.OnceFunc(func() {
		close(o.ended)
		_ = conn.Close()
		o.mu.Lock()
		defer o.mu.Unlock()
		for _, talk := range o.private {
			_ = talk.Close()
		}
	})
	t.Cleanup(o.exit)
	return o
}

// object is a message, either way.
type object map[string]any

func (o *original) send(conn net.Conn, v object) {
	text, err := json.Marshal(v)
	if err != nil {
		o.t.Fatal(err)
	}
	if _, err := conn.Write(text); err != nil && !errors.Is(err, io.ErrClosedPipe) {
		o.Fail("send: %v", err)
	}
}

// recv returns the result of one recv; nil if there is nothing more.
func (o *original) recv() object {
	buffer := make([]byte, recvBytes)
	n, err := o.conn.Read(buffer)
	select {
	case <-o.ended:
		return nil
	default:
	}
	if err != nil {
		o.Fail("the connection closed (%v) before the client has ended; its reading thread dies", err)
		return nil
	}
	var v object
	if err := json.Unmarshal(buffer[:n], &v); err != nil {
		o.Fail("the client dies of %q: %v", buffer[:n], err)
		return nil
	}
	return v
}

// typed takes a line: a name, a password, and then commands.
func (o *original) typed(line string) {
	switch {
	case o.user == "":
		o.user = line
	case !o.loggedIn:
		o.login(line)
	default:
		o.command(line)
	}
}

func (o *original) login(password string) {
	o.send(o.conn, object{"action": "login", "username": o.user, "password": password, "private_port": o.port})
	switch status := o.recv()["status"]; status {
	case "SUCCESS":
		o.Print("You are logged in")
		o.loggedIn = true
		go o.read()
	case "INVALID_PASSWORD":
		o.Print("Invalid password. Please try again:")
	case "INVALID_PASSWORD_BLOCKED":
		o.Print("Invalid password. Your account has been blocked. Please try again later.")
		o.exit()
	case "BLOCKED":
		o.Print("Due to multiple consecutive fails to log in, you have been blocked.")
		o.exit()
	case "ALREADY_LOGGED_IN":
		o.Print("You have already logged in.")
		o.exit()
	default:
		o.Print(fmt.Sprint(status))
		o.exit()
	}
}

// read is the reading thread.
func (o *original) read() {
	time.Sleep(startUp)
	for {
		v := o.recv()
		switch {
		case v == nil:
			return
		case v["action"] == "timeout":
			o.Print("You are timed out.")
			time.AfterFunc(exiting, o.exit)
			continue
		case v["action"] == "logout":
			o.exit()
			return
		}
		o.show(v)
		time.Sleep(printing)
	}
}

// told is the output of the client for statuses.
var told = map[string]map[any]string{
	"message": {
		"SUCCESS": "", "MESSAGE_SELF": "Cannot message yourself.", "USER_NOT_EXIST": "User does not exist.", "USER_BLOCKED": "That user blocked you.",
	},
	"block":   {"SUCCESS": "Block success.", "MESSAGE_SELF": "Cannot block yourself.", "USER_NOT_EXIST": "User does not exist."},
	"unblock": {"SUCCESS": "Unblock success.", "MESSAGE_SELF": "Cannot unblock yourself.", "USER_NOT_EXIST": "User does not exist."},
	"startprivate": {
		"USER_NOT_EXIST": "startprivate: user does not exist.", "USER_OFFLINE": "startprivate: that user is offline.",
		"USER_SELF": "startprivate: cannot private yourself.", "USER_BLOCKED": "startprivate: that user blocked you.",
	},
}

// show prints a message.
func (o *original) show(v object) {
	switch action := v["action"].(string); action {
	case "receive_message", "receive_broadcast":
		o.Print(fmt.Sprintf("%s : %s", v["from"], v["message"]))
	case "login_broadcast":
		o.Print(fmt.Sprintf("%s is logged in.", v["from"]))
	case "logout_broadcast":
		o.Print(fmt.Sprintf("%s is logged out.", v["from"]))
	case "broadcast":
		o.Print(fmt.Sprintf("broadcast success to %v users. %v users blocked you so they can not see the message.", v["n_sent"], v["n_blocked"]))
	case "whoelse":
		o.Print("Online users:")
		o.names(v)
	case "whoelsesince":
		o.Print("whoelsesince:")
		o.names(v)
	case "message", "block", "unblock":
		o.status(action, v["status"])
	case "startprivate":
		if v["reply"] == "SUCCESS" {
			o.connect(v)
			return
		}
		o.status(action, v["reply"])
	default:
		text, _ := json.Marshal(v)
		o.Print(string(text))
	}
}

func (o *original) names(v object) {
	for _, name := range v["reply"].([]any) {
		o.Print(name.(string))
	}
}

func (o *original) status(action string, status any) {
	line, known := told[action][status]
	if !known {
		o.Fail("%s: the client does not know the status %q", action, status)
	}
	if line != "" {
		o.Print(line)
	}
}

// connect begins a private talk.
func (o *original) connect(v object) {
	other := o.network[place(v["address"].(string), int(v["port"].(float64)))]
	if other == nil {
		o.Fail("nobody is at %v, port %v", v["address"], v["port"])
		return
	}
	mine, theirs := legacytest.Pipe(0)
	o.mu.Lock()
	o.private[v["username"].(string)] = mine
	o.mu.Unlock()
	o.Print("Private connection connected.")
	other.Print("Private connection started.")
	other.threads.Go(func() { other.accept(theirs) })
}

// accept is the thread of a private talk that another began.
func (o *original) accept(conn net.Conn) {
	defer conn.Close()
	for {
		buffer := make([]byte, recvBytes)
		n, err := conn.Read(buffer)
		select {
		case <-o.ended:
			return
		default:
		}
		if err != nil {
			o.Print("Private connection stopped.")
			return
		}
		var v object
		if err := json.Unmarshal(buffer[:n], &v); err != nil {
			o.Fail("a private talk dies of %q: %v", buffer[:n], err)
		}
		o.Print(fmt.Sprintf("[PRIVATE] %s : %s", v["from"], v["message"]))
	}
}

// command handles a line like the command thread. The first word selects the command, and a
// missing argument ends the client.
func (o *original) command(line string) {
	words := strings.Fields(line)
	need := func(n int) bool {
		if len(words) < n {
			o.exit()
			return false
		}
		return true
	}
	rest := func(n int) string { return strings.Join(words[n:], " ") }
	switch begins := func(name string) bool { return strings.HasPrefix(line, name) }; {
	case begins("message"):
		if need(3) {
			o.send(o.conn, object{"action": "message", "message": rest(2), "user": words[1]})
		}
	case begins("broadcast"):
		if need(2) {
			o.send(o.conn, object{"action": "broadcast", "message": rest(1)})
		}
	case begins("whoelsesince"):
		if need(2) {
			o.send(o.conn, object{"action": "whoelsesince", "since": words[1]})
		}
	case begins("whoelse"):
		o.send(o.conn, object{"action": "whoelse"})
	case begins("block"), begins("unblock"), begins("startprivate"):
		if need(2) {
			o.send(o.conn, object{"action": words[0], "user": words[1]})
		}
	case begins("private"):
		if need(3) {
			o.tell(words[1], rest(2))
		}
	case begins("stopprivate"):
		if need(2) {
			o.disconnect(words[1])
		}
	case begins("logout"):
		go o.logout()
	default:
		o.Print("Invalid command")
	}
}

// tell says something in a private talk.
func (o *original) tell(user, text string) {
	o.mu.Lock()
	conn := o.private[user]
	o.mu.Unlock()
	if conn == nil {
		o.Print("Not connected.")
		return
	}
	o.send(conn, object{"from": o.user, "message": text})
}

// disconnect ends a private talk.
func (o *original) disconnect(user string) {
	o.mu.Lock()
	conn := o.private[user]
	delete(o.private, user)
	o.mu.Unlock()
	if conn == nil {
		o.Print("Not connected.")
		return
	}
	_ = conn.Close()
	o.Print("Closed.")
}

// logout waits for the private talks that others began.
func (o *original) logout() {
	o.threads.Wait()
	time.Sleep(printing)
	o.Print("You are logged out.")
	o.send(o.conn, object{"action": "logout"})
}

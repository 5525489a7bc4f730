package oldclient

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"
	"golang.org/x/sync/errgroup"

	"sshforum/e2e"
)

// oldPeople is how many clients of each old program come at once.
const oldPeople = 200

// startWithDoors starts a server whose doors are all open to so many clients each, for so
// many people.
func startWithDoors(t testing.TB, people int) (server *e2e.Server, dir string) {
	t.Helper()
	dir = e2e.Dir(t)
	args := []string{
		e2e.Credentials(t, dir, people), "--ssh-max-startups=2000:100:2000", "--limits-connections=2000",
		"--legacy-textchat-max-clients=" + fmt.Sprint(oldPeople), "--legacy-picklechat-thread=board",
	}
	for _, p := range Programs {
		args = append(args, "--legacy-"+p.Door+"-enabled=true", "--legacy-"+p.Door+"-listen=127.0.0.1:0")
	}
	server, err := e2e.Start(e2e.Command(dir, args...))
	if err != nil {
		t.Fatal(err)
	}
	return server, dir
}

// TestManyAtOnce has clients of every old program at their doors, oldPeople at each, and
// people with ssh among them. All are there before the first speaks, then all speak at
// once: each receives the answers to its own requests, and nothing else.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	const withSSH = 20
	server, dir := startWithDoors(t, oldPeople+withSSH)
	c := &oldCrowd{server: server}
	err := errors.Join(c.furnish(), c.comeIn(withSSH), c.speak())
	for _, close := range c.leave {
		_ = close()
	}
	if err := errors.Join(err, server.Stop()); err != nil {
		t.Error(err)
	}
	log, err := os.ReadFile(filepath.Join(dir, "server.log"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(log)) {
		if strings.Contains(line, "level=ERROR") || strings.Contains(line, "level=WARN") {
			t.Error(line)
		}
	}
	e2e.CheckStore(t, dir)
}

// oldCrowd is everybody who is there.
type oldCrowd struct {
	server  *e2e.Server
	clients [][]*Client // by program
	ssh     []*gossh.Client
	leave   []func() error
}

// furnish makes the board of the conference chat, and a file in the room of the text chat.
func (c *oldCrowd) furnish() error {
	client, err := c.server.Dial(e2e.Person(0))
	if err != nil {
		return err
	}
	_, err = e2e.Exec(client, "CRT board", "")
	if err == nil {
		_, err = e2e.Exec(client, "UPD lobby note.txt", "good day\n")
	}
	return errors.Join(err, client.Close())
}

// comeIn lets everybody in. The programs come one after the other: whoever is here by one
// is no news at the next.
func (c *oldCrowd) comeIn(withSSH int) error {
	for _, p := range Programs {
		clients := make([]*Client, oldPeople)
		var coming errgroup.Group
		for i := range clients {
			coming.Go(func() (err error) {
				clients[i], err = p.EnterAt(c.server, e2e.Person(i))
				return err
			})
		}
		err := coming.Wait()
		c.clients = append(c.clients, clients)
		for _, client := range clients {
			if client != nil {
				c.leave = append(c.leave, client.Close)
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p.Door, err)
		}
	}
	for i := range withSSH {
		client, err := c.server.Dial(e2e.Person(oldPeople + i))
		if err != nil {
			return err
		}
		c.ssh, c.leave = append(c.ssh, client), append(c.leave, client.Close)
	}
	return nil
}

// speak has everybody say something, at once.
func (c *oldCrowd) speak() error {
	var speaking errgroup.Group
	for n, p := range Programs {
		for i, client := range c.clients[n] {
			speaking.Go(func() error {
				if err := oldTalks[p.Door](client, i); err != nil {
					return fmt.Errorf("%s, client %d: %w", p.Door, i, err)
				}
				return nil
			})
		}
	}
	for i, client := range c.ssh {
		speaking.Go(func() error { return talkSSH(client, e2e.Person(oldPeople+i)) })
	}
	return speaking.Wait()
}

// rounds is how often each says something.
const rounds = 3

// oldTalks has what the clients of each program do, each for itself.
var oldTalks = map[string]func(c *Client, i int) error{
	"udpforum": func(c *Client, _ int) error {
		thread := "u-" + c.Name
		err := c.Dialogue("Thread "+thread+" created", "CRT "+thread)
		lines := ""
		for n := range rounds {
			lines += fmt.Sprintf("%d %s: round %d\n", n+1, c.Name, n)
			err = errors.Join(err, c.Dialogue("thread exist", fmt.Sprintf("MSG %s round %d", thread, n), lines, "RDT "+thread))
		}
		return err
	},
	"jsonforum": func(c *Client, _ int) error {
		thread := "j-" + c.Name
		err := c.Dialogue("Thread "+thread+" created", fmt.Sprintf(`{"type": "CRT", "name": %q}`, thread))
		lines := []string{c.Name + "\n"}
		for n := range rounds {
			lines = append(lines, fmt.Sprintf("%d %s: round %d\n", n+1, c.Name, n))
			quoted := make([]string, len(lines))
			for i, line := range lines {
				quoted[i] = fmt.Sprintf("%q", line)
			}
			err = errors.Join(err, c.Dialogue(
				"Message posted to "+thread+" thread", fmt.Sprintf(`{"type": "MSG", "thread": %q, "message": "round %d"}`, thread, n),
				"["+strings.Join(quoted, ",")+"]", fmt.Sprintf(`{"type": "RDT", "thread": %q}`, thread)))
		}
		return err
	},
	"textchat":   talkText,
	"picklechat": talkPickle,
	"jsonchat":   talkJSON,
}

// textSpeakers is every how many of the text chat say something that all others hear.
const textSpeakers = 10

// talkText hears all who speak, each alone, and the answer to its own.
func talkText(c *Client, i int) error {
	want := make(map[string]bool)
	for speaker := 0; speaker < oldPeople; speaker += textSpeakers {
		text := fmt.Sprintf("line %d", speaker)
		if speaker != i {
			want[fmt.Sprintf("guest-%s (guest): %s", e2e.Person(speaker), text)] = true
			continue
		}
		want[text+" ACK"] = true
		if _, err := c.Write([]byte(text)); err != nil {
			return err
		}
	}
	heard := ""
	for len(want) > 0 {
		got, err := c.Recv()
		if err != nil {
			return fmt.Errorf("heard %q, %v", heard, err)
		}
		heard = without(heard+got, want)
	}
	if heard != "" {
		return fmt.Errorf("heard %q, too", heard)
	}
	return c.Dialogue("list ACK", "list", "note.txt", "", "get note.txt ACK", "get note.txt", "good day\n", "")
}

// without takes texts off the beginning of what was heard, and out of those that are
// wanted. None of them begins as another does.
func without(heard string, want map[string]bool) (rest string) {
	for text := range want {
		if rest, ok := strings.CutPrefix(heard, text); ok {
			delete(want, text)
			return without(rest, want)
		}
	}
	return heard
}

var pickled = regexp.MustCompile(`Message #(\d+) posted at (.+)\.u\.$`)

// talkPickle posts to the board that all post to, and edits what it posted by the number
// that it was told.
func talkPickle(c *Client, _ int) error {
	last := ""
	for n := range rounds {
		got, err := c.Ask(PickleRequest("MSG", fmt.Sprintf("round %d", n)))
		m := pickled.FindStringSubmatch(got)
		if err != nil || m == nil || m[1] == last {
			return fmt.Errorf("a post is answered %q, %v", got, err)
		}
		last = m[1]
		got, err = c.Ask(PickleRequest("EDT", fmt.Sprintf("%s %s round %d, better", m[1], m[2], n)))
		if err != nil || !strings.Contains(got, "Message #"+m[1]+" edited at ") {
			return fmt.Errorf("an edit of %q is answered %q, %v", m[0], got, err)
		}
	}
	return nil
}

// missedSome tells a client that lagged. It has missed no message to itself.
const missedSome = `{"action":"notice","message":"You missed `

// talkJSON sends to the next client and hears from the one before.
func talkJSON(c *Client, i int) error {
	const sent = `{"action":"message","status":"SUCCESS"}`
	to, from := e2e.Person((i+1)%oldPeople), e2e.Person((i+oldPeople-1)%oldPeople)
	answered, heard := 0, 0
	objects := json.NewDecoder(c)
	for n := 0; answered < rounds || heard < rounds; {
		if n == answered && n < rounds {
			if _, err := fmt.Fprintf(c, `{"action": "message", "user": %q, "message": "round %d"}`, to, n); err != nil {
				return err
			}
			n++
		}
		_ = c.SetDeadline(time.Now().Add(e2e.Patience))
		var object json.RawMessage
		err := objects.Decode(&object)
		switch got := string(object); {
		case err == nil && got == sent && answered < n:
			answered++
		case err == nil && got == fmt.Sprintf(`{"action":"receive_message","from":%q,"message":"round %d"}`, from, heard):
			heard++
		case err == nil && strings.HasPrefix(got, missedSome):
		default:
			return fmt.Errorf("heard %q, %v, after %d answers and %d messages", got, err, answered, heard)
		}
	}
	return nil
}

// talkSSH posts and reads with commands.
func talkSSH(client *gossh.Client, name string) error {
	thread := "s-" + name
	if _, err := e2e.Exec(client, "CRT "+thread, ""); err != nil {
		return err
	}
	want := ""
	for n := range rounds {
		want += fmt.Sprintf("%d %s: round %d\n", n+1, name, n)
		_, err := e2e.Exec(client, fmt.Sprintf("MSG %s round %d", thread, n), "")
		got, readErr := e2e.Exec(client, "RDT "+thread, "")
		if err := errors.Join(err, readErr); err != nil || got != want {
			return fmt.Errorf("%s reads %q, %v", name, got, err)
		}
	}
	return nil
}

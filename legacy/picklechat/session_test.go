package picklechat

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/legacy/legacytest"
)

// typingTime is less than anybody takes for the next line.
const typingTime = 50 * time.Millisecond

// replay plays a script of original clients on a door.
type replay struct {
	t       *testing.T
	door    *legacytest.Door
	clients map[string]*original
}

func (r *replay) play(script string) {
	lines := strings.Split(script, "\n")
	for i, line := range lines {
		client, text, _ := strings.Cut(line, " ")
		name := strings.TrimRight(client, "!><")
		switch {
		case client == "at":
			at, err := time.ParseInLocation(time.DateTime, "2026-11-21 "+text, time.UTC)
			if err != nil {
				r.t.Fatal(err)
			}
			time.Sleep(time.Until(at))
			continue
		case strings.HasSuffix(client, "!"):
			port, err := strconv.Atoi(text)
			if err != nil {
				r.t.Fatal(err)
			}
			r.clients[name] = newOriginal(r.t, r.door.Dial(), port)
			r.clients[name].received = r.received
		case strings.HasSuffix(client, ">"):
			r.clients[name].typed(text)
		default:
			continue
		}
		time.Sleep(typingTime)
		legacytest.Expect(r.t, r.clients, lines[i+1:])
	}
}

// received handles a file that arrives by UDP like the client.
func (r *replay) received(port int, file, from string) {
	for _, o := range r.clients {
		if o.port == port && !o.ended {
			o.print(fmt.Sprintf("Reveived %s from %s.", file, from))
			return
		}
	}
	r.t.Errorf("nobody has the port %d", port)
}

func TestRecordedSession(t *testing.T) {
	script := legacytest.Session(t)
	for _, lag := range []time.Duration{0, time.Millisecond, 20 * time.Millisecond} {
		t.Run(lag.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(time.Date(2026, time.November, 21, 1, 16, 0, 0, time.UTC)))
				f := forumtest.New(t, func(c *rules.Config) { c.Clock, c.Steady, c.Lockout.Attempts = time.Now, time.Now, 2 })
				for _, name := range []string{"derek", "steve", "terry"} {
					if _, err := f.Service.AddUser(ctx, rules.Operator(), name, "123", forum.Member); err != nil {
						t.Fatal(err)
					}
				}
				door := legacytest.Open(t, f, Config(rules.Lobby, time.UTC), lag)
				r := &replay{t: t, door: door, clients: map[string]*original{}}
				r.play(script)
				for name, o := range r.clients {
					if !o.ended {
						t.Errorf("client %s was not told to end", name)
					}
				}
			})
		})
	}
}

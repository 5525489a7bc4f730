package jsonchat

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/legacy/legacytest"
)

// replay plays a script of several clients.
type replay struct {
	t       *testing.T
	door    *legacytest.Door
	network network
	clients map[string]*original
	idle    time.Time // when yoda is told to end
}

const (
	pace        = 500 * time.Millisecond // between lines that are typed
	idleTimeout = 25 * time.Second
)

func (r *replay) play(script string) {
	r.t.Helper()
	lines := strings.Split(script, "\n")
	for i, line := range lines {
		client, text, _ := strings.Cut(line, " ")
		switch {
		case strings.HasSuffix(client, "+"), client == "wait" && r.idle.IsZero():
			r.t.Fatalf("line %d cannot be here: %s", i+1, line)
		case client == "wait":
			time.Sleep(time.Until(r.idle.Add(pace)))
			legacytest.Expect(r.t, r.clients, lines[i+1:])
		case strings.HasSuffix(client, ">"):
			r.typed(strings.TrimSuffix(client, ">"), text)
			if again, more, _ := strings.Cut(lines[i+1], " "); strings.HasSuffix(again, "+") {
				lines[i+1] = "# typed"
				r.typed(strings.TrimSuffix(again, "+"), more)
			}
			time.Sleep(pace)
			legacytest.Expect(r.t, r.clients, lines[i+1:])
		}
	}
}

func (r *replay) typed(client, line string) {
	o := r.clients[client]
	if o == nil {
		o = newOriginal(r.t, r.door.Dial(), r.network)
		r.clients[client] = o
	}
	if client == "yoda" {
		r.idle = time.Now().Add(idleTimeout)
	}
	o.typed(line)
}

func TestRecordedSession(t *testing.T) {
	script := legacytest.Session(t)
	for _, lag := range []time.Duration{0, time.Millisecond, 10 * time.Millisecond, 29 * time.Millisecond} {
		t.Run(lag.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := forumtest.New(t, func(c *rules.Config) { c.Clock, c.Steady = time.Now, time.Now })
				for name, password := range map[string]string{"yoda": "wise", "hans": "falcon", "luke": "lightsaber", "vader": "sithlord"} {
					if _, err := f.Service.AddUser(t.Context(), rules.Operator(), name, password, forum.Member); err != nil {
						t.Fatal(err)
					}
				}
				door := legacytest.Open(t, f, Config(idleTimeout), lag)
				r := &replay{t: t, door: door, network: make(network), clients: make(map[string]*original)}
				r.play(script)
				for name, o := range r.clients {
					select {
					case <-o.ended:
					default:
						if name != "luke" {
							t.Errorf("client %s was not told to end", name)
						}
					}
				}
			})
		})
	}
}

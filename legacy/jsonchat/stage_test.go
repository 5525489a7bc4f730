package jsonchat

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/legacy"
	"sshforum/legacy/legacytest"
)

// stage is a forum with the door open, where people talk to it without a client's
// sleeps.
type stage struct {
	*forumtest.Forum
	t    *testing.T
	door *legacytest.Door
	port int // of the next client
}

func newStage(t *testing.T, set ...func(*legacy.Config)) *stage {
	cfg := Config(time.Minute)
	for _, set := range set {
		set(&cfg)
	}
	f := forumtest.New(t, func(c *rules.Config) { c.Clock, c.Steady = time.Now, time.Now })
	return &stage{Forum: f, t: t, door: legacytest.Open(t, f, cfg, 0), port: 40001}
}

// play runs a test with a door in time of its own.
func play(t *testing.T, test func(s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(newStage(t)) })
}

// person is one connection of somebody.
type person struct {
	*legacytest.Client
	s    *stage
	name string
	port int
}

func (s *stage) connect() person {
	s.port++
	return person{legacytest.NewClient(s.t, s.door.Dial(), maxMessage), s, "", s.port}
}

// as is a connection that is logged in.
func (s *stage) as(name string) person {
	s.t.Helper()
	p := s.connect()
	p.name = s.As(name).Name
	p.want(`{"action":"login","status":"SUCCESS"}`, p.login(name, forumtest.Password(name)))
	return p
}

func (p person) login(name, password string) object {
	return object{"action": "login", "username": name, "password": password, "private_port": p.port}
}

func (p person) say(o object) {
	p.s.t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		p.s.t.Fatal(err)
	}
	p.Send(string(text))
}

// ask sends a request and returns the reply.
func (p person) ask(o object) string {
	p.s.t.Helper()
	p.say(o)
	return p.Recv()
}

// want fails the test unless the reply to a request is that.
func (p person) want(reply string, o object) {
	p.s.t.Helper()
	if got := p.ask(o); got != reply {
		p.s.t.Fatalf("%s: the reply to %.200v is %.200q; want %q", p.name, o, got, reply)
	}
}

// hears fails the test unless the server's next push is exactly that.
func (p person) hears(want ...string) {
	p.s.t.Helper()
	for _, text := range want {
		if got := p.RecvWithin(time.Second); got != text {
			p.s.t.Fatalf("%s heard %.300q; want %q", p.name, got, text)
		}
	}
	if got := p.RecvWithin(time.Second); got != "" {
		p.s.t.Fatalf("%s heard %.300q too", p.name, got)
	}
}

// does has a person do something by another door.
func (s *stage) does(do func() error) {
	s.t.Helper()
	if err := do(); err != nil {
		s.t.Fatal(err)
	}
}

// told is a private message by another door.
func (s *stage) tell(from, to, text string) {
	s.t.Helper()
	s.As(to)
	s.does(func() error { _, err := s.Service.SendPrivateMessage(s.t.Context(), s.As(from), to, text); return err })
}

// block has one person block another by another door.
func (s *stage) block(by, whom string) {
	s.t.Helper()
	s.As(whom)
	s.does(func() error { _, err := s.Service.Block(s.t.Context(), s.As(by), whom); return err })
}

// arrive has a person come by another door until they leave.
func (s *stage) arrive(name string) (leave func()) {
	s.t.Helper()
	visit, err := s.Service.Arrive(s.t.Context(), s.As(name), rules.Arrival{Stays: true})
	if err != nil {
		s.t.Fatal(err)
	}
	return func() { s.does(func() error { return visit.Leave(s.t.Context()) }) }
}

// said is something long that a person says.
func said(n int) string { return strings.Repeat("all work and no play ", n/21+1)[:n] }

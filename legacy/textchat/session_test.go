package textchat

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/legacy"
	"sshforum/legacy/legacytest"
)

var ctx = context.Background()

// stage is a forum with the door open to three.
type stage struct {
	*forumtest.Forum
	t    *testing.T
	door *legacytest.Door
}

func newStage(t *testing.T, lag time.Duration, set ...func(*rules.Config)) *stage {
	s := &stage{t: t}
	set = append([]func(*rules.Config){func(c *rules.Config) { c.Clock, c.Steady, c.GuestThread = time.Now, time.Now, rules.Lobby }}, set...)
	s.Forum = forumtest.New(t, set...)
	return s.open(room, lag)
}

var room = Room{Thread: rules.Lobby, Seats: 3, Zone: time.UTC, SSH: legacy.SSH{Host: "forum.example", Port: "2222"}}

func (s *stage) open(room Room, lag time.Duration) *stage {
	s.door = legacytest.Open(s.t, s.Forum, Config(room), lag)
	return s
}

// play runs a test with a door in time of its own.
func play(t *testing.T, test func(s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(newStage(t, 0)) })
}

// If the operator has set it, others see commands, as in the original.
func TestCommandsAreEchoed(t *testing.T) {
	for _, echo := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := &stage{t: t}
			s.Forum = forumtest.New(t, func(c *rules.Config) { c.Clock, c.Steady, c.GuestThread = time.Now, time.Now, rules.Lobby })
			echoing := room
			echoing.Echo = echo
			s.open(echoing, 0)
			one, two := s.as("Brandon"), s.as("Ann")
			one.Send("LIST")
			one.want("LIST ACK")
			if echo {
				two.want("Brandon (guest): LIST")
			} else {
				two.want()
			}
			one.Send("exit")
			two.want()
		})
	}
}

// upload puts a file in the room.
func (s *stage) upload(name, content string) {
	s.t.Helper()
	u, err := s.Service.Upload(ctx, s.As("keeper"), rules.Place{Thread: rules.Lobby}, name, rules.UploadOptions{})
	if err == nil {
		_, err = u.WriteAt([]byte(content), 0)
	}
	if err == nil {
		_, err = u.Complete(ctx)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// post is a message by another door.
func (s *stage) post(name, text string) {
	s.t.Helper()
	if _, err := s.Service.Post(ctx, s.As(name), rules.Lobby, text); err != nil {
		s.t.Fatal(err)
	}
}

// connect is a client that has been asked for its name.
func (s *stage) connect() *original {
	s.t.Helper()
	o := newOriginal(s.t, s.door.Dial())
	o.want("Please enter a name: ")
	return o
}

// as is a client in the room.
func (s *stage) as(name string) *original {
	s.t.Helper()
	o := s.connect()
	o.Send(name)
	o.want("Your name is set as: " + name)
	return o
}

// want fails the test unless exactly these messages came, each separately, and no others follow
// soon.
func (o *original) want(messages ...string) {
	o.t.Helper()
	time.Sleep(time.Second)
	if got := o.received(); !slices.Equal(got, messages) {
		o.t.Fatalf("received %q; want %q", got, messages)
	}
}

// wantEnd fails the test unless these messages came, and then the end.
func (o *original) wantEnd(messages ...string) {
	o.t.Helper()
	o.want(messages...)
	select {
	case <-o.ended:
	default:
		o.t.Fatal("the connection is open")
	}
}

// replay plays a script of original clients on a door.
type replay struct {
	*stage
	files   map[string]string
	clients map[string]*original
}

func (r *replay) play(script string) {
	lines := strings.Split(script, "\n")
	for i, line := range lines {
		client, text, _ := strings.Cut(line, " ")
		name := strings.TrimRight(client, "!>.")
		switch {
		case client == "at":
			at, err := time.ParseInLocation(time.DateTime, "2026-11-21 "+text, time.UTC)
			if err != nil {
				r.t.Fatal(err)
			}
			time.Sleep(time.Until(at))
			continue
		case strings.HasSuffix(client, "!"):
			r.clients[name] = newOriginal(r.t, r.door.Dial())
		case strings.HasSuffix(client, ">"):
			r.clients[name].Send(text)
		case strings.HasSuffix(client, "."):
			_ = r.clients[name].Close()
			<-r.clients[name].ended
		default:
			continue
		}
		time.Sleep(typingTime)
		r.expect(lines[i+1:])
	}
}

// typingTime is less than anybody takes for the next line.
const typingTime = 250 * time.Millisecond

// expect compares the received messages with the lines that follow.
func (r *replay) expect(lines []string) {
	r.t.Helper()
	want := make(map[string][]string)
	for _, line := range lines {
		client, text, _ := strings.Cut(line, " ")
		if client == "#" {
			continue
		}
		if client == "" || !strings.ContainsAny(client, "<|=") {
			break
		}
		name, kind := client[:len(client)-1], client[len(client)-1]
		switch last := len(want[name]) - 1; kind {
		case '<':
			want[name] = append(want[name], text)
		case '|':
			want[name][last] += "\n" + text
		case '=':
			want[name] = append(want[name], pieces(r.files[text])...)
		}
	}
	for name, o := range r.clients {
		if got := o.received(); !slices.Equal(got, want[name]) {
			r.t.Fatalf("client %s received %q; want %q", name, got, want[name])
		}
	}
}

func TestRecordedSession(t *testing.T) {
	script := legacytest.Session(t)
	files := map[string]string{"big.txt": strings.Repeat("0123456789abcdef", 300), "info.txt": "about this chat\n"}
	for i := range 33 {
		files["test.txt"] += fmt.Sprintf("Line %d\n", i)
	}
	for _, lag := range []time.Duration{0, time.Millisecond, 20 * time.Millisecond} {
		t.Run(lag.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(time.Date(2026, time.November, 21, 1, 14, 0, 0, time.UTC)))
				r := &replay{stage: newStage(t, lag), files: files, clients: map[string]*original{}}
				for name, content := range files {
					r.upload(name, content)
				}
				r.play(script)
				for _, o := range r.clients {
					_ = o.Close()
				}
			})
		})
	}
}

// TestManyRepetitions: every message arrives separately, whatever the stream joins.
func TestManyRepetitions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 0)
		s.upload("a.txt", strings.Repeat("é", 2000))
		for i := range 100 {
			s.door.Lag = time.Duration(i) * 250 * time.Microsecond // and as much for the way back
			brandon, daniel := s.as("Brandon"), s.as("Daniel")
			for n := range 3 {
				brandon.Send(fmt.Sprintf("one %d", n))
				time.Sleep(100 * time.Millisecond)
				s.post("yoda", fmt.Sprintf("two %d", n))
				synctest.Wait() // until what she said waits to be sent
			}
			daniel.Send("get a.txt")
			brandon.want("one 0 ACK", "yoda: two 0", "one 1 ACK", "yoda: two 1", "one 2 ACK", "yoda: two 2")
			time.Sleep(time.Second)
			if got := strings.Join(daniel.received(), "|"); strings.Count(got, "|") != 6+1+4-1 || strings.Count(got, "é") != 2000 {
				t.Fatalf("repetition %d: received %q", i, got)
			}
			for _, o := range []*original{brandon, daniel} {
				_ = o.Close()
				<-o.ended
			}
			synctest.Wait()
		}
	})
}

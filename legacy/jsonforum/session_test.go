package jsonforum

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/legacy/legacytest"
)

// replay plays a script of original clients on a door.
type replay struct {
	t       *testing.T
	forum   *forumtest.Forum
	door    *legacytest.Door
	files   map[string][]byte // on the disk of a client that begins
	clients map[string]*original
	names   map[string]string // that clients have typed, and no password yet
}

func (r *replay) play(script string) {
	lines := strings.Split(script, "\n")
	for i, line := range lines {
		client, text, _ := strings.Cut(line, " ")
		switch {
		case client == "" || client == "#":
		case client == "admin":
			if _, err := r.forum.Service.SetRole(context.Background(), rules.Operator(), text, forum.Admin); err != nil {
				r.t.Fatal(err)
			}
		case strings.HasSuffix(client, ">"):
			r.typed(strings.TrimSuffix(client, ">"), text)
			legacytest.Expect(r.t, r.clients, lines[i+1:])
		}
	}
}

// typed handles one line like the client, until it prompts for the next.
func (r *replay) typed(client, line string) {
	o := r.clients[client]
	if o == nil {
		o = newOriginal(r.t, r.door.Dial())
		o.files = maps.Clone(r.files)
		r.clients[client] = o
	}
	switch {
	case o.user != "":
		o.command(line)
	case r.names[client] == "":
		r.names[client] = line
	default:
		o.login(r.names[client], line)
		delete(r.names, client)
	}
	synctest.Wait()
}

func TestRecordedSession(t *testing.T) {
	script := legacytest.Session(t)
	for _, lag := range []time.Duration{0, time.Millisecond, 4 * time.Millisecond} {
		t.Run(lag.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var door *legacytest.Door
				f := forumtest.New(t, func(c *rules.Config) { c.Clock, c.Steady, c.Stop = time.Now, time.Now, func() { door.Stop() } })
				door = legacytest.Open(t, f, Config(), lag)
				r := &replay{t: t, forum: f, door: door, clients: map[string]*original{}, names: map[string]string{}, files: map[string][]byte{
					"small.txt": []byte("hello file\nsecond line\n"),
					"big.bin":   noise(5000),
					"k2048.bin": bytes.Repeat([]byte("x"), 2048),
				}}
				r.play(script)
				for name, o := range r.clients {
					select {
					case <-o.ended:
					default:
						t.Errorf("client %s was not told to end", name)
					}
				}
				for name, content := range r.files {
					if !bytes.Equal(r.clients["B"].files[name], content) {
						t.Errorf("%s was downloaded as something else", name)
					}
				}
			})
		})
	}
}

// noise returns bytes that are the same at every call.
func noise(n int) []byte {
	content := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(content)
	return content
}

// TestTransfers has the original client take each of these files up and down a hundred
// times, its reads delayed by something else each time.
func TestTransfers(t *testing.T) {
	contents := map[string][]byte{"goodbye": []byte("Goodbye"), "brace": []byte(`{"filesize": 7}`)}
	for _, size := range []int{0, 1, 7, 1023, 1024, 1025, 5120, 1_000_000} {
		contents[fmt.Sprint(size)] = noise(size)
	}
	for name, content := range contents {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { transfer(t, content, 100) })
		})
	}
}

func transfer(t *testing.T, content []byte, repetitions int) {
	f := forumtest.New(t)
	door := legacytest.Open(t, f, Config(), 0)
	for i := range repetitions {
		door.Lag = time.Duration(i) * 40 * time.Microsecond // and as much for the way back
		o := newOriginal(t, door.Dial())
		if !o.login("yoda", "wise1") {
			t.Fatal("yoda is not let in")
		}
		o.Printed()
		file := fmt.Sprintf("file-%d", i)
		o.files[file] = content
		o.command("UPD lobby " + file)
		time.Sleep(time.Second)
		o.files[file] = nil
		o.command("DWN lobby " + file)
		time.Sleep(time.Second)
		o.command("LST")
		o.command("XIT")
		synctest.Wait()
		o.Healthy(t)
		want := []string{file + " uploaded to lobby thread", "starting", file + " successfully downloaded",
			"The list of active threads:", "lobby", "Goodbye"}
		if got := o.Printed(); !slices.Equal(got, want) {
			t.Fatalf("repetition %d printed %q; want %q", i, got, want)
		}
		if !bytes.Equal(o.files[file], content) {
			t.Fatalf("repetition %d: %d bytes came back, of %d", i, len(o.files[file]), len(content))
		}
	}
}

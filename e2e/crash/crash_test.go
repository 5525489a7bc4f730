// Package crash kills a server at random moments, and looks what it left.
package crash

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/e2e"
	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/storage/pair"
)

func TestMain(m *testing.M) { e2e.Main(m, nil) }

const (
	crashClients = 4
	longestLife  = 40 * time.Millisecond // of a server under load
)

// TestKilledServerKeepsWhatItAcknowledged kills the program at random moments, while
// several people post over SSH, and looks each time at what it left: every message that
// it said was posted is there once, each person's in order and none left out, numbered
// from 1 on; so is at most one more of each person, whose answer was on its way. Every
// other person gives each message a key and tries that last one again, which must not
// make it two. Somebody uploads one file again and again: it has what was acknowledged
// last, or what was on its way. Whatever the instant, the two stores belong together.
func TestKilledServerKeepsWhatItAcknowledged(t *testing.T) {
	rounds, seed := 5, rand.Uint64()
	if os.Getenv("CI") == "true" {
		rounds = 50
	}
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	c := newCrash(t)
	for round := range rounds {
		c.run(t, round, time.Duration(random.Int64N(int64(longestLife))))
		c.inspect(t)
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
	total := 0
	for _, p := range c.posters {
		total += p.acknowledged
	}
	t.Logf("%d messages and %d uploads in %d rounds", total, c.uploader.acknowledged, rounds)
}

// crash is a server that is killed over and over, and those who post to it.
type crash struct {
	dir      string
	posters  []*poster
	uploader *uploader
}

// uploader is what one person uploaded, as a file of that name.
type uploader struct {
	name         string
	kept, sent   string // what was acknowledged last, and what may have come after it
	acknowledged int
}

// poster is what one person posted.
type poster struct {
	name         string
	once         bool     // with keys
	sent         []string // in order, without what was found to be lost
	unanswered   string   // the last, which may be lost
	acknowledged int
}

func newCrash(t *testing.T) *crash {
	c := &crash{dir: e2e.Dir(t)}
	e2e.Found(t, c.dir)
	for i := range crashClients {
		c.posters = append(c.posters, &poster{name: fmt.Sprintf("poster%d", i), once: i%2 == 1})
		e2e.AddUser(t, c.dir, c.posters[i].name)
	}
	c.uploader = &uploader{name: "uploader"}
	e2e.AddUser(t, c.dir, c.uploader.name)
	return c
}

// run starts the server, lets everybody post, and kills it that long after everybody
// has had an answer.
func (c *crash) run(t *testing.T, round int, life time.Duration) {
	server, err := e2e.Start(e2e.Command(c.dir))
	if err != nil {
		t.Fatal(err)
	}
	var answered, over sync.WaitGroup
	for _, p := range c.posters {
		client, err := c.dial(server.Port, p.name)
		if err != nil {
			_ = server.Kill()
			t.Fatal(err)
		}
		answered.Add(1)
		over.Go(func() {
			defer client.Close()
			if err := p.post(client, round, sync.OnceFunc(answered.Done)); err != nil {
				t.Error(err)
			}
		})
	}
	client, err := c.dial(server.Port, c.uploader.name)
	if err != nil {
		_ = server.Kill()
		t.Fatal(err)
	}
	answered.Add(1)
	over.Go(func() {
		defer client.Close()
		c.uploader.upload(client, round, sync.OnceFunc(answered.Done))
	})
	answered.Wait()
	time.Sleep(life)
	if err := server.Kill(); err != nil {
		t.Error(err)
	}
	over.Wait()
}

func (c *crash) dial(port, name string) (*gossh.Client, error) {
	key, err := os.ReadFile(filepath.Join(c.dir, "hostkeys", "ssh_host_ed25519_key.pub"))
	if err != nil {
		return nil, err
	}
	host, _, _, _, err := gossh.ParseAuthorizedKey(key)
	if err != nil {
		return nil, err
	}
	return gossh.Dial("tcp", "127.0.0.1:"+port, &gossh.ClientConfig{
		User: name, Auth: []gossh.AuthMethod{gossh.Password(forumtest.Password(name))},
		HostKeyCallback:   gossh.FixedHostKey(host),
		HostKeyAlgorithms: []string{host.Type()},
		Timeout:           e2e.Patience,
	})
}

// post posts one message after the other, each when the last was acknowledged, until the
// server is gone.
func (p *poster) post(client *gossh.Client, round int, answered func()) error {
	defer answered()
	session, err := client.NewSession()
	if err != nil {
		return err
	}
	in, err := session.StdinPipe()
	if err != nil {
		return err
	}
	out, err := session.StdoutPipe()
	if err != nil {
		return err
	}
	if err := session.Shell(); err != nil {
		return err
	}
	answers := bufio.NewReader(out)
	for n := 0; ; n++ {
		text := p.next(round, n)
		_, sendErr := fmt.Fprintln(in, p.command(text))
		answer, err := answers.ReadString('\n')
		switch {
		case err == nil && answer == "Message posted to lobby thread\n":
			p.acknowledged++
			answered()
		case errors.Is(err, io.EOF) && answer == "":
			p.unanswered = text
			return nil
		default:
			return fmt.Errorf("%s: answer %q, %v, %v", text, answer, err, sendErr)
		}
	}
}

// upload uploads one content after the other, each when the last was acknowledged, until
// the server is gone.
func (u *uploader) upload(client *gossh.Client, round int, answered func()) {
	defer answered()
	for n := 0; ; n++ {
		session, err := client.NewSession()
		if err != nil {
			return
		}
		u.sent = strings.Repeat(fmt.Sprintf("%d.%d ", round, n), 20_000)
		session.Stdin = strings.NewReader(u.sent)
		if err := session.Run("UPD --replace " + rules.Lobby + " " + u.name); err != nil {
			return
		}
		u.kept = u.sent
		u.acknowledged++
		answered()
	}
}

// compare fails the test unless the file has what it should.
func (u *uploader) compare(t *testing.T, stores *pair.Files, file forum.File) {
	content, err := stores.Contents.Open(file.Blob)
	if err != nil {
		t.Errorf("the file %+v: %v", file, err)
		return
	}
	defer content.Close()
	has := make([]byte, file.Size)
	if _, err := content.ReadAt(has, 0); err != nil && err != io.EOF {
		t.Error(err)
	}
	if string(has) != u.kept && string(has) != u.sent {
		t.Errorf("the file has %d bytes, %.20q, where %.20q was acknowledged and %.20q sent", len(has), has, u.kept, u.sent)
	}
	u.kept = string(has)
}

// next returns the message to post: with keys that may be one that was not answered.
func (p *poster) next(round, n int) string {
	text := fmt.Sprintf("%s %d.%d", p.name, round, n)
	if p.once && p.unanswered != "" {
		text, p.unanswered = p.unanswered, ""
		if slices.Contains(p.sent, text) {
			return text
		}
	}
	p.sent = append(p.sent, text)
	return text
}

func (p *poster) command(text string) string {
	if p.once {
		return fmt.Sprintf("MSG %s --once %q %s", rules.Lobby, text, text)
	}
	return fmt.Sprintf("MSG %s %s", rules.Lobby, text)
}

// inspect opens the store that the killed server left.
func (c *crash) inspect(t *testing.T) {
	stores, err := pair.Open(filepath.Join(c.dir, "data"), pair.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer stores.Close()
	store := stores.Rows
	if err := errors.Join(store.Check(), stores.Contents.Check()); err != nil {
		t.Error(err)
	}
	kept := make(map[string][]string) // by who posted it
	err = store.View(func(r forum.Reader) error {
		lobby, _ := r.ThreadByTitle(rules.Lobby)
		file, _ := r.File(forum.Folder{Thread: lobby.ID}, c.uploader.name)
		c.uploader.compare(t, stores, file)
		number := uint64(0)
		for m := range r.Entries(lobby.ID, 0) {
			if m.Upload != "" {
				continue
			}
			number++
			if id, ok := r.MessageAt(lobby.ID, number); !ok || id != m.ID {
				t.Errorf("number %d is %v, not %v", number, id, m.ID)
			}
			name, _, _ := strings.Cut(m.Text, " ")
			kept[name] = append(kept[name], m.Text)
		}
		if number != lobby.Messages {
			t.Errorf("%d messages, and the thread counts %d", number, lobby.Messages)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range c.posters {
		p.compare(t, kept[p.name])
	}
}

// compare fails the test unless kept is what was sent, but for a last message that was
// not acknowledged. What is kept now has to be kept from then on.
func (p *poster) compare(t *testing.T, kept []string) {
	want := p.sent
	if len(kept) < len(want) {
		want = slices.DeleteFunc(slices.Clone(want), func(text string) bool { return text == p.unanswered })
	}
	for i := range max(len(kept), len(want)) {
		if i >= len(kept) || i >= len(want) || kept[i] != want[i] {
			t.Errorf("of %s are kept %q where %q were acknowledged, and %q was sent", p.name, kept[min(i, len(kept)):], want[min(i, len(want)):], p.unanswered)
			break
		}
	}
	p.sent = kept
}

//go:build linux

package bench

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/e2e"
	"sshforum/forum/forumtest"
)

// crowd is many sessions at one server, and one more that types.
type crowd struct {
	*followed
	members []*member
	reading []*member // those of them that are not stopped
	typists []*member
	last    uint64 // number of the last post
}

func newCrowd(b *testing.B, f *followed, sessions int) *crowd {
	c := &crowd{followed: f, members: make([]*member, sessions)}
	var opening sync.WaitGroup
	turns := make(chan struct{}, 8) // logins at once
	for i := range c.members {
		turns <- struct{}{}
		opening.Go(func() {
			defer func() { <-turns }()
			c.members[i] = c.open(b, e2e.Person(i%benchPeople))
		})
	}
	opening.Wait()
	for i := range maxTypists {
		c.typists = append(c.typists, c.open(b, e2e.Person(i)))
	}
	if b.Failed() {
		b.FailNow()
	}
	c.reading = c.members
	return c
}

// follow has all members follow, and waits until they do.
func (c *crowd) follow(b *testing.B) {
	for _, m := range c.members {
		fmt.Fprint(m.in, c.followed.follow) // one that follows already is sent a line it does not read
	}
	deadline := time.Now().Add(time.Minute)
	for slices.ContainsFunc(c.members, func(m *member) bool { return m.latest() == 0 }) {
		if time.Now().After(deadline) {
			b.Fatal("not all sessions follow")
		}
		c.last++
		fmt.Fprint(c.typists[0].in, line(c.followed.post, c.last, "ready"))
		time.Sleep(max(100*time.Millisecond, c.pause))
	}
	for _, m := range c.members {
		m.awaits(b, c.last)
	}
}

// line is what is typed for a numbered post. The room shows it to the typist, too.
func line(before string, n uint64, text string) string {
	return fmt.Sprintf("%s%s%d- %s\r", before, token, n, text)
}

const token = "line-"

// post has so many type a line, and waits until all that read have them.
func (c *crowd) post(b *testing.B, typists int, text string) sample {
	before, err := c.cpu()
	if err != nil {
		b.Fatal(err)
	}
	for _, m := range c.reading {
		m.expect(typists)
	}
	start := time.Now()
	for _, typist := range c.typists[:typists] {
		c.last++
		if _, err := fmt.Fprint(typist.in, line(c.followed.post, c.last, text)); err != nil {
			b.Fatal(err)
		}
	}
	s := sample{lines: len(c.reading) * typists}
	for _, m := range c.reading {
		s.took = append(s.took, m.arrived(b).Sub(start))
	}
	after, err := c.cpu()
	if err != nil {
		b.Fatal(err)
	}
	s.cpu = after - before
	return s
}

// run runs one command with a text for it.
func (c *crowd) run(b *testing.B, command, text string) {
	session, err := c.typists[0].conn.NewSession()
	if err != nil {
		b.Fatal(err)
	}
	defer session.Close()
	session.Stdin = strings.NewReader(text)
	if out, err := session.CombinedOutput(command); err != nil {
		b.Fatalf("%s: %v\n%s", command, err, out)
	}
}

func (c *crowd) leave() {
	for _, m := range append(c.members, c.typists...) {
		m.conn.Close()
	}
}

// member is one session.
type member struct {
	conn  *gossh.Client
	valve *valve
	in    io.Writer

	mu      sync.Mutex
	more    sync.Cond
	seen    uint64    // highest number of a post that has arrived
	missing int       // posts that are expected
	at      time.Time // when the last came
	err     error     // how the session ended
}

func (c *crowd) open(b *testing.B, name string) *member {
	m := &member{}
	m.more.L = &m.mu
	// A small window lets a session that is stopped fill up soon.
	dialer := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error {
		return raw.Control(func(fd uintptr) {
			_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 16<<10)
		})
	}}
	conn, err := dialer.Dial("tcp", c.addr)
	if err != nil {
		b.Error(err)
		return m
	}
	m.valve = newValve(conn)
	config := &gossh.ClientConfig{
		User: name, Auth: []gossh.AuthMethod{gossh.Password(forumtest.Password(name)), gossh.KeyboardInteractive(noAnswers)},
		HostKeyCallback: gossh.InsecureIgnoreHostKey(),
	}
	sshConn, channels, requests, err := gossh.NewClientConn(m.valve, c.addr, config)
	if err != nil {
		b.Error(err)
		return m
	}
	m.conn = gossh.NewClient(sshConn, channels, requests)
	if err := m.shell(); err != nil {
		b.Error(err)
	}
	return m
}

// noAnswers is the login at a server that asks for nothing.
func noAnswers(string, string, []string, []bool) ([]string, error) { return nil, nil }

// shell opens a shell on a terminal, 80 by 24.
func (m *member) shell() error {
	session, err := m.conn.NewSession()
	if err != nil {
		return err
	}
	if m.in, err = session.StdinPipe(); err != nil {
		return err
	}
	out, err := session.StdoutPipe()
	if err != nil {
		return err
	}
	if err := session.RequestPty("xterm", 24, 80, gossh.TerminalModes{}); err != nil {
		return err
	}
	go m.read(out)
	return session.Shell()
}

// read notes the number behind each token that comes in.
func (m *member) read(out io.Reader) {
	buf, kept := make([]byte, 4<<10), 0
	for {
		n, err := out.Read(buf[kept:])
		whole := bytes.LastIndexByte(buf[:kept+n], '\n') + 1
		m.note(buf[:whole], err)
		if err != nil {
			return
		}
		if kept = copy(buf, buf[whole:kept+n]); kept == len(buf) {
			kept = 0
		}
	}
}

func (m *member) note(b []byte, err error) {
	now := time.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
	for {
		_, after, found := bytes.Cut(b, []byte(token))
		if !found {
			break
		}
		number, _, whole := bytes.Cut(after, []byte("-"))
		if n, err := strconv.ParseUint(string(number), 10, 64); err == nil && whole {
			m.seen, m.at = max(m.seen, n), now
			m.missing--
		}
		b = after
	}
	m.more.Broadcast()
}

// expect notes that so many posts are to come.
func (m *member) expect(posts int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.missing = posts
}

// arrived waits for the posts that are expected and returns when the last came.
func (m *member) arrived(b *testing.B) time.Time {
	return m.wait(b, func() bool { return m.missing <= 0 })
}

// awaits waits for a post.
func (m *member) awaits(b *testing.B, n uint64) { m.wait(b, func() bool { return m.seen >= n }) }

func (m *member) wait(b *testing.B, until func() bool) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	for !until() && m.err == nil {
		m.more.Wait()
	}
	if !until() {
		b.Fatalf("a session ended: %v", m.err)
	}
	return m.at
}

func (m *member) latest() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seen
}

// valve is a connection whose reading side can be stopped, as a client that is stopped
// stops it.
type valve struct {
	net.Conn
	mu      sync.Mutex
	opened  sync.Cond
	stopped bool
}

func newValve(conn net.Conn) *valve {
	v := &valve{Conn: conn}
	v.opened.L = &v.mu
	return v
}

func (v *valve) Read(b []byte) (int, error) {
	v.mu.Lock()
	for v.stopped {
		v.opened.Wait()
	}
	v.mu.Unlock()
	return v.Conn.Read(b)
}

func (v *valve) close() { v.set(true) }
func (v *valve) open()  { v.set(false) }

func (v *valve) set(stopped bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.stopped = stopped
	v.opened.Broadcast()
}

// sample is what one post took.
type sample struct {
	took  []time.Duration
	lines int
	cpu   time.Duration
}

// tally is the sum of samples.
type tally struct{ sample }

func (t *tally) add(s sample) {
	t.took = append(t.took, s.took...)
	t.lines += s.lines
	t.cpu += s.cpu
}

func (t *tally) p99() time.Duration {
	slices.Sort(t.took)
	return t.took[len(t.took)*99/100]
}

func (t *tally) cpuPerLine() time.Duration { return t.cpu / time.Duration(t.lines) }

//go:build linux

package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"sshforum/e2e"
	"sshforum/forum"
	"sshforum/storage"
)

// messagesVariable has the number of messages of the longest thread that BenchmarkGrowth
// measures; without it, that is longestThread.
const (
	messagesVariable = "BENCH_MESSAGES"
	longestThread    = 100_000
)

// grownForum is the size of a forum. All threads have one message, except the first, thread0,
// which has so many.
type grownForum struct{ threads, messages int }

// BenchmarkGrowth measures what commands cost as the forum grows. cpu-ms is the server's processor
// time for one command, with opening and closing its session. The first person has posted in all
// threads, of which a few have something new; the second has posted in one, and has not read any
// other. What the first command costs, if that is more, is not in it.
func BenchmarkGrowth(b *testing.B) {
	longest := longestThread
	if n, err := strconv.Atoi(os.Getenv(messagesVariable)); err == nil {
		longest = n
	}
	for _, size := range []grownForum{{100, 1000}, {10_000, 1000}, {100_000, 1000}, {100, longest}} {
		b.Run(fmt.Sprintf("threads=%d,messages=%d", size.threads, size.messages), size.benchmark)
	}
}

// grownActs are the acts that are measured, with the person who does them. A line for a shell
// ends with \r or \t.
var grownActs = []struct {
	name   string
	person int
	line   string
	until  string // in the answer of the shell
}{
	{"welcome-all", 0, "", "XIT leaves"},
	{"welcome-one", 1, "", "XIT leaves"},
	{"NEW-all", 0, "NEW", ""},
	{"NEW-one", 1, "NEW", ""},
	{"NEXT-all", 0, "NEXT", ""},
	{"NEXT-one", 1, "NEXT", ""},
	{"LST", 0, "LST", ""},
	{"LST-page", 0, "LST\r", "-- more"},
	{"complete", 0, "RDT thread9\t\t", "thread9"},
	{"RDT-page", 0, "RDT thread0 --last 20", ""},
	{"MSG", 0, "MSG thread0 --again do or do not", ""},
	{"WHO", 0, "WHO", ""},
	{"FIND", 0, "FIND yoda", ""},
	{"KEYS", 0, "KEYS", ""},
	{"MENTIONS", 0, "MENTIONS", ""},
	{"INBOX", 0, "INBOX", ""},
}

func (size grownForum) benchmark(b *testing.B) {
	dir := e2e.Dir(b)
	e2e.Found(b, dir)
	people := e2e.Credentials(b, dir, 2)
	if err := startIn(b, dir, people).Stop(); err != nil {
		b.Fatal(err)
	}
	size.fill(b, filepath.Join(dir, "data"))
	server := startIn(b, dir, people)
	defer func() {
		if err := server.Stop(); err != nil {
			b.Error(err)
		}
	}()
	var clients [2]*gossh.Client
	for i := range clients {
		var err error
		if clients[i], err = server.Dial(e2e.Person(i)); err != nil {
			b.Fatal(err)
		}
		defer clients[i].Close()
	}
	for _, act := range grownActs {
		b.Run(act.name, func(b *testing.B) {
			do := func() {
				if act.until == "" {
					run(b, clients[act.person], act.line, "")
				} else if err := typeLine(clients[act.person], act.line, act.until); err != nil {
					b.Fatal(err)
				}
			}
			do()
			begun := used(b, server.Process())
			for range b.N {
				do()
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric((used(b, server.Process())-begun).Seconds()*1e3/float64(b.N), "cpu-ms")
		})
	}
}

func startIn(b *testing.B, dir, flag string) *e2e.Server {
	b.Helper()
	server, err := e2e.Start(e2e.Command(dir, flag))
	if err != nil {
		b.Fatal(err)
	}
	return server
}

// typeLine opens a shell on a terminal, types a line if it is not empty, waits for a text in the
// answer, and closes the shell.
func typeLine(client *gossh.Client, line, until string) error {
	session, err := client.NewSession()
	if err != nil {
		return err
	}
	defer session.Close()
	in, err := session.StdinPipe()
	if err != nil {
		return err
	}
	out, err := session.StdoutPipe()
	if err != nil {
		return err
	}
	if err := session.RequestPty("xterm", 24, 80, gossh.TerminalModes{}); err != nil {
		return err
	}
	if err := session.Shell(); err != nil {
		return err
	}
	screen := bufio.NewReader(out)
	if err := readUntil(screen, "XIT leaves"); err != nil || line == "" {
		return err
	}
	if _, err := io.WriteString(in, line); err != nil {
		return err
	}
	return readUntil(screen, until)
}

func readUntil(in *bufio.Reader, text string) error {
	var seen []byte
	for !bytes.Contains(seen, []byte(text)) {
		c, err := in.ReadByte()
		if err != nil {
			return fmt.Errorf("%w after %q", err, seen)
		}
		seen = append(seen, c)
	}
	return nil
}

// fill writes the threads and messages, a thousand in a change. They are spread over the last
// hundred days, before which the people made their accounts.
func (size grownForum) fill(b *testing.B, dir string) {
	b.Helper()
	store, err := storage.Open(dir, storage.Options{})
	if err != nil {
		b.Fatal(err)
	}
	write := func(n int, do func(tx forum.Tx, i int)) { writeRows(b, store, n, do) }
	const days = 100 * 24 * time.Hour
	var began time.Time
	var people [2]forum.User
	write(len(people), func(tx forum.Tx, i int) {
		people[i], _ = tx.UserByName(forum.NameKey(e2e.Person(i)))
		began = people[i].Created.Add(-days)
		people[i].Created = began
		tx.PutUser(people[i])
	})
	post := func(tx forum.Tx, t *forum.Thread, by forum.User, at time.Time, text string) {
		t.Last, t.Messages, t.Active = t.Last+1, t.Messages+1, at
		tx.PutMessage(forum.Message{ID: forum.MessageID{Thread: t.ID, Seq: t.Last}, Author: by.ID, Text: text, Posted: at})
	}
	var first forum.Thread
	write(size.threads, func(tx forum.Tx, i int) {
		at := began.Add(days * time.Duration(i) / time.Duration(size.threads))
		t := forum.Thread{ID: tx.NewThreadID(), Title: fmt.Sprintf("thread%d", i), Creator: people[0].ID, Created: at}
		post(tx, &t, people[0], at, "do or do not")
		tx.SetInterest(people[0].ID, t.ID, forum.Interest{Level: forum.Watched, Read: forum.Marks{Upto: 1}, Posted: at})
		if i%(size.threads/4) == 1 {
			post(tx, &t, people[1], at, "there is no try")
		}
		tx.PutThread(t)
		if i == 0 {
			first = t
		}
	})
	write(size.messages, func(tx forum.Tx, i int) {
		text := "do or do not"
		if i%1000 == 0 {
			text = "yoda says so"
		}
		post(tx, &first, people[0], first.Created, text)
		tx.PutThread(first)
	})
	write(1, func(tx forum.Tx, _ int) {
		tx.SetInterest(people[0].ID, first.ID, forum.Interest{Level: forum.Watched, Read: forum.Marks{Upto: first.Last}})
		tx.SetInterest(people[1].ID, first.ID, forum.Interest{Level: forum.Watched, Read: forum.Marks{Upto: first.Last}})
	})
	if err := store.Close(); err != nil {
		b.Fatal(err)
	}
}

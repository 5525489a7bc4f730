package jsonforum

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/legacy/legacytest"
)

// stage is a forum with the door open, where people talk to it without a client's
// sleeps.
type stage struct {
	*forumtest.Forum
	t    *testing.T
	door *legacytest.Door
	slow map[string]time.Duration // what the journal takes for a kind of change
	torn bool                     // no content can be opened
	full bool                     // nor written
}

func newStage(t *testing.T, set ...func(*rules.Config)) *stage {
	s := &stage{t: t}
	s.Forum = forumtest.New(t, append(set, func(c *rules.Config) {
		c.Clock, c.Steady, c.Stop = time.Now, time.Now, func() { s.door.Stop() }
		c.Journal = slowJournal{c.Journal, s}
		c.Blobs, c.MaxInline = badBlobs{c.Blobs, s}, 0
	})...)
	s.door = legacytest.Open(t, s.Forum, Config(), 0)
	return s
}

type slowJournal struct {
	forum.Journal
	s *stage
}

func (j slowJournal) Submit(ctx context.Context, c forum.Change) (any, error) {
	time.Sleep(j.s.slow[c.Kind()])
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return j.Journal.Submit(ctx, c)
}

type badBlobs struct {
	forum.Blobs
	s *stage
}

func (b badBlobs) Open(id forum.BlobID) (forum.BlobReader, error) {
	if b.s.torn {
		return nil, errors.New("the disk has a hole")
	}
	return b.Blobs.Open(id)
}

func (b badBlobs) Create(id forum.BlobID) (forum.BlobWriter, error) {
	cmd, err := b.Blobs.Create(id)
	return badWriter{cmd, b.s}, err
}

type badWriter struct {
	forum.BlobWriter
	s *stage
}

func (cmd badWriter) WriteAt(p []byte, at int64) (int, error) {
	if cmd.s.full {
		return 0, forum.Errorf(forum.Unavailable, "The disk is full.")
	}
	return cmd.BlobWriter.WriteAt(p, at)
}

// person is one connection of somebody.
type person struct {
	*legacytest.Client
	t *testing.T
}

func (s *stage) connect() person {
	return person{legacytest.NewClient(s.t, s.door.Dial(), maxMessage), s.t}
}

// as is a connection that is logged in.
func (s *stage) as(name string) person { return s.asRole(name, forum.Member) }

func (s *stage) asRole(name string, role forum.Role) person {
	s.t.Helper()
	s.AsRole(name, role)
	p := s.connect()
	p.ask(object{"type": "login-N", "username": name})
	if got := p.ask(object{"type": "login-P", "password": forumtest.Password(name)}); got != "Y" {
		s.t.Fatalf("%s is told %q", name, got)
	}
	return p
}

// ask sends a request and returns the reply.
func (p person) ask(o object) string {
	p.t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		p.t.Fatal(err)
	}
	p.Send(string(text))
	return p.Recv()
}

func (p person) post(thread, text string) string {
	return p.ask(object{"type": "MSG", "thread": thread, "message": text})
}

// upload sends a file and returns the last reply.
func (p person) upload(thread, name, content string) string {
	p.t.Helper()
	if got := p.ask(object{"type": "UPD", "thread": thread}); got != "{OK" {
		return got
	}
	if got := p.ask(object{"type": "UPD", "username": "nobody", "filename": name, "filesize": len(content)}); got != "{OK" {
		return got
	}
	if content != "" {
		time.Sleep(sleep)
		p.Send(content)
	}
	return p.Recv()
}

// scenes produce each of the sentences, with its text there.
var scenes = map[sentence]struct {
	want string
	play func(*stage) string
}{
	askPassword: {"PWD", func(s *stage) string {
		s.As("yoda")
		return s.connect().ask(object{"type": "login-N", "username": "YODA"})
	}},
	askNewPassword: {"NUyoda", func(s *stage) string {
		return s.connect().ask(object{"type": "login-N", "username": "yoda"})
	}},
	loggedInAlready: {"LDyoda", func(s *stage) string {
		s.as("yoda")
		return s.connect().ask(object{"type": "login-N", "username": "yoda"})
	}},
	notLetIn: {"LDYou took too long to log in\n", func(s *stage) string { return s.connect().Recv() }},
	passwordRight: {"Y", func(s *stage) string {
		s.As("yoda")
		p := s.connect()
		p.ask(object{"type": "login-N", "username": "yoda"})
		return p.ask(object{"type": "login-P", "password": forumtest.Password("yoda")})
	}},
	passwordWrong: {"N", func(s *stage) string {
		s.As("yoda")
		p := s.connect()
		p.ask(object{"type": "login-N", "username": "yoda"})
		return p.ask(object{"type": "login-P", "password": "guess"})
	}},
	accountMade: {"YN", func(s *stage) string {
		p := s.connect()
		p.ask(object{"type": "login-N", "username": "yoda"})
		return p.ask(object{"type": "login-NP", "password": "wise1"})
	}},
	goodbye: {"Goodbye", func(s *stage) string { return s.as("yoda").ask(object{"type": "XIT"}) }},
	shuttingDown: {"Goodbye. Server shutting down\n>", func(s *stage) string {
		other := s.as("luke")
		s.asRole("yoda", forum.Admin).ask(object{"type": "SHT", "AdmPassword": forumtest.Password("yoda")})
		return other.Recv()
	}},
	adminPasswordWrong: {"Incorrect password", func(s *stage) string {
		return s.asRole("yoda", forum.Admin).ask(object{"type": "SHT", "AdmPassword": "guess"})
	}},
	invalidCommand: {"Invalid command", func(s *stage) string { return s.as("yoda").ask(object{"type": "DANCE"}) }},
	logInFirst:     {"Log in first", func(s *stage) string { return s.connect().ask(object{"type": "LST"}) }},
	noThread:       {"Thread nope not exists", func(s *stage) string { return s.as("yoda").post("nope", "hello") }},
	threadCreated: {"Thread t1 created", func(s *stage) string {
		return s.as("yoda").ask(object{"type": "CRT", "name": "t1"})
	}},
	threadExists: {"Thread lobby exists", func(s *stage) string {
		return s.as("yoda").ask(object{"type": "CRT", "name": "lobby"})
	}},
	threadRemoved: {"The thread has been removed", func(s *stage) string {
		p := s.as("yoda")
		p.ask(object{"type": "CRT", "name": "t1"})
		return p.ask(object{"type": "RMV", "thread": "t1"})
	}},
	threadNotYours: {"The thread was created by another user and cannot be removed", func(s *stage) string {
		return s.as("yoda").ask(object{"type": "RMV", "thread": "lobby"})
	}},
	posted: {"Message posted to lobby thread", func(s *stage) string { return s.as("yoda").post("lobby", "hello") }},
	deleted: {"Message has been deleted", func(s *stage) string {
		p := s.as("yoda")
		p.post("lobby", "hello")
		return p.ask(object{"type": "DLT", "thread": "lobby", "message_number": "1"})
	}},
	edited: {"Message has been edited", func(s *stage) string {
		p := s.as("yoda")
		p.post("lobby", "hello")
		return p.ask(object{"type": "EDT", "thread": "lobby", "message_number": "1", "message": "bye"})
	}},
	noMessage: {"Invalid message number", func(s *stage) string {
		return s.as("yoda").ask(object{"type": "DLT", "thread": "lobby", "message_number": "1"})
	}},
	deleteNotYours: {"The message belongs to another user and cannot be deleted", func(s *stage) string {
		s.as("luke").post("lobby", "hello")
		return s.as("yoda").ask(object{"type": "DLT", "thread": "lobby", "message_number": "1"})
	}},
	editNotYours: {"The message belongs to another user and cannot be edited", func(s *stage) string {
		s.as("luke").post("lobby", "hello")
		return s.as("yoda").ask(object{"type": "EDT", "thread": "lobby", "message_number": "1", "message": "x"})
	}},
	sendFile: {"{OK", func(s *stage) string { return s.as("yoda").ask(object{"type": "UPD", "thread": "lobby"}) }},
	fileExists: {"a.txt already exist in Thread lobby", func(s *stage) string {
		p := s.as("yoda")
		p.upload("lobby", "a.txt", "one")
		return p.upload("lobby", "a.txt", "two")
	}},
	fileUploaded: {"a.txt uploaded to lobby thread", func(s *stage) string {
		return s.as("yoda").upload("lobby", `C:\Users\yoda/old/a.txt`, "one")
	}},
	tooSlow: {"The server was too slow to take a.txt; upload it again", func(s *stage) string {
		s.slow = map[string]time.Duration{"file.begin": sleep}
		return s.as("yoda").upload("lobby", "a.txt", "one")
	}},
	noFile: {"File does not exist in Thread nope", func(s *stage) string {
		return s.as("yoda").ask(object{"type": "DWN", "thread": "nope", "filename": "a.txt"})
	}},
	fileUnreadable: {"File cannot be sent: Something went wrong on the server; please try again.", func(s *stage) string {
		p := s.as("yoda")
		p.upload("lobby", "a.txt", "one")
		s.torn = true
		return p.ask(object{"type": "DWN", "thread": "lobby", "filename": "a.txt"})
	}},
	fileSize: {`{"filesize": 3}`, func(s *stage) string {
		p := s.as("yoda")
		p.upload("lobby", "a.txt", "one")
		return p.ask(object{"type": "DWN", "thread": "lobby", "filename": "a.txt"})
	}},
	fileStarts: {"starting", func(s *stage) string {
		p := s.as("yoda")
		p.upload("lobby", "a.txt", "one")
		p.ask(object{"type": "DWN", "thread": "lobby", "filename": "a.txt"})
		return p.Recv()
	}},
	fileSent: {"a.txt successfully downloaded", func(s *stage) string {
		p := s.as("yoda")
		p.upload("lobby", "a.txt", "one")
		p.ask(object{"type": "DWN", "thread": "lobby", "filename": "a.txt"})
		p.Recv()
		p.Expect("one")
		return p.Recv()
	}},
	fileSpoilt: {"a.txt was removed while it was sent; what you have is not the file", func(s *stage) string {
		p := s.as("yoda")
		content := strings.Repeat("x", 3*streamPiece)
		p.upload("lobby", "a.txt", content)
		p.ask(object{"type": "DWN", "thread": "lobby", "filename": "a.txt"})
		p.Recv()
		got := p.Recv()
		if err := s.Service.RemoveFile(s.t.Context(), s.As("yoda"), rules.Place{Thread: "lobby"}, "a.txt"); err != nil {
			s.t.Fatal(err)
		}
		for len(got) < len(content) {
			got += p.Recv()
		}
		if len(got) != len(content) || !strings.HasSuffix(got, "\x00") {
			s.t.Errorf("%d bytes were sent of %d, the last of them %q", len(got), len(content), got[len(got)-1])
		}
		return p.Recv()
	}},
}

func TestEverySentenceIsSaid(t *testing.T) {
	for i := range sentences {
		scene, there := scenes[sentence(i)]
		if !there {
			t.Errorf("no scene leads to %q", sentences[i])
			continue
		}
		t.Run(scene.want, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if got := scene.play(newStage(t)); got != scene.want {
					t.Errorf("the reply is %q", got)
				}
			})
		})
	}
}

// TestRefusals uses sentences that the original had for one command for other commands, and has
// errors without a sentence.
func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		name string
		o    object
		want string
	}{
		{"delete, no thread", object{"type": "DLT", "thread": "nope", "message_number": "1"}, "Thread nope not exists"},
		{"edit, no thread", object{"type": "EDT", "thread": "nope", "message_number": "1", "message": "x"}, "Thread nope not exists"},
		{"edit, no message", object{"type": "EDT", "thread": "lobby", "message_number": "9", "message": "x"}, "Invalid message number"},
		{"edit, no number", object{"type": "EDT", "thread": "lobby", "message_number": "one", "message": "x"}, "Invalid message number"},
		{"edit, no text", object{"type": "EDT", "thread": "lobby", "message_number": "1", "message": " "}, "The message is empty; write something."},
		{"number that is one", object{"type": "DLT", "thread": "lobby", "message_number": 1}, "Invalid command"},
		{"remove, no thread", object{"type": "RMV", "thread": "nope"}, "Thread nope not exists"},
		{"read, no thread", object{"type": "RDT", "thread": "nope"}, `["","Thread nope not exists"]`},
		{"upload, no thread", object{"type": "UPD", "thread": "nope"}, "Thread nope not exists"},
		{"upload, not announced", object{"type": "UPD", "filename": "a", "filesize": 1}, "Invalid command"},
		{"download, no file", object{"type": "DWN", "thread": "lobby", "filename": "a"}, "File does not exist in Thread lobby"},
		{"create, no title", object{"type": "CRT", "name": "two words"}, "A title is one word; join its parts with - or _ instead of a space."},
		{"create, bracket", object{"type": "CRT", "name": "{x}"}, `A title cannot contain "{"; use letters, digits and !@#$%.?_-+`},
		{"thread with an escape sequence", object{"type": "MSG", "thread": "\x1b[2J", "message": "x"}, "Thread ‹U+001B›[2J not exists"},
		{"member shuts down", object{"type": "SHT", "AdmPassword": forumtest.Password("yoda")}, "Incorrect password"},
		{"logged in already", object{"type": "login-N", "username": "luke"}, "LDyoda"},
		{"no type", object{"kind": "LST"}, "Invalid command"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t)
				s.As("luke")
				if got := s.as("yoda").ask(test.o); got != test.want {
					t.Errorf("the reply is %q; want %q", got, test.want)
				}
			})
		})
	}
}

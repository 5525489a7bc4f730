package udpforum

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sshforum/forum/forumtest"
	"sshforum/forum/limit"
	"sshforum/forum/rules"
)

// scenes produce each of the sentences, with its text there.
var scenes = map[sentence]struct {
	want string
	play func(*stage) string
}{
	nameKnown: {"username exists", func(s *stage) string {
		s.As("yoda")
		return s.connect().ask("YODA")
	}},
	passwordRight: {"OK", func(s *stage) string {
		s.As("yoda")
		p := s.connect()
		p.ask("yoda")
		return p.ask(forumtest.Password("yoda"))
	}},
	passwordWrong: {"password incorrect", func(s *stage) string {
		s.As("yoda")
		p := s.connect()
		p.ask("yoda")
		return p.ask("guess")
	}},
	threadCreated: {"Thread t1 created", func(s *stage) string { return s.as("yoda").ask("CRT t1") }},
	threadExists:  {"Thread lobby exists", func(s *stage) string { return s.as("yoda").ask("CRT lobby") }},
	noThreads: {"There is no active threads", func(s *stage) string {
		if _, err := s.Service.RemoveThread(s.t.Context(), rules.Operator(), rules.Lobby); err != nil {
			s.t.Fatal(err)
		}
		return s.as("yoda").ask("LST")
	}},
	threadsFollow: {"The list of active threads:", func(s *stage) string { return s.as("yoda").ask("LST") }},
	posted:        {"thread exist", func(s *stage) string { return s.as("yoda").ask("MSG lobby hello there") }},
	noThread:      {"thread not exist", func(s *stage) string { return s.as("yoda").ask("MSG nope hello") }},
	threadEmpty:   {"Thread lobby is empty", func(s *stage) string { return s.as("yoda").ask("RDT lobby") }},
	deleted: {"The message has been deleted", func(s *stage) string {
		p := s.as("yoda")
		p.ask("MSG lobby hello")
		return p.ask("DLT lobby 1")
	}},
	deleteNotYours: {"The message belongs to another user and cannot be deleted", func(s *stage) string {
		s.as("luke").ask("MSG lobby hello")
		return s.as("yoda").ask("DLT lobby 1")
	}},
	deleteNoMessage: {"Message number is not existed and the message cannot be deleted", func(s *stage) string {
		return s.as("yoda").ask("DLT lobby 1")
	}},
	deleteNoThread: {"Message cannot be deleted", func(s *stage) string { return s.as("yoda").ask("DLT nope 1") }},
	edited: {"The message has been edited", func(s *stage) string {
		p := s.as("yoda")
		p.ask("MSG lobby hello")
		return p.ask("EDT lobby 1 bye")
	}},
	editNotYours: {"The message belongs to another user and cannot be edited", func(s *stage) string {
		s.as("luke").ask("MSG lobby hello")
		return s.as("yoda").ask("EDT lobby 1 bye")
	}},
	editNoMessage: {"Message number is not existed and the message cannot be edited", func(s *stage) string {
		return s.as("yoda").ask("EDT lobby 1 bye")
	}},
	editNoThread: {"Message cannot be edited", func(s *stage) string { return s.as("yoda").ask("EDT nope 1 bye") }},
	fileUploaded: {"a.txt uploaded to lobby thread", func(s *stage) string { return s.as("yoda").ask("UPD lobby a.txt") }},
	fileExists: {"a.txt already exist in Thread lobby", func(s *stage) string {
		s.as("luke").ask("UPD lobby a.txt")
		return s.as("yoda").ask("UPD lobby a.txt")
	}},
	uploadNoThread: {"Thread number is not existed and the file cannot be uploaded", func(s *stage) string {
		return s.as("yoda").ask("UPD nope a.txt")
	}},
	fileReady: {"all ready", func(s *stage) string {
		s.as("luke").ask("UPD lobby a.txt")
		return s.as("yoda").ask("DWN lobby a.txt")
	}},
	fileBySSH: {"it's.txt cannot be sent to this program; fetch it by: scp -P 2222 'forum.example:lobby/it'\\''s.txt' .", func(s *stage) string {
		s.upload("it's.txt", "hello")
		return s.as("yoda").ask("DWN lobby it's.txt")
	}},
	noFile: {"a.txt does not exist in Thread lobby", func(s *stage) string { return s.as("yoda").ask("DWN lobby a.txt") }},
	downloadNoThread: {"Thread number is not existed and the file cannot be download", func(s *stage) string {
		return s.as("yoda").ask("DWN nope a.txt")
	}},
	threadRemoved: {"The thread has been removed", func(s *stage) string {
		p := s.as("yoda")
		p.ask("CRT t1")
		return p.ask("RMV t1")
	}},
	threadNotYours: {"The thread was created by another user and cannot be removed", func(s *stage) string {
		return s.as("yoda").ask("RMV lobby")
	}},
	incorrect: {"Incorrect input", func(s *stage) string { return s.as("yoda").ask("hello") }},
}

func TestEverySentenceIsSaid(t *testing.T) {
	for i := range sentences {
		scene, found := scenes[sentence(i)]
		if !found {
			t.Errorf("no scene leads to %q", sentences[i])
			continue
		}
		t.Run(scene.want, func(t *testing.T) {
			play(t, func(s *stage) {
				if got := scene.play(s); got != scene.want {
					s.t.Errorf("the reply is %q; want %q", got, scene.want)
				}
			})
		})
	}
}

// TestRefusals uses sentences that the original had for one command for other commands, and has
// errors without a sentence.
func TestRefusals(t *testing.T) {
	for _, test := range []struct{ name, request, want string }{
		{"nothing", "\n", "Incorrect input"},
		{"word alone", "MSG", "Incorrect input"},
		{"no text", "MSG lobby", "Incorrect input"},
		{"no text but a space", "MSG lobby ", "Incorrect input"},
		{"edit, no number", "EDT lobby", "Incorrect input"},
		{"edit, no text", "EDT lobby 1", "Incorrect input"},
		{"list of something", "LST lobby", "Incorrect input"},
		{"in lower case", "lst", "Incorrect input"},
		{"within another word", "xLST", "Incorrect input"},
		{"delete, a word for a number", "DLT lobby one", "Message number is not existed and the message cannot be deleted"},
		{"delete, number 0", "DLT lobby 0", "Message number is not existed and the message cannot be deleted"},
		{"edit, a word for a number", "EDT lobby one two", "Message number is not existed and the message cannot be edited"},
		{"read, no thread", "RDT nope", "thread not exist"},
		{"remove, no thread", "RMV nope", "The thread was created by another user and cannot be removed"},
		{"create, no title", "CRT two words", "A title is one word; join its parts with - or _ instead of a space."},
		{"upload, no name", "UPD lobby .hidden", "Nobody but you would see a file of the temporary name .hidden; send it under another name."},
		{"text that is not UTF-8", "MSG lobby \xff", "The text is not valid UTF-8; convert it first, for example with iconv."},
		{"file with an escape sequence", "DWN lobby \x1b[2J", "‹U+001B›[2J does not exist in Thread lobby"},
		{"file with a long name", "DWN lobby " + strings.Repeat("x", 1000), strings.Repeat("x", 297) + "… does not exist in Thread lobby"},
		{"spaces around", "  CRT \t t1  ", "Thread t1 created"},
		{"file with a space", "UPD lobby a file.txt", "a file.txt uploaded to lobby thread"},
		{"by hand", "CRT t1\r\n", "Thread t1 created"},
	} {
		t.Run(test.name, func(t *testing.T) {
			play(t, func(s *stage) { s.as("yoda").want(test.want, test.request) })
		})
	}
}

// upload makes a file of the lobby by another door.
func (s *stage) upload(name, content string) {
	s.t.Helper()
	u, err := s.Service.Upload(s.t.Context(), s.As("yoda"), rules.Place{Thread: rules.Lobby}, name, rules.UploadOptions{Replace: true})
	if err == nil {
		_, err = u.WriteAt([]byte(content), 0)
	}
	if err == nil {
		_, err = u.Complete(s.t.Context())
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// TestWhyAMessageIsRefused: the reason comes with the next reply that the client prints, since
// for the message it only prints that there is no such thread.
func TestWhyAMessageIsRefused(t *testing.T) {
	long := strings.Repeat("all work and no play ", 3)
	for name, test := range map[string]struct{ message, why string }{
		"twice":     {"MSG lobby " + long, "MSG lobby all work and no play all work and no play all w…: You posted this just now; change the text and send it again.\n"},
		"too fast":  {"MSG lobby three", "MSG lobby three: You post too fast; try again in 10 s.\n"},
		"empty":     {"MSG lobby \u200b", "MSG lobby ‹U+200B›: The message is empty; write something.\n"},
		"no text":   {"MSG lobby ", "MSG lobby: MSG needs a thread and a text.\n"},
		"too long":  {"MSG lobby " + strings.Repeat("é", 33_000), "MSG lobby " + strings.Repeat("é", 23) + "…: The message has 66,000 bytes; at most 65,536 are allowed. Shorten it, post it in parts, or send it as a file with UPD or scp.\n"},
		"not UTF-8": {"MSG lobby \xff", "MSG lobby ‹0xFF›: The text is not valid UTF-8; convert it first, for example with iconv.\n"},
	} {
		t.Run(name, func(t *testing.T) {
			twice := func(c *rules.Config) {
				c.Rates = rules.Rates{For: map[limit.Activity]limit.Rate{limit.Posting: {Burst: 2, Every: 10 * time.Second}}}
			}
			playWith(t, twice, func(s *stage) {
				p := s.as("yoda")
				p.want("thread exist", "MSG lobby "+long)
				if name == "too fast" {
					p.want("thread exist", "MSG lobby two")
				}
				if got := p.ask(test.message); got == "thread exist" {
					t.Error("it was posted")
				}
				p.want("The list of active threads:", "LST") // which the client compares
				p.want("a.txt does not exist in Thread lobby", "DWN lobby a.txt")
				p.want(test.why+"lobby\n", "active threads")
				p.want("lobby\n", "active threads")
			})
		})
	}
}

// TestReasonAndListFitOneRead has both in one reply, which the client receives whole.
func TestReasonAndListFitOneRead(t *testing.T) {
	play(t, func(s *stage) {
		p := s.as("yoda")
		for i := range 200 {
			if _, err := s.Service.Post(s.t.Context(), s.As("luke"), "lobby", fmt.Sprint("message ", i)); err != nil {
				t.Fatal(err)
			}
		}
		p.ask("MSG lobby \u200b")
		got := lines(p.ask("RDT lobby"))
		if first, last := got[0], got[len(got)-1]; !strings.HasPrefix(first, "MSG lobby ") || !strings.HasSuffix(last, " more: ssh shows all\n") {
			t.Errorf("from %q to %q", first, last)
		}
		p.want("thread exist", "MSG lobby hello")
	})
}

// TestTextsAreKept has a text in which spaces count, and words of the dialect.
func TestTextsAreKept(t *testing.T) {
	play(t, func(s *stage) {
		p := s.as("yoda")
		p.want("thread exist", "MSG lobby a  b   LST c")
		p.want("1 yoda: a  b   LST c\n", "RDT lobby")
	})
}

// TestTitlesAskedForLate has the threads removed between the two steps of a list, and the
// second step without the first.
func TestTitlesAskedForLate(t *testing.T) {
	play(t, func(s *stage) {
		p := s.as("yoda")
		p.want("lobby\n", "active threads")
		p.want("The list of active threads:", "LST")
		if _, err := s.Service.RemoveThread(s.t.Context(), rules.Operator(), rules.Lobby); err != nil {
			t.Fatal(err)
		}
		p.want("There is no active threads", "active threads")
	})
}

// TestPlaceholders shows one to the other doors, and has its owner fill it there.
func TestPlaceholders(t *testing.T) {
	play(t, func(s *stage) {
		p, lobby := s.as("yoda"), rules.Place{Thread: rules.Lobby}
		p.want("a.txt uploaded to lobby thread", "UPD lobby a.txt")
		placeholder := func() bool {
			info, err := s.Service.File(s.t.Context(), s.As("luke"), lobby, "a.txt")
			if err != nil || info.Uploader != "yoda" {
				t.Fatalf("%+v, %v", info, err)
			}
			return info.Placeholder
		}
		if !placeholder() {
			t.Error("it is not marked")
		}
		s.upload("a.txt", "hello")
		if placeholder() {
			t.Error("it is still marked")
		}
		p.want("a.txt cannot be sent to this program; fetch it by: scp -P 2222 'forum.example:lobby/a.txt' .", "DWN lobby a.txt")
		p.want("yoda uploaded a.txt\n", "RDT lobby")
	})
}

// TestLongMessageIsOne posts a message that takes several reads of the original server.
func TestLongMessageIsOne(t *testing.T) {
	for _, size := range []int{maxMessage - 1, maxMessage, maxMessage + 1, 2 * maxMessage, 5000, 60_000} {
		play(t, func(s *stage) {
			p := s.as("yoda")
			text := strings.Repeat("x", size-len("MSG lobby "))
			p.want("thread exist", "MSG lobby "+text)
			if got := p.RecvWithin(time.Second); got != "" {
				t.Errorf("%d bytes: then %q came", size, got)
			}
			if got := s.texts("lobby"); len(got) != 1 || got[0] != text {
				t.Errorf("%d bytes: %d messages were posted", size, len(got))
			}
		})
	}
}

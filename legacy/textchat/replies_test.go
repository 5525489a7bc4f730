package textchat

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// last returns the last of the messages that arrive soon.
func (o *original) last() string {
	o.t.Helper()
	time.Sleep(time.Second)
	all := o.received()
	if len(all) == 0 {
		o.t.Fatal("nothing came")
	}
	return all[len(all)-1]
}

func (o *original) ask(text string) string {
	o.t.Helper()
	o.Send(text)
	return o.last()
}

// scenes produce each of the sentences, with its text there.
var scenes = map[sentence]struct {
	want string
	play func(*stage) string
}{
	askName: {"Please enter a name: ", func(s *stage) string { return newOriginal(s.t, s.door.Dial()).last() }},
	serverFull: {"Server is full, try again later.", func(s *stage) string {
		for i := range 3 {
			s.as(fmt.Sprint("Guest", i))
		}
		return newOriginal(s.t, s.door.Dial()).last()
	}},
	nameSet:      {"Your name is set as: Brandon", func(s *stage) string { return s.connect().ask("Brandon") }},
	acknowledged: {"hello ACK", func(s *stage) string { return s.as("Brandon").ask("hello") }},
	said: {"yoda: hello", func(s *stage) string {
		o := s.as("Brandon")
		s.post("yoda", "hello")
		return o.last()
	}},
	clientLine: {"Client: 1, Name: Brandon (guest), Socket: <192.0.2.7>, Opened at: 2000-01-01 00:00, Closed at: None\n",
		func(s *stage) string { return s.as("Brandon").ask("sTaTuS") }},
	noFile: {"File '../a' not found", func(s *stage) string { return s.as("Brandon").ask("get ../a") }},
	notText: {"it's.bin is not text; with an account, fetch it by: scp -P 2222 'forum.example:lobby/it'\\''s.bin' .", func(s *stage) string {
		s.upload("it's.bin", "\x00\x01\xff")
		return s.as("Brandon").ask("get it's.bin")
	}},
	tooLarge: {"a.txt is too large for this chat; with an account, fetch it by: scp -P 2222 'forum.example:lobby/a.txt' .", func(s *stage) string {
		s.upload("a.txt", strings.Repeat("x", maxFile+1))
		return s.as("Brandon").ask("get a.txt")
	}},
}

func TestEverySentenceIsSaid(t *testing.T) {
	for i := range sentences {
		scene, there := scenes[sentence(i)]
		if !there {
			t.Errorf("no scene leads to %q", sentences[i])
			continue
		}
		t.Run(fmt.Sprintf("%.20s", sentences[i]), func(t *testing.T) {
			play(t, func(s *stage) {
				if got := scene.play(s); got != scene.want {
					t.Errorf("the reply is %q; want %q", got, scene.want)
				}
			})
		})
	}
}

// TestNames has a name asked for again that no guest can have.
func TestNames(t *testing.T) {
	play(t, func(s *stage) {
		s.As("yoda")
		o := s.connect()
		for name, reason := range map[string]string{
			"YODA":        "The name YODA is taken; choose another.",
			"operator":    "The name operator is reserved; choose another.",
			"two words":   "A name cannot contain a space; use letters, digits and . _ -",
			"\x1b[2J":     "A name cannot contain U+001B; use letters, digits and . _ -",
			"\xffx":       "The name is not valid UTF-8; set your terminal to UTF-8 and write it again.",
			"\n":          "The name is empty; write at least one letter or digit.",
			"x (guest)":   "A name cannot contain a space; use letters, digits and . _ -",
			"exit(guest)": `A name cannot contain "("; use letters, digits and . _ -`,
		} {
			if got := o.ask(name); got != reason+"\nPlease enter a name: " {
				t.Errorf("the reply to the name %q is %q", name, got)
			}
		}
		if got := o.ask(" Brandon\n"); got != "Your name is set as: Brandon" {
			t.Errorf("the reply is %q", got)
		}
	})
}

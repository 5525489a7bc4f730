package textchat

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum/rules"
	"sshforum/legacy/legacytest"
)

// TestGuestsAtOtherDoors: other doors show the messages of guests, with their names.
func TestGuestsAtOtherDoors(t *testing.T) {
	play(t, func(s *stage) {
		brandon, daniel := s.as("Brandon"), s.as("Daniel")
		brandon.Send("hello there")
		brandon.want("hello there ACK")
		daniel.want("Brandon (guest): hello there")
		reading, err := s.Service.Read(ctx, s.As("yoda"), rules.Lobby, rules.Range{})
		if err != nil {
			t.Fatal(err)
		}
		for e, err := range reading.Entries {
			if err != nil || e.Author != "Brandon (guest)" || e.Message.Text != "hello there" || e.Number != 1 {
				t.Errorf("entry %+v, %v", e, err)
			}
		}
	})
}

// TestSeats: only clients that have given a name take seats. Clients left at their prompts keep
// nobody out, and are told if it is too late for a name.
func TestSeats(t *testing.T) {
	play(t, func(s *stage) {
		var waiting []*original
		for range 50 {
			waiting = append(waiting, s.connect())
		}
		brandon, ann, daniel := s.as("Brandon"), s.as("Ann"), s.as("Daniel")
		const full = "Server is full, try again later."
		refused := func() { newOriginal(t, s.door.Dial()).wantEnd(full) }
		refused()
		waiting[0].Send("Wanda")
		waiting[0].wantEnd(full)
		ann.Send("exit")
		ann.wantEnd()
		waiting[1].Send("Wanda")
		waiting[1].want("Your name is set as: Wanda")
		brandon.Send("hello")
		daniel.want("Brandon (guest): hello")
		refused()
	})
}

// TestSeatsAreFreeAgain after clients that close as soon as they have given a name.
func TestSeatsAreFreeAgain(t *testing.T) {
	play(t, func(s *stage) {
		for range 10 {
			hasty := s.connect()
			hasty.Send("Hasty")
			_ = hasty.Close()
			synctest.Wait()
		}
		s.as("Brandon")
	})
}

// TestSameName has two guests of one name each hear the other, and not themselves.
func TestSameName(t *testing.T) {
	play(t, func(s *stage) {
		one, two := s.as("Brandon"), s.as("Brandon")
		for i := range 50 {
			text := fmt.Sprint(i)
			one.Send(text)
			one.want(text + " ACK")
			two.want("Brandon (guest): " + text)
			one, two = two, one
		}
	})
}

// TestRegisteredNameEndsTheGuest has an account made with the name of a guest.
func TestRegisteredNameEndsTheGuest(t *testing.T) {
	play(t, func(s *stage) {
		o := s.as("Brandon")
		s.As("brandon")
		if got := o.ask("it is me"); got != "The name Brandon is taken; choose another." {
			t.Errorf("the reply is %q", got)
		}
	})
}

func TestGuestsSwitchedOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 0, func(c *rules.Config) { c.GuestThread = "" })
		o := s.connect()
		o.Send("Brandon")
		o.wantEnd("Guests are not let in here; log in with ssh.")
	})
}

// TestOtherThreadsAreNotTheRoom: events of other threads, and events that are not messages, are
// not shown.
func TestOtherThreadsAreNotTheRoom(t *testing.T) {
	play(t, func(s *stage) {
		o := s.as("Brandon")
		if _, err := s.Service.CreateThread(ctx, s.As("yoda"), "t1"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Service.Post(ctx, s.As("yoda"), "t1", "elsewhere"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Service.Say(ctx, s.As("yoda"), "to all with an account"); err != nil {
			t.Fatal(err)
		}
		s.upload("a.txt", "text")
		o.want()
	})
}

// TestRoomMadeAnew has the thread removed, and another made under its title.
func TestRoomMadeAnew(t *testing.T) {
	play(t, func(s *stage) {
		o := s.as("Brandon")
		if _, err := s.Service.RemoveThread(ctx, rules.Operator(), rules.Lobby); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"hello", "list"} {
			if got := o.ask(text); got != "Thread lobby does not exist" {
				t.Errorf("the reply to %s is %q", text, got)
			}
		}
		if got := o.ask("get x"); got != "File 'x' not found" {
			t.Errorf("the reply to get is %q", got)
		}
		if _, err := s.Service.CreateThread(ctx, s.As("yoda"), rules.Lobby); err != nil {
			t.Fatal(err)
		}
		s.post("yoda", "here again")
		o.want("yoda: here again")
		if got := o.ask("hello"); got != "hello ACK" {
			t.Errorf("the reply is %q", got)
		}
	})
}

// TestFiles has the files that are sent, and those that are not.
func TestFiles(t *testing.T) {
	play(t, func(s *stage) {
		o := s.as("Brandon")
		o.Send("list")
		o.want("list ACK")
		for name, content := range map[string]string{"empty": "", "sjis.txt": "\x93\xfa\x96\x7b", "escape.txt": "\x1b[2J", "crlf.txt": "a\r\n\tb\r\n"} {
			s.upload(name, content)
		}
		for name, want := range map[string]string{
			"empty":      "get empty ACK",
			"crlf.txt":   "a\r\n\tb\r\n",
			"sjis.txt":   "sjis.txt is not text; with an account, fetch it by: scp -P 2222 'forum.example:lobby/sjis.txt' .",
			"escape.txt": "escape.txt is not text; with an account, fetch it by: scp -P 2222 'forum.example:lobby/escape.txt' .",
			"":           "File '' not found",
			"lobby/":     "File 'lobby/' not found",
		} {
			if got := o.ask("get " + name); got != want {
				t.Errorf("the reply to get %s is %q; want %q", name, got, want)
			}
		}
		if got := o.ask("get"); got != "File '' not found" {
			t.Errorf("the reply to get is %q", got)
		}
		if got := o.ask("GET empty"); got != "GET empty ACK" {
			t.Errorf("the reply to a message is %q", got)
		}
	})
}

// TestLongMessages: texts are cut between characters, by the original's sizes: received bytes
// into messages, and messages of others into pieces.
func TestLongMessages(t *testing.T) {
	play(t, func(s *stage) {
		brandon, daniel := s.as("Brandon"), s.as("Daniel")
		brandon.Send(strings.Repeat("日", 600)) // a character lies across byte 1,024
		first, second := strings.Repeat("日", 341), strings.Repeat("日", 259)
		all := pieces(first + " ACK")
		brandon.want(append(all, second+" ACK")...)
		daniel.want(append(pieces("Brandon (guest): "+first), "Brandon (guest): "+second)...)
		s.post("yoda", strings.Repeat("é", 2000)+"\nDaniel (guest): I never said so")
		time.Sleep(time.Second)
		if got := strings.Join(daniel.received(), ""); got != "yoda: "+strings.Repeat("é", 2000)+" Daniel (guest): I never said so" {
			t.Errorf("received %q", got)
		}
	})
}

// TestHostileTexts are one line each.
func TestHostileTexts(t *testing.T) {
	for _, text := range legacytest.HostileTexts() {
		play(t, func(s *stage) {
			o := s.as("Brandon")
			s.post("mara", text)
			time.Sleep(5 * time.Second)
			got := strings.Join(o.received(), "")
			legacytest.Tame(t, got)
			if !strings.HasPrefix(got, "mara: ") {
				t.Errorf("it shows %.200q", got)
			}
		})
	}
}

func TestUnfinished(t *testing.T) {
	for text, want := range map[string]int{"": 0, "a": 0, "é": 0, "\xc3": 1, "aé\xe6": 1, "\xe6\x97": 2, "日": 0, "\xf0\x9f\x98": 3, "😀": 0, "\xff": 0, "\x80\x80\x80\x80": 0} {
		if got := unfinished([]byte(text)); got != want {
			t.Errorf("%q ends with %d bytes of a character; want %d", text, got, want)
		}
	}
}

// TestFastTyping has lines that were sent at once come as one or several, and lose nothing.
func TestFastTyping(t *testing.T) {
	play(t, func(s *stage) {
		brandon, daniel := s.as("Brandon"), s.as("Daniel")
		for _, text := range []string{"fast1", "fast2", "fast3"} {
			brandon.Send(text)
		}
		time.Sleep(time.Second)
		for o, around := range map[*original][2]string{brandon: {"", " ACK"}, daniel: {"Brandon (guest): ", ""}} {
			heard := ""
			for _, m := range o.received() {
				heard += strings.TrimSuffix(strings.TrimPrefix(m, around[0]), around[1])
			}
			if heard != "fast1fast2fast3" {
				t.Errorf("heard %q", heard)
			}
		}
	})
}

// TestClientsAreNumbered: no number is reused, and clients that have left are remembered for a
// while.
func TestClientsAreNumbered(t *testing.T) {
	play(t, func(s *stage) {
		stays := s.as("Stays")
		for i := range maxClosed + 5 {
			_ = s.as(fmt.Sprintf("Guest%d", i)).Close()
			synctest.Wait()
		}
		lines := strings.Split(strings.TrimSuffix(strings.Join(append(stays.received(), stays.askAll("status")...), ""), "\n"), "\n")
		if len(lines) != 1+maxClosed || !strings.HasPrefix(lines[0], "status ACKClient: 1, Name: Stays") ||
			!strings.HasPrefix(lines[1], "Client: 7,") || !strings.HasPrefix(lines[maxClosed], "Client: 106,") {
			t.Errorf("%d lines, from %q and %q to %q", len(lines), lines[0], lines[1], lines[len(lines)-1])
		}
	})
}

// askAll returns all messages that come after one.
func (o *original) askAll(text string) []string {
	o.Send(text)
	time.Sleep(time.Second)
	return o.received()
}

// TestPlaceIsFreed has a place for the next as soon as one has left, or was cut off.
func TestPlaceIsFreed(t *testing.T) {
	play(t, func(s *stage) {
		for i := range 20 {
			three := []*original{s.as("A"), s.as("B"), s.as("C")}
			if i%2 == 0 {
				three[0].Send("EXIT")
				three[0].wantEnd()
			}
			for _, o := range three {
				_ = o.Close()
			}
			synctest.Wait()
		}
	})
}

// TestTold has everybody told why a connection ends.
func TestTold(t *testing.T) {
	play(t, func(s *stage) {
		named, nameless := s.as("Brandon"), s.connect()
		time.Sleep(time.Minute)
		nameless.wantEnd("You took too long to log in")
		s.door.Stop()
		named.wantEnd("Server shutting down")
	})
}

// TestLogTellsNoTexts: the log has names and counts, but no texts.
func TestLogTellsNoTexts(t *testing.T) {
	play(t, func(s *stage) {
		o := s.as("Brandon")
		o.ask("a secret")
		o.Send("exit")
		o.wantEnd()
		log := s.door.Log.String()
		if strings.Contains(log, "secret") || !strings.Contains(log, `msg="guest left"`) || !strings.Contains(log, "messages=1") {
			t.Error("the log has other things")
		}
	})
}

// TestOldThread: if guests may not post to the room, they get the forum's sentence.
func TestOldThread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 0, func(c *rules.Config) { c.GuestThread = "elsewhere" })
		if got := s.as("Brandon").ask("hello"); !strings.HasPrefix(got, "Guests can only read") {
			t.Errorf("the reply is %q", got)
		}
	})
}

package jsonforum

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
	"sshforum/forum/rules"
	"sshforum/legacy"
	"sshforum/legacy/legacytest"
)

// content returns the forum's file with a name, or the error's sentence.
func (s *stage) content(name string) string {
	_, r, err := s.Service.OpenFile(s.t.Context(), s.As("reader"), rules.Place{Thread: "lobby"}, name)
	if err != nil {
		return legacy.Explain(err)
	}
	defer r.Close()
	content, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(content)
}

func TestUploadIsTheSessionsUsers(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.as("yoda").upload("lobby", "a.txt", "one")
		info, err := s.Service.File(t.Context(), s.As("reader"), rules.Place{Thread: "lobby"}, "a.txt")
		if err != nil || info.Uploader != "yoda" {
			t.Errorf("%s uploaded it; %v", info.Uploader, err)
		}
	})
}

// TestFirstAnswerMissed has a client give up silently after the first step: any command
// may follow, and then another upload.
func TestFirstAnswerMissed(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		p := s.as("yoda")
		p.want("{OK", object{"type": "UPD", "thread": "lobby"})
		p.want("Message posted to lobby thread", object{"type": "MSG", "thread": "lobby", "message": "hello"})
		if got := p.upload("lobby", "a.txt", "one"); got != "a.txt uploaded to lobby thread" {
			t.Error(got)
		}
	})
}

// TestAllAtOnce sends an upload and the commands around it in one write, and then byte by byte:
// each reply must come separately, and none be lost.
func TestAllAtOnce(t *testing.T) {
	const sent = `{"type": "UPD", "thread": "lobby"}` +
		` {"type": "UPD", "username": "x", "filename": "a.txt", "filesize": 21}` + `{"type": "XIT"} [not]` + `{"type": "MSG", "thread": "lobby", "message": "bye"}{"type": "XIT"}`
	replies := []string{"{OK", "{OK", "a.txt uploaded to lobby thread", "Message posted to lobby thread", "Goodbye", ""}
	for _, size := range []int{len(sent), 12, 100} { // 16 pieces at most may wait, see package legacy
		play(t, func(t *testing.T, s *stage) {
			p := s.as("yoda")
			go func() {
				for piece := range slices.Chunk([]byte(sent), size) {
					_, _ = p.Write(piece)
					time.Sleep(time.Millisecond)
				}
			}()
			for _, want := range replies {
				p.Expect(want)
			}
			if got := s.content("a.txt"); got != `{"type": "XIT"} [not]` {
				t.Errorf("the file has %q", got)
			}
		})
	}
}

func TestCutUploadLeavesNothing(t *testing.T) {
	begin := object{"type": "UPD", "username": "yoda", "filename": "a.txt", "filesize": 1000}
	for name, end := range map[string]func(*stage, person){
		"client gone": func(_ *stage, p person) { _ = p.Close() },
		"server stopped": func(s *stage, p person) {
			s.door.Stop()
			time.Sleep(legacytest.Grace)
			p.Expect("Goodbye. Server shutting down\n>")
		},
		"stalled": func(_ *stage, p person) {
			time.Sleep(stalled)
			p.Expect("Invalid command")
			p.Expect("Goodbye")
		},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, func(t *testing.T, s *stage) {
				p := s.as("yoda")
				p.want("{OK", object{"type": "UPD", "thread": "lobby"})
				p.want("{OK", begin)
				p.Send(strings.Repeat("x", 999))
				synctest.Wait()
				end(s, p)
				synctest.Wait()
				if got := s.content("a.txt"); got != "File a.txt does not exist in Thread lobby" {
					t.Errorf("others have %.20q", got)
				}
				if _, err := s.Service.File(t.Context(), s.As("yoda"), rules.Place{Thread: "lobby"}, "a.txt"); forum.KindOf(err) != forum.NotFound {
					t.Errorf("of the upload there is something left: %v", err)
				}
			})
		})
	}
}

// TestStopInMidUpload stops the server while a file comes in: it has the grace to come to
// its end, and the client hears that it did.
func TestStopInMidUpload(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		p := s.as("yoda")
		p.want("{OK", object{"type": "UPD", "thread": "lobby"})
		p.want("{OK", object{"type": "UPD", "username": "yoda", "filename": "a.txt", "filesize": 1000})
		p.Send(strings.Repeat("x", 500))
		synctest.Wait()
		s.door.Stop()
		time.Sleep(legacytest.Grace - time.Second)
		p.Send(strings.Repeat("x", 500))
		p.Expect("a.txt uploaded to lobby thread")
		p.Expect("Goodbye. Server shutting down\n>")
		if got := s.content("a.txt"); got != strings.Repeat("x", 1000) {
			t.Errorf("the file has %.20q", got)
		}
	})
}

// TestQuota has a file that is too large refused before it is sent, and one that the disk
// refuses in between taken to its end all the same: the client sends all of it.
func TestQuota(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		p := s.as("yoda")
		p.want("{OK", object{"type": "UPD", "thread": "lobby"})
		if got := p.ask(object{"type": "UPD", "filename": "a.txt", "filesize": 64<<20 + 1}); !strings.Contains(got, "64 MiB") {
			t.Errorf("the reply is %q", got)
		}
		p.want("Invalid command", object{"type": "UPD", "filename": "a.txt", "filesize": -1})
		s.full = true
		if got := p.upload("lobby", "a.txt", strings.Repeat("x", 200_000)); got != "The disk is full." {
			t.Errorf("the reply is %q", got)
		}
		s.full = false
		if got := p.upload("lobby", "a.txt", "one"); got != "a.txt uploaded to lobby thread" {
			t.Errorf("the reply is %q", got)
		}
	})
}

// TestStopInMidDownload stops the server while a file is sent: it is sent to its end.
func TestStopInMidDownload(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		o := newOriginal(t, s.door.Dial())
		o.login("yoda", "wise1")
		o.files["a.bin"] = noise(1_000_000)
		o.command("UPD lobby a.bin")
		time.Sleep(time.Second)
		time.AfterFunc(310*time.Millisecond, s.door.Stop)
		o.Printed()
		began := time.Now()
		o.command("DWN lobby a.bin")
		if took := time.Since(began); took > time.Second {
			t.Errorf("the server took %v to stop", took)
		}
		time.Sleep(time.Second)
		o.Healthy(t)
		if !bytes.Equal(o.files["a.bin"], noise(1_000_000)) {
			t.Error("something else came")
		}
		got := strings.Join(o.Printed(), "|")
		if want := "starting|a.bin successfully downloaded|Goodbye. Server shutting down|>"; got != want {
			t.Errorf("printed %q; want %q", got, want)
		}
	})
}

// TestSlowClients: the message after a file waits for a client that reads each kilobyte slowly.
func TestSlowClients(t *testing.T) {
	for size, disk := range map[int]time.Duration{5000: 20 * time.Millisecond, 1_000_000: time.Second / 1500} {
		play(t, func(t *testing.T, s *stage) {
			s.as("luke").upload("lobby", "a.bin", string(noise(size)))
			o := newOriginal(t, s.door.Dial())
			o.disk = disk
			o.login("yoda", "wise1")
			o.command("DWN lobby a.bin")
			time.Sleep(time.Second)
			o.Healthy(t)
			if !bytes.Equal(o.files["a.bin"], noise(size)) {
				t.Error("something else came")
			}
		})
	}
}

// TestStopDuringARequest stops the server while a message is stored: its author gets the result
// before the goodbye.
func TestStopDuringARequest(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		p := s.as("yoda")
		s.slow = map[string]time.Duration{"message.post": time.Second}
		time.AfterFunc(time.Second/2, s.door.Stop)
		p.want("Message posted to lobby thread", object{"type": "MSG", "thread": "lobby", "message": "hello"})
		p.Expect("Goodbye. Server shutting down\n>")
	})
}

// TestLongestMessage is as long as the forum takes, written as the client does, in ASCII.
func TestLongestMessage(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		p := s.as("yoda")
		p.Send(legacy.ASCII(object{"type": "MSG", "thread": "lobby", "message": strings.Repeat("é", s.Service.MessageBytes()/2)}))
		p.Expect("Message posted to lobby thread")
		p.Send(legacy.ASCII(object{"type": "MSG", "thread": "lobby", "message": strings.Repeat("é", s.Service.MessageBytes()/2+1)}))
		p.Expect("The message has 65,538 bytes; at most 65,536 are allowed. Shorten it, post it in parts, or send it as a file with UPD or scp.")
	})
}

package jsonchat

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
	"sshforum/legacy"
	"sshforum/legacy/legacytest"
)

func received(action, from, text string) string {
	return fmt.Sprintf(`{"action":%q,"from":%q,"message":%q}`, action, from, text)
}

// TestDroppedConnectionFreesTheName has a client die without a word, as on a command that
// lacks a word, and another come before any time has passed.
func TestDroppedConnectionFreesTheName(t *testing.T) {
	play(t, func(s *stage) {
		luke := s.as("luke")
		for range 20 {
			_ = s.as("yoda").Close()
			synctest.Wait()
		}
		drain(luke)
		luke.want(`{"action":"startprivate","reply":"USER_OFFLINE"}`, object{"action": "startprivate", "user": "yoda"})
	})
}

// TestRefusedLoginLeavesTheOther has a second client log in under a name that is here, give up,
// and come again when the name is free.
func TestRefusedLoginLeavesTheOther(t *testing.T) {
	play(t, func(s *stage) {
		first, second := s.as("yoda"), s.connect()
		second.want(`{"action":"login","status":"ALREADY_LOGGED_IN"}`, second.login("Yoda", forumtest.Password("yoda")))
		second.want(`{"action":"login","status":"INVALID_PASSWORD"}`, second.login("yoda", "guess"))
		s.tell("luke", "yoda", "still you?")
		first.Expect(received("receive_message", "luke", "still you?"))
		first.want(`{"action":"logout","reply":"logged out"}`, object{"action": "logout"})
		synctest.Wait()
		second.want(`{"action":"login","status":"SUCCESS"}`, second.login("yoda", forumtest.Password("yoda")))
	})
}

// TestOtherDoorsDoNotCount: a login at another door is not a second login here, and makes no
// news.
func TestOtherDoorsDoNotCount(t *testing.T) {
	play(t, func(s *stage) {
		luke := s.as("luke")
		leave := s.arrive("yoda")
		luke.hears(received("login_broadcast", "yoda", ""))
		yoda := s.as("yoda")
		luke.want(`{"action":"whoelse","reply":["yoda"]}`, object{"action": "whoelse"})
		leave()
		luke.hears()
		_ = yoda.Close()
		luke.hears(received("logout_broadcast", "yoda", ""))
	})
}

// TestDroppedFile is told as a notice: the dialect has no files.
func TestDroppedFile(t *testing.T) {
	play(t, func(s *stage) {
		p := s.as("yoda")
		s.does(func() error {
			u, err := s.Service.Upload(s.t.Context(), s.As("luke"), rules.Place{Person: "yoda"}, "map", rules.UploadOptions{})
			if err == nil {
				_, err = u.Complete(s.t.Context())
			}
			return err
		})
		p.Expect(`{"action":"notice","message":"luke sent you map; sftp has it in .inbox."}`)
	})
}

// TestWhoCounts: WHO counts the commands of a client, and shows its door.
func TestWhoCounts(t *testing.T) {
	play(t, func(s *stage) {
		p := s.as("yoda")
		p.want(`{"action":"broadcast","n_sent":0,"n_blocked":0}`, object{"action": "broadcast", "message": "hi"})
		s.As("luke")
		p.want(`{"action":"message","status":"SUCCESS"}`, object{"action": "message", "message": "hi", "user": "luke"})
		p.want(`{"action":"message","status":"USER_NOT_EXIST"}`, object{"action": "message", "message": "hi", "user": "nobody"})
		here, err := s.Service.Who(s.t.Context(), s.As("luke"))
		if err != nil || len(here) != 1 || here[0].Name != "yoda" || here[0].Door != "jsonchat" || here[0].Sent != 2 {
			t.Errorf("here are %+v, %v", here, err)
		}
	})
}

// TestKeptMessages: stored messages come once, oldest first, also if the client is cut off
// between them.
func TestKeptMessages(t *testing.T) {
	play(t, func(s *stage) {
		for i := range 3 {
			s.tell("luke", "yoda", fmt.Sprint("luke ", i))
			s.tell("hans", "yoda", fmt.Sprint("hans ", i))
		}
		cut := s.as("yoda")
		cut.Expect(received("receive_message", "luke", "luke 0"))
		_ = cut.Close()
		time.Sleep(time.Second)
		yoda := s.as("yoda")
		yoda.hears(
			received("receive_message", "hans", "hans 0"),
			received("receive_message", "luke", "luke 1"), received("receive_message", "hans", "hans 1"),
			received("receive_message", "luke", "luke 2"), received("receive_message", "hans", "hans 2"),
		)
		_ = yoda.Close()
		time.Sleep(time.Second)
		s.as("yoda").hears()
	})
}

// TestTooManyKeptMessages come at the next logins.
func TestTooManyKeptMessages(t *testing.T) {
	play(t, func(s *stage) {
		for i := range maxKept + 7 {
			s.tell("luke", "yoda", fmt.Sprint(i))
		}
		yoda := s.as("yoda")
		for i := range maxKept {
			yoda.Expect(received("receive_message", "luke", fmt.Sprint(i)))
		}
		yoda.hears(`{"action":"notice","message":"7 more messages are kept for you; log in again, or with ssh: INBOX."}`)
		s.tell("luke", "yoda", "now")
		yoda.hears(received("receive_message", "luke", "now"))
		_ = yoda.Close()
		time.Sleep(time.Second)
		inbox, err := s.Service.Inbox(s.t.Context(), s.As("yoda"))
		if err != nil || len(inbox) != 1 || inbox[0].Unread != maxKept+8 {
			t.Errorf("unread by ssh are %+v, %v", inbox, err)
		}
	})
}

// TestBlockedPersonLearnsNothing except that their messages cannot be delivered, whether the
// person who blocks them is here or not.
func TestBlockedPersonLearnsNothing(t *testing.T) {
	play(t, func(s *stage) {
		vader := s.as("vader")
		s.block("luke", "vader")
		for _, luke := range []person{s.as("luke"), {}} {
			if luke.name == "" {
				time.Sleep(2 * time.Second)
			}
			vader.want(`{"action":"message","status":"USER_BLOCKED"}`, object{"action": "message", "message": "hi", "user": "luke"})
			vader.want(`{"action":"startprivate","reply":"USER_BLOCKED"}`, object{"action": "startprivate", "user": "luke"})
			vader.want(`{"action":"whoelse","reply":[]}`, object{"action": "whoelse"})
			vader.want(`{"action":"whoelsesince","reply":[]}`, object{"action": "whoelsesince", "since": "3600"})
			if luke.name != "" {
				luke.want(`{"action":"broadcast","n_sent":0,"n_blocked":1}`, object{"action": "broadcast", "message": "to nobody"})
				vader.want(`{"action":"broadcast","n_sent":0,"n_blocked":1}`, object{"action": "broadcast", "message": "to nobody"})
				luke.hears()
				_ = luke.Close()
			}
			vader.hears()
		}
	})
}

// TestUnblockedPersonIsHeard from then on.
func TestUnblockedPersonIsHeard(t *testing.T) {
	play(t, func(s *stage) {
		vader, luke := s.as("vader"), s.as("luke")
		drain(vader)
		luke.want(`{"action":"block","status":"SUCCESS"}`, object{"action": "block", "user": "vader"})
		luke.want(`{"action":"unblock","status":"SUCCESS"}`, object{"action": "unblock", "user": "vader"})
		vader.want(`{"action":"message","status":"SUCCESS"}`, object{"action": "message", "message": "hi", "user": "luke"})
		luke.hears(received("receive_message", "vader", "hi"))
	})
}

// TestClientWithoutAPort cannot be introduced.
func TestClientWithoutAPort(t *testing.T) {
	play(t, func(s *stage) {
		yoda := s.as("yoda")
		for _, port := range []int{0, -1, 65536, 1 << 40} {
			s.As("luke")
			luke := s.connect()
			luke.port = port
			luke.want(`{"action":"login","status":"SUCCESS"}`, luke.login("luke", forumtest.Password("luke")))
			drain(yoda)
			yoda.want(`{"action":"startprivate","reply":"USER_OFFLINE"}`, object{"action": "startprivate", "user": "luke"})
			_ = luke.Close()
			drain(yoda)
		}
	})
}

// TestTimeout: the time counts from the last command, whatever else arrives or is told.
func TestTimeout(t *testing.T) {
	play(t, func(s *stage) {
		yoda, hans, slow := s.as("yoda"), s.as("hans"), s.as("slow")
		began := time.Now()
		time.Sleep(50 * time.Second)
		drain(yoda)
		drain(slow)
		yoda.want(`{"action":"dance","reply":"Unknown action"}`, object{"action": "dance"})
		asked := time.Now()
		go func() {
			for range 15 {
				_, _ = slow.Write([]byte(" "))
				time.Sleep(time.Second)
			}
		}()
		s.tell("luke", "hans", "you are idle")
		drain(hans)
		for _, idle := range []struct {
			person
			since time.Time
		}{{hans, began}, {slow, began}, {yoda, asked}} {
			var last string
			for text := idle.Recv(); text != ""; text = idle.Recv() {
				last = text
			}
			if after := time.Since(idle.since); last != `{"action":"timeout"}` || after < time.Minute || after > time.Minute+3*time.Second {
				t.Errorf("%s heard %q at last, after %v", idle.name, last, after)
			}
		}
	})
}

func TestLoginGrace(t *testing.T) {
	play(t, func(s *stage) {
		p := s.connect()
		p.Expect(`{"action":"login","status":"You took too long to log in"}`)
		p.Expect("")
	})
}

func TestClosedAccount(t *testing.T) {
	play(t, func(s *stage) {
		p := s.as("yoda")
		s.does(func() error { _, err := s.Service.CloseAccount(s.t.Context(), rules.Operator(), "yoda"); return err })
		p.Expect(`{"action":"notice","message":"Your account has been closed."}`)
		p.Expect(`{"action":"timeout"}`)
		p.Expect("")
		p = s.connect()
		p.want(`{"action":"login","status":"INVALID_PASSWORD"}`, p.login("yoda", forumtest.Password("yoda")))
	})
}

func TestStop(t *testing.T) {
	play(t, func(s *stage) {
		yoda, guest := s.as("yoda"), s.connect()
		time.Sleep(time.Second)
		s.door.Stop()
		yoda.Expect(`{"action":"notice","message":"Server shutting down"}`)
		yoda.Expect(`{"action":"timeout"}`)
		yoda.Expect("")
		guest.Expect(`{"action":"login","status":"Server shutting down"}`)
		guest.Expect("")
	})
}

func TestFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, func(c *legacy.Config) { c.MaxClients = 1 })
		s.as("yoda")
		p := s.connect()
		p.Expect(`{"action":"login","status":"The server is full; try again later."}`)
		p.Expect("")
	})
}

// TestEveryMessageFits whatever people are called and write.
func TestEveryMessageFits(t *testing.T) {
	names := func(n, size int, letter string) (names []string) {
		for i := range n {
			names = append(names, fmt.Sprintf("%d%s", i, strings.Repeat(letter, size)))
		}
		return names
	}
	for name, message := range map[string]any{
		"text":           newDelivery("receive_message", "yoda", said(5000)),
		"pictographs":    newDelivery("receive_message", strings.Repeat("𝔘", 32), strings.Repeat("👾", 5000)),
		"quotes":         newDelivery("receive_broadcast", `"`, strings.Repeat("\"\n", 5000)),
		"controls":       newDelivery("receive_broadcast", "\x00", strings.Repeat("\x1b", 5000)),
		"notice":         newNotice(said(5000)),
		"action":         newUnknown(strings.Repeat("ß", 5000)),
		"many":           newNames("whoelsesince", names(50, 20, "x")),
		"very many":      newNames("whoelse", names(100_000, 0, "")),
		"many, long":     newNames("whoelse", names(100, 31, "𝔘")),
		"just too many":  newNames("whoelse", names(44, 18, "x")),
		"just too long":  newDelivery("receive_message", "yoda", said(970)),
		"just not":       newDelivery("receive_message", "yoda", said(969)),
		"just not, list": newNames("whoelse", names(43, 18, "x")),
	} {
		t.Run(name, func(t *testing.T) {
			text := legacy.ASCII(message)
			if !json.Valid([]byte(text)) || len(text) > maxMessage || len(text) < maxMessage-400 {
				t.Errorf("%d bytes: %s", len(text), text)
			}
			if cut := strings.Contains(text, "ssh shows all"); cut == strings.HasPrefix(name, "just not") {
				t.Errorf("%s", text)
			}
		})
	}
}

// TestListsSayHowManyMore: lists say how many names they leave out, and show all if they fit.
func TestListsSayHowManyMore(t *testing.T) {
	var names []string
	for i := range 300 {
		names = append(names, fmt.Sprintf("user-%03d", i))
		list := newNames("whoelse", names)
		shown := len(list.Reply)
		if last := list.Reply[shown-1]; last != names[i] {
			shown--
			if want := fmt.Sprintf("... %d more: ssh shows all", i+1-shown); last != want {
				t.Fatalf("of %d names %d are listed, and %q", i+1, shown, last)
			}
			if one := len(`,"user-000"`); len(legacy.ASCII(list))+one+1 <= maxMessage {
				t.Fatalf("of %d names there is room for one more than %d", i+1, shown)
			}
		}
		if len(legacy.ASCII(list)) > maxMessage {
			t.Fatalf("a list of %d bytes", len(legacy.ASCII(list)))
		}
	}
}

// TestHostileTexts are one line each, to one person and to all.
func TestHostileTexts(t *testing.T) {
	for _, text := range legacytest.HostileTexts() {
		play(t, func(s *stage) {
			p := s.as("yoda")
			s.tell("mara", "yoda", text)
			s.does(func() error { _, err := s.Service.Say(s.t.Context(), s.As("mara"), text); return err })
			for _, action := range []string{"receive_message", "receive_broadcast"} {
				var got delivery
				if err := json.Unmarshal([]byte(p.Recv()), &got); err != nil {
					t.Fatal(err)
				}
				legacytest.Tame(t, got.Message)
				if got.Action != action || got.From != "mara" || got.Message == "" {
					t.Errorf("received %+v", got)
				}
			}
			p.hears()
		})
	}
}

// TestLongMessages from other doors are cut, and can be read there.
func TestLongMessages(t *testing.T) {
	play(t, func(s *stage) {
		p := s.as("yoda")
		s.tell("luke", "yoda", said(3000))
		var got delivery
		if err := json.Unmarshal([]byte(p.Recv()), &got); err != nil {
			t.Fatal(err)
		}
		begins, cut := strings.CutSuffix(got.Message, cutMark)
		if !cut || !strings.HasPrefix(said(3000), begins) || len(begins) < 900 {
			t.Errorf("received %+v", got)
		}
		p.want(`{"action":"message","status":"SUCCESS"}`, object{"action": "message", "message": said(3000), "user": "luke"})
	})
}

package picklechat

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/forum"
	"sshforum/forum/forumtest"
	"sshforum/forum/rules"
)

func unpickle(p string, max int) (message, error) {
	return newUnpickler(strings.NewReader(p)).next(max)
}

// TestUnpickle reads pickles of clients on several versions of Python.
func TestUnpickle(t *testing.T) {
	long := strings.Repeat("é", 200)
	for p, want := range map[string]message{
		"\x80\x04\x95%\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x04type\x94\x8c\x05LOGIN\x94\x8c\x04body\x94\x8c\x07ghost x\x94u.":  {"LOGIN", "ghost x"},
		"\x80\x04\x95!\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x04type\x94\x8c\x08UDP_PORT\x94\x8c\x04body\x94M\xcf\xa2u.":         {"UDP_PORT", 41679},
		"\x80\x04\x95\x1c\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x04type\x94\x8c\x03ATU\x94\x8c\x04body\x94\x8c\x00\x94u.":        {"ATU", ""},
		"\x80\x03}q\x00(X\x04\x00\x00\x00typeq\x01X\x03\x00\x00\x00MSGq\x02X\x04\x00\x00\x00bodyq\x03X\x02\x00\x00\x00hiq\x04u.": {"MSG", "hi"},
		python38("MSG", "MSG"):       {"MSG", "MSG"},
		python38("MSG", long):        {"MSG", long},
		python38("UDP_PORT", 255):    {"UDP_PORT", 255},
		python38("UDP_PORT", -1):     {"UDP_PORT", -1},
		python37("UDP_PORT", 700000): {"UDP_PORT", 700000},
		pickle("MSG", long):          {"MSG", long},
	} {
		if got, err := unpickle(p, 4096); err != nil || got != want {
			t.Errorf("%q is %+v, %v; want %+v", p, got, err, want)
		}
	}
}

// attacks are pickles that would run something, never end or take all memory in Python,
// and others that are no message.
var attacks = map[string]string{
	"calls a function":     "cos\nsystem\n(S'id'\ntR.",
	"calls, protocol 4":    "\x80\x04\x95\x1d\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x94\x85\x94R\x94.",
	"a class for a body":   "\x80\x03}q\x00(X\x04\x00\x00\x00typeq\x01X\x03\x00\x00\x00MSGq\x02X\x04\x00\x00\x00bodyq\x03cos\nsystem\nq\x04u.",
	"an extension":         "\x80\x02\x82\x01.",
	"itself for a body":    "\x80\x03}q\x00(X\x04\x00\x00\x00typeq\x01X\x03\x00\x00\x00MSGq\x02X\x04\x00\x00\x00bodyq\x03h\x00u.",
	"nested":               "\x80\x03}q\x00(X\x04\x00\x00\x00type" + strings.Repeat("}(X\x01\x00\x00\x00a", 1000),
	"a text of 4 GB":       "\x80\x03}q\x00(X\xff\xff\xff\xffxxxx",
	"a frame of 4 GB":      "\x80\x04\x95\xff\xff\xff\xff\x00\x00\x00\x00}\x94(X\xff\xff\xff\xff",
	"a text of 8 bytes":    "\x80\x04}\x94(\x8d\xff\xff\xff\xff\xff\xff\xff\x7fxx",
	"a huge integer":       "\x80\x03}q\x00(X\x04\x00\x00\x00typeq\x01\x8b\xff\xff\xff\x7f",
	"no such reference":    "\x80\x03}q\x00(X\x04\x00\x00\x00typeq\x01h\x09",
	"memo out of order":    "\x80\x03}q\x00(X\x04\x00\x00\x00typeq\xff",
	"a list":               "\x80\x03]q\x00.",
	"three keys":           "\x80\x02}(X\x04\x00\x00\x00typeX\x00\x00\x00\x00X\x04\x00\x00\x00bodyX\x00\x00\x00\x00X\x01\x00\x00\x00xX\x00\x00\x00\x00u.",
	"one key twice":        "\x80\x02}(X\x04\x00\x00\x00typeX\x00\x00\x00\x00X\x04\x00\x00\x00typeX\x00\x00\x00\x00u.",
	"other keys":           "\x80\x02}(X\x04\x00\x00\x00typeX\x00\x00\x00\x00X\x04\x00\x00\x00textX\x00\x00\x00\x00u.",
	"an integer as a type": "\x80\x02}(X\x04\x00\x00\x00typeK\x07X\x04\x00\x00\x00bodyX\x00\x00\x00\x00u.",
	"protocol 0":           "(dp0\nS'type'\np1\nS'MSG'\np2\ns.",
	"another protocol":     "GET / HTTP/1.1\r\n\r\n",
	"JSON":                 `{"type": "MSG"}`,
	"longer than a login":  python38("LOGIN", strings.Repeat("x", maxRequest)),
}

func TestUnpickleRefuses(t *testing.T) {
	for name, p := range attacks {
		if m, err := unpickle(p, maxRequest); forum.KindOf(err) != forum.Invalid {
			t.Errorf("%s: %+v, %v; want it refused", name, m, err)
		}
	}
}

// TestAttacksAreLogged: the connection is closed at once, without a reply. The log has the
// reason, but not the bytes.
func TestAttacksAreLogged(t *testing.T) {
	for name, p := range attacks {
		t.Run(name, func(t *testing.T) {
			play(t, func(s *stage) {
				o, began := s.connect(), time.Now()
				o.Send(p)
				o.Expect("")
				_ = o.Close()
				synctest.Wait()
				if time.Since(began) > 2*time.Second {
					t.Errorf("it was closed after %v", time.Since(began))
				}
				if log := s.door.Log.String(); !strings.Contains(log, `level=WARN msg="refused a pickle"`) || strings.Contains(log, "system") {
					t.Error("the log does not say so, or what was said")
				}
			})
		})
	}
}

// TestCutAnywhere sends a request a byte at a time, and two at once.
func TestCutAnywhere(t *testing.T) {
	play(t, func(s *stage) {
		o := s.as("yoda")
		for _, b := range []byte(python37("MSG", "hello")) {
			o.Send(string([]byte{b}))
			synctest.Wait()
		}
		if got := o.reply(); got.kind != "MSGACK" {
			t.Errorf("the reply is %+v", got)
		}
		o.Send(python38("MSG", "a") + python37("MSG", "b"))
		for n := range 2 {
			want := message{"MSGACK", fmt.Sprintf("Message #%d posted at %s.", n+2, now)}
			if got := o.reply(); got != want {
				t.Errorf("reply %d is %+v; want %+v", n, got, want)
			}
			time.Sleep(time.Millisecond)
		}
	})
}

func TestPasswordsWithSpaces(t *testing.T) {
	play(t, func(s *stage) {
		if _, err := s.Service.AddUser(ctx, rules.Operator(), "yoda", "two words", forum.Member); err != nil {
			t.Fatal(err)
		}
		if got := s.connect().ask("LOGIN", "yoda two words"); got.kind != "LOGIN-A" {
			t.Errorf("the reply is %+v", got)
		}
		s.As("luke")
		if got := s.connect().ask("LOGIN", "luke  "+forumtest.Password("luke")); got.kind != "LOGIN-F" {
			t.Errorf("the reply to a password that begins with a space is %+v", got)
		}
	})
}

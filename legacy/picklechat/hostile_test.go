package picklechat

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/legacy/legacytest"
)

// TestHostileClients runs each hostile client while another client reads the board again and
// again. That client must not be disturbed, and the memory used is bounded.
func TestHostileClients(t *testing.T) {
	const perSecond, seconds = 16 << 20, 64 // 1 GB of those that send what they can
	half := python38("MSG", "hello")[:20]
	endless := "\x80\x03}q\x00(X\x04\x00\x00\x00typeq\x01X\x03\x00\x00\x00MSGq\x02X\x04\x00\x00\x00bodyq\x03X\x00\x00\x01\x00"
	for name, hostile := range map[string]struct {
		login  bool
		begin  string
		repeat string
		pause  time.Duration // after repeat
		stays  bool
	}{
		"says nothing":               {pause: time.Second},
		"half a pickle":              {begin: half, pause: time.Second},
		"a byte a second":            {begin: half, repeat: "x", pause: time.Second},
		"a text without end":         {begin: endless, repeat: strings.Repeat("x", perSecond/1000), pause: time.Millisecond},
		"logged in, half a pickle":   {login: true, begin: half, pause: time.Second, stays: true},
		"logged in, without end":     {login: true, begin: endless, repeat: strings.Repeat("x", perSecond/1000), pause: time.Millisecond},
		"logged in, ports for ever":  {login: true, repeat: python38("UDP_PORT", 5), pause: 50 * time.Millisecond, stays: true},
		"logged in, reads no reply":  {login: true, repeat: strings.Repeat(python38("ATU", ""), 300), pause: time.Millisecond},
		"logged in, marks for ever":  {login: true, repeat: strings.Repeat("(", perSecond/1000), pause: time.Millisecond},
		"logged in, names a class":   {login: true, begin: "cos\nsystem\n", pause: time.Second},
		"logged in, says it is long": {login: true, begin: "\x80\x03}q\x00(X\xff\xff\xff\xff", pause: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, func(s *stage) {
				luke, knock := s.as("luke"), s.connect
				if hostile.login {
					knock = func() *original { return s.as("yoda") }
				}
				p := knock()
				before := legacytest.Heap()
				for end := time.Now().Add(seconds * time.Second); time.Now().Before(end); time.Sleep(hostile.pause) {
					_ = p.SetWriteDeadline(time.Now().Add(2 * time.Minute))
					if _, err := io.WriteString(p, hostile.begin+hostile.repeat); err != nil {
						break
					}
					hostile.begin = ""
					if time.Now().Nanosecond() == 0 {
						luke.want(replies[noNewMessages].body, "RDM", now)
					}
				}
				synctest.Wait()
				luke.want(replies[noNewMessages].body, "RDM", now)
				if held := legacytest.Heap() - before; held > 4<<20 {
					t.Errorf("%d MiB are held", held>>20)
				}
				closed := strings.Count(s.door.Log.String(), "connection closed") == 1
				if closed == hostile.stays {
					t.Errorf("closed: %v", closed)
				}
				_ = p.Close()
			})
		})
	}
}

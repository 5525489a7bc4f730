package textchat

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/legacy/legacytest"
)

// TestHostileClients runs each hostile client while another client asks for the files again and
// again. That client must not be disturbed, and the memory used is bounded.
func TestHostileClients(t *testing.T) {
	for name, hostile := range map[string]struct {
		guest  bool
		repeat string
		pause  time.Duration // after repeat
		stays  bool
	}{
		"says nothing":              {pause: time.Second},
		"names without end":         {repeat: strings.Repeat("x", 16<<10), pause: 100 * time.Millisecond},
		"binary names":              {repeat: "\x80\x04\x95", pause: time.Second},
		"a byte a second":           {guest: true, repeat: "x", pause: time.Second, stays: true},
		"half a character a second": {guest: true, repeat: "\xe6", pause: time.Second, stays: true},
		"says nothing any more":     {guest: true, pause: time.Second, stays: true},
		"binary":                    {guest: true, repeat: strings.Repeat("\x00\xff", 512), pause: 100 * time.Millisecond, stays: true},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, func(s *stage) {
				daniel, knock := s.as("Daniel"), s.connect
				if hostile.guest {
					knock = func() *original { return s.as("Brandon") }
				}
				p, before := knock(), legacytest.Heap()
				for end := time.Now().Add(64 * time.Second); time.Now().Before(end); time.Sleep(hostile.pause) {
					if _, err := io.WriteString(p, hostile.repeat); err != nil {
						break
					}
					p.received()
				}
				daniel.received()
				daniel.Send("list")
				time.Sleep(time.Second)
				if got := strings.Join(daniel.received(), "|"); !strings.Contains(got, "list ACK") {
					t.Errorf("received %q", got)
				}
				if held := legacytest.Heap() - before; held > 4<<20 {
					t.Errorf("%d MiB are held", held>>20)
				}
				synctest.Wait()
				closed := false
				select {
				case <-p.ended:
					closed = true
				default:
				}
				if closed == hostile.stays {
					t.Errorf("closed: %v", closed)
				}
				_ = p.Close()
			})
		})
	}
}

// TestClientThatDoesNotRead: such a client is disconnected, and delays no other.
func TestClientThatDoesNotRead(t *testing.T) {
	play(t, func(s *stage) {
		daniel := s.as("Daniel")
		deaf := s.door.Dial()
		time.Sleep(time.Second)
		if _, err := io.WriteString(deaf, "Deaf"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		text := strings.Repeat("x", 10_000)
		for range 20 {
			s.post("yoda", text)
			time.Sleep(time.Second)
			if got := strings.Join(daniel.received(), ""); got != "yoda: "+text {
				t.Fatalf("received %d bytes", len(got))
			}
		}
		time.Sleep(time.Minute)
		status := strings.Join(daniel.askAll("status"), "")
		if !strings.Contains(status, "Name: Deaf (guest)") || strings.Count(status, "Closed at: None") != 1 {
			t.Errorf("the status is %q", status)
		}
	})
}

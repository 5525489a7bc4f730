package legacy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/legacy"
)

// TestWhenMessagesLeave sends at given times, and checks that each message arrives separately
// at its time. Bytes that arrive at the same time are one message.
func TestWhenMessagesLeave(t *testing.T) {
	const ms = time.Millisecond
	for _, test := range []struct {
		name string
		say  map[time.Duration]string
		want []string
	}{
		{"an answer at once", map[time.Duration]string{0: "reply:a"}, []string{"a at 0s"}},
		{"one request, two messages", map[time.Duration]string{0: "reply:a reply:b"}, []string{"a at 0s", "b at 50ms"}},
		{"two requests, joined", map[time.Duration]string{0: "reply:a\nreply:b\n"}, []string{"a at 0s", "b at 50ms"}},
		{"a request before the gap is over", map[time.Duration]string{0: "reply:a", 5 * ms: "reply:b"}, []string{"a at 0s", "b at 5ms"}},
		{"a request while an answer waits", map[time.Duration]string{0: "reply:a reply:b", 5 * ms: "reply:c"},
			[]string{"a at 0s", "b at 50ms", "c at 100ms"}},
		{"after a push, which a request may have crossed", map[time.Duration]string{0: "push:a", 5 * ms: "reply:b"}, []string{"a at 0s", "b at 50ms"}},
		{"long after a push", map[time.Duration]string{0: "push:a", 70 * ms: "reply:b"}, []string{"a at 0s", "b at 70ms"}},
		{"a push after an answer", map[time.Duration]string{0: "reply:a", 5 * ms: "push:b"}, []string{"a at 0s", "b at 50ms"}},
		{"a push that is held", map[time.Duration]string{0: "hold reply:a push:b", 5 * ms: "reply:c"}, []string{"a at 0s", "b at 100ms", "c at 150ms"}},
		{"pieces", map[time.Duration]string{0: "reply:a,b,c reply:d"}, []string{"a at 0s", "b at 30ms", "c at 60ms", "d at 110ms"}},
		{"pieces of a push", map[time.Duration]string{0: "push:a,b", 5 * ms: "reply:c"}, []string{"a at 0s", "b at 30ms", "c at 80ms"}},
		{"data keeps no gap", map[time.Duration]string{0: "reply:a stream:b reply:c"}, []string{"ab at 0s", "c at 50ms"}},
		{"news", map[time.Duration]string{0: "reply:a", 5 * ms: "tell:b"}, []string{"a at 0s", "b at 50ms"}},
		{"no news after goodbye", map[time.Duration]string{0: "tell:a goodbye:b tell:c reply:d"}, []string{"a at 0s", "b at 50ms", "d at 100ms"}},
		{"what no client can read", map[time.Duration]string{0: "long reply:a"}, []string{"a at 0s"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			play(t, nil, func(t *testing.T, s *stage) {
				c := s.client()
				var got []string
				go func() {
					begun, last := time.Now(), time.Now()
					text := ""
					for {
						buffer := make([]byte, message)
						n, err := c.Read(buffer)
						if err != nil {
							return
						}
						if now := time.Now(); text != "" && now.Equal(last) {
							text += string(buffer[:n])
							got = got[:len(got)-1]
						} else {
							text, last = string(buffer[:n]), now
						}
						got = append(got, fmt.Sprintf("%s at %v", text, last.Sub(begun)))
						synctest.Wait()
					}
				}()
				for at, line := range test.say {
					time.AfterFunc(at, func() { c.Send(line) })
				}
				time.Sleep(time.Second)
				synctest.Wait()
				if !slices.Equal(got, test.want) {
					t.Errorf("received %q; want %q", got, test.want)
				}
			})
		})
	}
}

// TestEachMessageAlone has many goroutines send to one client that reads late: whatever
// the network joins within less than the gap, every read is one message.
func TestEachMessageAlone(t *testing.T) {
	for _, lag := range []time.Duration{0, time.Millisecond, 20 * time.Millisecond, gap - time.Millisecond} {
		play(t, nil, func(t *testing.T, s *stage) {
			s.Lag = lag
			c := s.client()
			c.Send("beside:one ")
			c.Send("beside:two ")
			c.Send("beside:three ")
			for range 100 {
				c.Send("reply:answer")
				for {
					text := c.Recv()
					if text == "answer" {
						break
					}
					if !slices.Contains([]string{"one", "two", "three"}, text) {
						t.Fatalf("lag %v: received %q", lag, text)
					}
				}
			}
		})
	}
}

// TestClientThatDoesNotRead: a client is disconnected when a write has waited too long; others
// are not disturbed.
func TestClientThatDoesNotRead(t *testing.T) {
	play(t, nil, func(t *testing.T, s *stage) {
		deaf, other := s.client(), s.client()
		deaf.Send("flood")
		began := time.Now()
		other.Send("reply:a")
		other.Expect("a")
		if !time.Now().Equal(began) {
			t.Error("the other had to wait")
		}
		time.Sleep(time.Minute)
		if !strings.Contains(s.Log.String(), "connection closed") {
			t.Error("the connection is still open")
		}
	})
}

func TestCut(t *testing.T) {
	for _, test := range []struct {
		text string
		max  int
		want string
	}{
		{"hello", 5, "hello"}, {"hello!", 5, "he…"}, {"語語", 6, "語語"}, {"語語語", 8, "語…"}, {"語語語", 5, "…"}, {"", 3, ""},
	} {
		if got := legacy.Cut(test.text, test.max); got != test.want {
			t.Errorf("%s cut to %d is %q; want %q", test.text, test.max, got, test.want)
		}
	}
}

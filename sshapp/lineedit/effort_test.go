package lineedit

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Expensive keys are handled in a tenth of the time, all of them and in order. A person's
// typing never waits, nor does a command meanwhile.
func TestKeysThatCostMuchWait(t *testing.T) {
	const keys, cost = 400, 10 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		completed := 0
		s := open(t, 80, 24, func(c *Config) {
			c.Complete = func(string, int) Completion {
				time.Sleep(cost)
				completed++
				return Completion{}
			}
		})
		defer s.close()
		began := time.Now()
		got := s.read("> ")
		s.send("a\tb\tc\t")
		time.Sleep(3 * cost)
		synctest.Wait()
		s.sees("> abc|")
		s.send(strings.Repeat("\t", keys) + "\x01x\r")
		if l := <-got; l.text != "xabc" || l.err != nil || completed != keys+3 {
			t.Errorf("got %q, %v after %d keys", l.text, l.err, completed)
		}
		if took, work := time.Since(began), (keys+3)*cost; took < effortShare*(work-2*effortAtOnce) {
			t.Errorf("%v of work took %v", work, took)
		}
	})
}

// A read that rests ends with its context, and the input's end is noticed after it.
func TestRestEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 80, 24, func(c *Config) {
			c.Complete = func(string, int) Completion {
				time.Sleep(time.Second)
				return Completion{}
			}
		})
		got := s.read("> ")
		s.send("\t\t\t\t")
		s.close()
		if l := <-got; l.err == nil {
			t.Errorf("got %q", l.text)
		}
	})
}

package shell

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sshforum/sshapp/render"
)

// packets keeps each write by itself.
type packets struct {
	all []string
	err error
}

func (p *packets) Write(b []byte) (int, error) {
	p.all = append(p.all, string(b))
	return len(b), p.err
}

// TestOutputIsGathered: many short lines leave in few packets, none is lost or late, and what
// is longer than a packet leaves as it is.
func TestOutputIsGathered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var to packets
		out := newOutput(&to)
		line := []byte(strings.Repeat("x", 99) + "\n")
		for range 1000 {
			if n, err := out.Write(line); n != len(line) || err != nil {
				t.Fatal(n, err)
			}
		}
		if len(to.all) != 3 {
			t.Errorf("%d packets before the end", len(to.all))
		}
		if err := out.Flush(); err != nil || strings.Join(to.all, "") != strings.Repeat(string(line), 1000) || len(to.all) != 4 {
			t.Errorf("%d packets, %d bytes, %v", len(to.all), len(strings.Join(to.all, "")), err)
		}
		_, _ = out.Write(line)
		if len(to.all) != 4 {
			t.Error("a line is sent at once")
		}
		time.Sleep(outputWait)
		_, _ = out.Write(line)
		if len(to.all) != 5 {
			t.Error("a line waits for another for longer than outputWait")
		}
		_, _ = out.Write(bytes.Repeat(line, 1000))
		if len(to.all) != 6 || out.Flush() != nil || len(to.all) != 6 {
			t.Errorf("a long write makes %d packets", len(to.all)-5)
		}
	})
}

// TestOutputThatFails: a client that has gone ends the command, which learns it at the next write.
func TestOutputThatFails(t *testing.T) {
	to := packets{err: errors.New("gone")}
	out := newOutput(&to)
	_, first := out.Write([]byte("a"))
	flush := out.Flush()
	_, then := out.Write([]byte("b"))
	if first != nil || !errors.Is(flush, to.err) || !errors.Is(then, to.err) || len(to.all) != 1 {
		t.Errorf("%v, %v, %v, %q", first, flush, then, to.all)
	}
	to = packets{err: errors.New("gone")}
	out = newOutput(&to)
	long := make([]byte, outputPiece)
	_, first = out.Write(long)
	_, then = out.Write(long)
	if !errors.Is(first, to.err) || !errors.Is(then, to.err) || len(to.all) != 1 {
		t.Errorf("long writes: %v, %v, %d of them", first, then, len(to.all))
	}
}

// TestErrorsComeAfterWhatWasWritten, as on a terminal that shows both.
func TestErrorsComeAfterWhatWasWritten(t *testing.T) {
	var both packets
	s := streams{out: &both, err: &both}.gathering()
	_, _ = s.out.Write([]byte("half\n"))
	(&render.Text{Err: s.err}).Problem(errors.New("the disk is on fire"))
	if len(both.all) != 2 || both.all[0] != "half\n" {
		t.Errorf("%q", both.all)
	}
}

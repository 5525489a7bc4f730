package lineedit

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
)

func TestSecret(t *testing.T) {
	for _, plain := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			out := &traffic{}
			s := open(t, 20, 10, func(c *Config) {
				c.Out, c.Plain, c.History = out, plain, []string{"old"}
				c.Complete = func(string, int) Completion {
					t.Error("a secret is completed")
					return Completion{}
				}
			})
			defer s.close()
			done := make(chan line, 1)
			go func() {
				secret, err := s.ed.ReadSecret(context.Background(), "Password: ")
				done <- line{secret, err}
			}()
			synctest.Wait()
			s.send("hunter3", "\x7f", "9", "\t", up, "\x12", "\x179\x1f\x1f", pasteBegin+" \u200bZ\n"+pasteEnd)
			_, _ = s.ed.Write([]byte("notice\n"))
			s.send("\r")
			if l := <-done; l.text != "hunter9 Z" || l.err != nil {
				t.Errorf("got %q, %v", l.text, l.err)
			}
			got := s.read("> ")
			s.send("\x19\r")
			if l := <-got; l.text != "" {
				t.Errorf("Ctrl-Y brings back %q of a secret", l.text)
			}
			for _, trace := range []string{"h", "9", "Z", "*", "\b"} {
				wrote := strings.NewReplacer("?2004h", "").Replace(strings.Join(out.writes, ""))
				if strings.Contains(wrote, trace) {
					t.Errorf("%q was written: %q", trace, out.writes)
				}
			}
			if h := s.ed.History(); len(h) != 1 {
				t.Errorf("the history is %q", h)
			}
		})
	}
}

func TestReadKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 20, 10, nil)
		s.send("q \x1b[6~\x03" + pasteBegin + "pasted" + pasteEnd + "\x1bxé\r")
		for _, want := range []Key{
			{'q', 0}, {' ', 0}, {KeyPageDown, 0}, {'c', ModCtrl}, {'x', ModAlt}, {'é', 0}, {KeyEnter, 0},
		} {
			if k, err := s.ed.ReadKey(context.Background()); k != want || err != nil {
				t.Errorf("got %v, %v; want %v", k, err, want)
			}
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := s.ed.ReadKey(ctx); err != context.Canceled {
			t.Errorf("after its context %v", err)
		}
		s.send("x")
		s.close()
		if k, err := s.ed.ReadKey(context.Background()); k.Code != 'x' || err != nil {
			t.Errorf("before the end: %v, %v", k, err)
		}
		if _, err := s.ed.ReadKey(context.Background()); err != io.EOF {
			t.Errorf("at the end: %v", err)
		}
	})
}

func TestInterrupts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 20, 10, nil)
		defer s.close()
		ctx, stop := s.ed.Interrupts(context.Background())
		s.send("ahead")
		if ctx.Err() != nil {
			t.Fatal("text interrupts")
		}
		s.send("\x03next\r")
		if context.Cause(ctx) != ErrInterrupt {
			t.Errorf("the cause is %v", context.Cause(ctx))
		}
		stop()
		if l := <-s.read("> "); l.text != "next" {
			t.Errorf("typed ahead and interrupted: %q", l.text)
		}

		// A Ctrl-C typed right behind the command that it is to interrupt.
		s.send("run\r\x03")
		if l := <-s.read("> "); l.text != "run" {
			t.Errorf("got %q", l.text)
		}
		ctx, stop = s.ed.Interrupts(context.Background())
		if ctx.Err() == nil {
			t.Error("a Ctrl-C that was already there does not interrupt")
		}
		stop()

		// During a read it is a key.
		ctx, stop = s.ed.Interrupts(context.Background())
		got := s.read("sure? ")
		s.send("\x03")
		if l := <-got; l.err != ErrInterrupt || ctx.Err() != nil {
			t.Errorf("in a read: %v, %v", l.err, ctx.Err())
		}
		stop()
		s.send("\x03")
		if l := <-s.read("> "); l.err != ErrInterrupt {
			t.Errorf("after stop it is %v", l.err)
		}
	})
}

// TestTypeAheadIsBounded types more than is kept, while nobody reads.
func TestTypeAheadIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 80, 24, nil)
		typed := strings.Repeat("0123456789abcde\r", 4<<10)
		var sent int
		go func() { sent, _ = io.WriteString(s.keys, typed) }()
		synctest.Wait()
		s.ed.in.mu.Lock()
		if n := len(s.ed.in.queue); n < maxTypeAhead || n > maxTypeAhead+readSize {
			t.Errorf("%d bytes are kept", n)
		}
		s.ed.in.mu.Unlock()
		for range len(typed) / 16 {
			if l := <-s.read(""); l.text != "0123456789abcde" {
				t.Fatalf("got %q", l.text)
			}
		}
		if synctest.Wait(); sent != len(typed) {
			t.Errorf("%d of %d bytes were taken", sent, len(typed))
		}
		s.close()
	})
}

// stuck is a terminal that takes nothing until released.
type stuck struct{ release chan struct{} }

func (s stuck) Write(p []byte) (int, error) {
	<-s.release
	return 0, io.ErrClosedPipe
}

// TestStuckTerminal checks that who does not write never waits for Out.
func TestStuckTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := stuck{make(chan struct{})}
		s := open(t, 20, 10, func(c *Config) { c.Out = out })
		go s.ed.Write([]byte("notice\n"))
		synctest.Wait()
		ctx, cancel := context.WithCancelCause(context.Background())
		done := make(chan error)
		go func() {
			_, err := s.ed.ReadLine(ctx, "> ")
			done <- err
		}()
		synctest.Wait()
		s.ed.SetSize(10, 10)
		s.ed.SetPlain(true)
		s.ed.AddHistory("line")
		s.ed.History()
		s.ed.Close()
		bye := errors.New("bye")
		cancel(bye)
		if err := <-done; err != bye {
			t.Errorf("ReadLine ends with %v", err)
		}
		close(out.release)
		s.close()
	})
}

// TestEndOfContext: the end of the context ends a read without output, and the next write
// leaves the line's row.
func TestEndOfContext(t *testing.T) {
	for _, next := range []string{"write", "read"} {
		synctest.Test(t, func(t *testing.T) {
			s := open(t, 20, 10, nil)
			defer s.close()
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan error, 1)
			go func() {
				_, err := s.ed.ReadLine(ctx, "> ")
				done <- err
			}()
			synctest.Wait()
			s.send("abc", left)
			writes := s.term.writes
			cancel()
			if err := <-done; err != context.Canceled || s.term.writes != writes {
				t.Errorf("the read ends with %v and %d writes", err, s.term.writes-writes)
			}
			if next == "read" {
				s.read("$ ")
				s.sees("> abc\n$ |")
				return
			}
			_, _ = s.ed.Write([]byte("good bye\n"))
			s.sees("> abc\ngood bye\n|")
			if s.term.paste {
				t.Error("bracketed paste is left on")
			}
		})
	}
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 20, 10, nil)
		got := s.read("> ")
		s.ed.Close()
		s.ed.Close()
		if l := <-got; l.err != io.EOF {
			t.Errorf("the read ends with %v", l.err)
		}
		_, _ = s.ed.Write([]byte("good bye\n"))
		s.sees(">\ngood bye\n|")
		s.send("x") // the Read in progress returns, and with it the goroutine ends
	})
}

// TestEndWithTheLastByte reads from a reader that returns its last bytes and the error
// together.
func TestEndWithTheLastByte(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := iotest.DataErrReader(strings.NewReader("one\rtwo"))
		s := open(t, 20, 10, func(c *Config) { c.In = in })
		if l := <-s.read("> "); l.text != "one" {
			t.Errorf("got %q, %v", l.text, l.err)
		}
		if l := <-s.read("> "); l.err != io.EOF {
			t.Errorf("got %q, %v", l.text, l.err)
		}
	})
}

func TestInputKeepsItsOrder(t *testing.T) {
	in := newInput()
	in.put([]byte("one\rtwo"), nil)
	b, _ := in.take()
	in.put([]byte(" three"), io.EOF)
	in.giveBack(b[4:])
	if b, err := in.take(); string(b) != "two three" || err != nil {
		t.Errorf("got %q, %v", b, err)
	}
	if _, err := in.take(); err != io.EOF {
		t.Errorf("got %v", err)
	}
}

package scp

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
)

// conversation is the server's end of a connection: its input comes from the test, and its
// output is kept.
type conversation struct {
	*io.PipeReader
	said bytes.Buffer
}

func (c *conversation) Write(p []byte) (int, error) { return c.said.Write(p) }

// take returns the output since the last call.
func (c *conversation) take() string {
	defer c.said.Reset()
	return c.said.String()
}

// converse runs serve against a transcript. A line with "C:" is sent by the client; lines with
// "S:" are everything that the server sends before the next line of the client. After the
// transcript the client ends its input. Each line of the client is sent whole, or byte by byte.
// It must be called in a synctest bubble, which fails if both sides wait for each other.
func converse(t *testing.T, transcript []string, bytewise bool, serve func(io.ReadWriter) error) error {
	t.Helper()
	in, keys := io.Pipe()
	c := &conversation{PipeReader: in}
	done := make(chan error, 1)
	go func() {
		err := serve(c)
		in.Close()
		done <- err
	}()
	send := func(text string) {
		for len(text) > 0 {
			n := len(text)
			if bytewise {
				n = 1
			}
			if _, err := io.WriteString(keys, text[:n]); err != nil {
				return // the server has ended, which the result shows
			}
			text = text[n:]
		}
	}
	for i := 0; i < len(transcript); {
		var sent, want strings.Builder
		for ; i < len(transcript) && strings.HasPrefix(transcript[i], "C:"); i++ {
			send(transcript[i][2:])
			sent.WriteString(transcript[i][2:])
		}
		for ; i < len(transcript) && strings.HasPrefix(transcript[i], "S:"); i++ {
			want.WriteString(transcript[i][2:])
		}
		synctest.Wait()
		if i == len(transcript) {
			keys.Close()
			synctest.Wait()
		}
		if got := c.take(); got != want.String() {
			t.Errorf("after %q the server says %q, want %q", clip(sent.String()), clip(got), clip(want.String()))
		}
	}
	keys.Close()
	return <-done
}

func clip(s string) string {
	if len(s) > 300 {
		return s[:300] + "..."
	}
	return s
}

// parse returns the request of a command that must be good.
func parse(t testing.TB, command string) Request {
	t.Helper()
	req, ok, err := ParseCommand(command)
	if !ok || err != nil {
		t.Fatalf("ParseCommand(%q): %v, %v", command, ok, err)
	}
	return req
}

// bothWays runs a transcript with whole lines and byte by byte.
func bothWays(t *testing.T, run func(t *testing.T, bytewise bool)) {
	for name, bytewise := range map[string]bool{"whole": false, "bytewise": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { run(t, bytewise) })
		})
	}
}

// pipes connects two ends with each other; each ends its output by closing it.
func pipes() (a, b *duplex) {
	fromA, toB := io.Pipe()
	fromB, toA := io.Pipe()
	return &duplex{fromB, toB}, &duplex{fromA, toA}
}

type duplex struct {
	*io.PipeReader
	*io.PipeWriter
}

func (d *duplex) Close() {
	d.PipeReader.Close()
	d.PipeWriter.Close()
}

// copyTree sends paths from one tree into another, with the engine on both ends.
func copyTree(from Source, paths []string, to Target, command string) (sent, received error) {
	a, b := pipes()
	done := make(chan error, 1)
	req, _, err := ParseCommand("scp -t " + command)
	if err != nil {
		return err, nil
	}
	go func() {
		defer b.Close()
		done <- Receive(context.Background(), b, req, to)
	}()
	sent = Send(context.Background(), a, Request{Recursive: req.Recursive, Times: req.Times, Paths: paths}, from)
	a.Close()
	return sent, <-done
}

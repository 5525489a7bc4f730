package legacytest

import (
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

// Session returns the recorded session of the original clients, testdata/session.txt. Each line
// begins with the name of a client, and is its input (A> ) or its output (A< ).
func Session(t testing.TB) string {
	t.Helper()
	script, err := os.ReadFile("testdata/session.txt")
	if err != nil {
		t.Fatal(err)
	}
	return string(script)
}

// Typed returns the lines of input in a session, of all clients.
func Typed(session string) (lines []string) {
	for line := range strings.Lines(session) {
		client, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if strings.HasSuffix(client, ">") {
			lines = append(lines, text)
		}
	}
	return lines
}

// Feed writes said in pieces of size bytes, and calls pause after each. It stops if a write
// fails.
func Feed(w io.Writer, said []byte, size int, pause func()) {
	for piece := range slices.Chunk(said, size) {
		if _, err := w.Write(piece); err != nil {
			return
		}
		pause()
	}
}

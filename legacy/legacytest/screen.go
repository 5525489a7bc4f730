package legacytest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Screen collects the output of an original client's threads, and its first fault.
type Screen struct {
	mu    sync.Mutex
	lines []string
	fault error
}

// Print adds lines.
func (s *Screen) Print(lines ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, lines...)
}

// Printed returns the lines that were printed since the last call.
func (s *Screen) Printed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := s.lines
	s.lines = nil
	return lines
}

// Fail sets the fault of the client. Only the first is kept.
func (s *Screen) Fail(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault == nil {
		s.fault = fmt.Errorf(format, args...)
	}
}

// Healthy fails the test if the client has a fault.
func (s *Screen) Healthy(t testing.TB) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault != nil {
		t.Fatal(s.fault)
	}
}

// Expect fails the test unless each client is healthy and has printed the next lines of a
// session. lines are those after an input; they end at the first that is neither output nor a
// comment.
func Expect[C interface {
	Printed() []string
	Healthy(testing.TB)
}](t testing.TB, clients map[string]C, lines []string) {
	t.Helper()
	want := make(map[string][]string)
	for _, line := range lines {
		client, text, _ := strings.Cut(line, " ")
		name, printed := strings.CutSuffix(client, "<")
		if printed {
			want[name] = append(want[name], text)
		} else if client != "#" {
			break
		}
	}
	for name, c := range clients {
		c.Healthy(t)
		if got := c.Printed(); !slices.Equal(got, want[name]) {
			t.Fatalf("client %s printed %q; want %q", name, got, want[name])
		}
	}
}

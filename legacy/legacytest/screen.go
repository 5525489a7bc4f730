package legacytest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Screen is what the threads of an original client have printed, and how it went wrong.
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

// Printed returns what was printed since it was asked last.
func (s *Screen) Printed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := s.lines
	s.lines = nil
	return lines
}

// Fail says how the client went wrong. What it says after the first time is not kept.
func (s *Screen) Fail(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault == nil {
		s.fault = fmt.Errorf(format, args...)
	}
}

// Healthy fails the test if the client went wrong.
func (s *Screen) Healthy(t testing.TB) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault != nil {
		t.Fatal(s.fault)
	}
}

// Expect fails the test unless each client is well and has printed what a session says it
// prints next. lines are those that follow what was typed; the first that is neither
// printed nor a comment ends them.
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

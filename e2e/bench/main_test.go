//go:build linux

// Package bench measures the program beside others that do the same, or less.
package bench

import (
	"os/exec"
	"path/filepath"
	"testing"

	"sshforum/e2e"
)

// TestMain lets the test binary be what the program is measured by.
func TestMain(m *testing.M) { e2e.Main(m, map[string]func(){"bareroom": bareRoom}) }

// profileVariable names a directory. Servers that are measured then write there what their
// processors and their memory were used for.
const profileVariable = "BENCH_PROFILE"

// measured builds the program as it is measured, and returns its path: the test binary of
// package main, which gives back memory that it does not need when it is sent SIGUSR1.
func measured(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "sshforum")
	if err := e2e.Quietly(exec.Command("go", "test", "-c", "-o", path, "sshforum")); err != nil {
		b.Fatal(err)
	}
	return path
}

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"testing"

	"go.uber.org/goleak"

	"sshforum/e2e"
)

// TestMain lets the test binary be the program, under its name, as benchmarks measure it.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "sshforum" {
		os.Exit(measured())
	}
	goleak.VerifyTestMain(m)
}

// profileVariable names a directory for profiles.
const profileVariable = "BENCH_PROFILE"

// measured runs the program so that SIGUSR1 makes it return unused memory to the system. If
// there is a directory for profiles, it writes processor and memory profiles there.
func measured() (status int) {
	e2e.GiveBackOnSignal()
	dir := os.Getenv(profileVariable)
	if dir == "" {
		return wholeProgram()
	}
	status, err := profiled(filepath.Join(dir, fmt.Sprint(os.Getpid())))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitFailed
	}
	return status
}

func wholeProgram() int { return run(os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr) }

// profiled is the program under a profiler, which writes to files whose names begin with
// name.
func profiled(name string) (status int, err error) {
	runtime.MemProfileRate = 64 << 10
	file, err := os.Create(name + ".cpu")
	if err != nil {
		return 0, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return 0, errors.Join(err, file.Close())
	}
	status = wholeProgram()
	pprof.StopCPUProfile()
	memory, err := os.Create(name + ".memory")
	if err != nil {
		return status, errors.Join(err, file.Close())
	}
	return status, errors.Join(pprof.Lookup("allocs").WriteTo(memory, 0), file.Close(), memory.Close())
}

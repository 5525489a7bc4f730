package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
)

// profileVariable names a directory. BenchmarkSFTP then has its server write there what
// its processors and its memory were used for.
const profileVariable = "BENCH_PROFILE"

// profiled is the program sshforum under a profiler.
func profiled() {
	dir := os.Getenv(profileVariable)
	name := filepath.Join(dir, fmt.Sprint(os.Getpid()))
	runtime.MemProfileRate = 64 << 10
	file, err := os.Create(name + ".cpu")
	if err == nil {
		err = pprof.StartCPUProfile(file)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitFailed)
	}
	status := run(os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
	pprof.StopCPUProfile()
	memory, err := os.Create(name + ".memory")
	if err == nil {
		err = pprof.Lookup("allocs").WriteTo(memory, 0)
	}
	if err := errors.Join(err, file.Close(), memory.Close()); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(status)
}

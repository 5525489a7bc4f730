package storage

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// TestEverySystemCallFails makes the nth write and the nth sync of a scenario fail, in a
// process under strace. This reaches the last sync of a commit, after which readers may see a
// commit that the disk does not have.
func TestEverySystemCallFails(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed")
	}
	if err := exec.Command(strace, "-o", os.DevNull, "true").Run(); err != nil {
		t.Skip("strace may not trace here:", err)
	}
	template := t.TempDir()
	prepare(t, template)
	want := memoReplay(t)
	for _, test := range []struct {
		call, errno string
		step        int
		atLeast     int // calls the scenario makes
	}{
		{"fdatasync", "EIO", 1, 24},
		{"fdatasync", "ENOSPC", 5, 20},
		{"pwrite64", "EIO", 9, 50},
		{"pwrite64", "ENOSPC", 7, 50},
	} {
		t.Run(test.call+" "+test.errno, func(t *testing.T) {
			n, wentOn := 1, 0
			for ; ; n += test.step {
				dir := t.TempDir()
				copyFile(t, filepath.Join(template, FileName), filepath.Join(dir, FileName))
				inject := fmt.Sprintf("inject=%s:error=%s:when=%d", test.call, test.errno, n)
				cmd := childCommand(t, "scenario", dir, strace, "-f", "-o", os.DevNull, "-e", "trace="+test.call, "-e", inject)
				out, err := cmd.Output()
				if err != nil {
					t.Fatalf("%s: %v", inject, err)
				}
				acked, failed := readOutcomes(out)
				if failed < 0 {
					break // fewer than n calls
				}
				db := open(t, dir, Options{})
				got, last := hash(t, db), acked[len(acked)-1]
				if last > failed {
					wentOn++
				}
				// The change whose commit failed may have reached the disk all the same,
				// if nothing came after it.
				if got != want(acked) && (last > failed || got != want(append(acked, failed))) {
					t.Errorf("%s: the store is not what was acknowledged:\n%s", inject, out)
				}
			}
			if n < test.atLeast {
				t.Errorf("only %d calls", n)
			}
			if may := test.errno == "ENOSPC"; (wentOn > 0) != may {
				t.Errorf("the store went on after %d failures, want any: %v", wentOn, may)
			}
		})
	}
}

// readOutcomes returns which changes of a scenario were acknowledged, and the first
// that could not be stored, or -1.
func readOutcomes(out []byte) (acked []int, failed int) {
	acked, failed = []int{-1}, -1
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		var i int
		var outcome string
		fmt.Sscan(lines.Text(), &i, &outcome)
		switch {
		case outcome == "ok":
			acked = append(acked, i)
		case outcome == "unavailable" && failed < 0:
			failed = i
		}
	}
	return acked, failed
}

// memoReplay is replayed for many calls; numbers below 0 are none.
func memoReplay(t *testing.T) func(numbers []int) [32]byte {
	memo := make(map[string][32]byte)
	return func(numbers []int) [32]byte {
		key := fmt.Sprint(numbers)
		if _, ok := memo[key]; !ok {
			memo[key] = replayed(t, slices.DeleteFunc(slices.Clone(numbers), func(i int) bool { return i < 0 }))
		}
		return memo[key]
	}
}

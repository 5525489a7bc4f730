package sshapp

import (
	"bytes"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
)

// leftOut returns how many lines a log says it left out.
func leftOut(t *testing.T, log string) (n int) {
	t.Helper()
	for _, found := range regexp.MustCompile(`left_out=(\d+)`).FindAllStringSubmatch(log, -1) {
		more, err := strconv.Atoi(found[1])
		if err != nil {
			t.Error(err)
		}
		n += more
	}
	return n
}

// TestABatchDoesNotFillTheLog: what is left out is counted, also at the end.
func TestABatchDoesNotFillTheLog(t *testing.T) {
	const commands = 2000
	synctest.Test(t, func(t *testing.T) {
		in := startInside(t, func(s *Server) { s.shell = s.session })
		client := in.enter(t, "yoda", bare)
		sess, err := client.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		sess.Stdin = strings.NewReader(strings.Repeat("WHOAMI\n", commands))
		var out bytes.Buffer
		sess.Stdout = &out
		if err := sess.Shell(); err != nil {
			t.Fatal(err)
		}
		if err := sess.Wait(); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(out.String(), "yoda"); n < commands {
			t.Errorf("%d of %d commands were answered", n, commands)
		}
		_ = client.Close()
		synctest.Wait()
		log := in.logs.String()
		if logged := strings.Count(log, "msg=command"); logged > logBurst || logged+leftOut(t, log) < commands {
			t.Errorf("%d commands were logged, %d were left out, and %d given", logged, leftOut(t, log), commands)
		}
		if !strings.Contains(log, `msg="lines left out of the log"`) {
			t.Error("the end of the connection does not say how many were left out")
		}
	})
}

// TestProblemsAreLoggedBesideAFlood of other lines, and say how many of those were left out.
func TestProblemsAreLoggedBesideAFlood(t *testing.T) {
	var out bytes.Buffer
	budget := newLogBudget()
	log := budget.on(slog.New(slog.NewTextHandler(&out, nil))).With("session", "1.1").WithGroup("g")
	for range 3 * logBurst {
		log.Info("asked")
	}
	log.Error("broken")
	text := out.String()
	if n := strings.Count(text, "msg=asked"); n < logBurst || n > logBurst+5 || !strings.Contains(text, "msg=broken") || n+leftOut(t, text) != 3*logBurst {
		t.Errorf("%d lines, %d left out:\n%s", n, leftOut(t, text), text[max(0, len(text)-300):])
	}
}

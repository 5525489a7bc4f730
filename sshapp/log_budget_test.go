package sshapp

import (
	"bytes"
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

// TestABatchDoesNotFillTheLog: omitted lines are counted, also at the end.
func TestABatchDoesNotFillTheLog(t *testing.T) {
	const commands, burst = 2000, 200
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
		if logged := strings.Count(log, "msg=command"); logged > burst || logged+leftOut(t, log) < commands {
			t.Errorf("%d commands were logged, %d were left out, and %d given", logged, leftOut(t, log), commands)
		}
		if !strings.Contains(log, `msg="lines left out of the log"`) {
			t.Error("the end of the connection does not say how many were left out")
		}
	})
}

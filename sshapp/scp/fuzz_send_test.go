package scp

import (
	"bytes"
	"strings"
	"testing"
	"testing/iotest"

	"sshforum/forum"
)

// FuzzSend lets a client answer anything. Send must return nil only if the client accepted
// everything, each failure must have a sentence, and no file may stay open.
func FuzzSend(f *testing.F) {
	for _, d := range downloads {
		var answers strings.Builder
		for _, step := range d.transcript {
			if text, ok := strings.CutPrefix(step, "C:"); ok {
				answers.WriteString(text)
			}
		}
		f.Add([]byte(answers.String()), strings.Contains(d.command, "-r"), strings.Contains(d.command, "-p"), uint8(len(d.log)))
	}
	f.Fuzz(func(t *testing.T, answers []byte, recursive, times bool, which uint8) {
		req := Request{Recursive: recursive, Times: times}
		for i, path := range []string{"3331", "3331/a", "old", "bad"} {
			if which&(1<<i) != 0 {
				req.Paths = append(req.Paths, path)
			}
		}
		send := func(answers []byte) (said string, left int, err error) {
			in, out, m := bytes.NewReader(answers), &strings.Builder{}, library()
			err = Send(t.Context(), talk{iotest.OneByteReader(in), out}, req, m)
			opened, closed := 0, 0
			for _, line := range m.log {
				if strings.HasPrefix(line, "open ") {
					opened++
				} else {
					closed++
				}
			}
			if opened != closed {
				t.Errorf("of %d files %d were closed", opened, closed)
			}
			return out.String(), in.Len(), err
		}
		said, left, err := send(answers)
		if err != nil {
			if sentence := forum.Explain(err); sentence == "" || forum.Printable(sentence) != sentence {
				t.Errorf("the error is %+q", sentence)
			}
			return
		}
		taken := answers[:len(answers)-left]
		if all, _, _ := send(make([]byte, len(taken))); said != all || len(bytes.Trim(taken, "\x00")) > 0 {
			t.Errorf("all is well after the answers %q to %q", taken, said)
		}
	})
}

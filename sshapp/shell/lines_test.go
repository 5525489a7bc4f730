package shell

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"sshforum/forum"
)

// FuzzLines: the lines that are read are the lines that were sent, however they are split, up
// to the first line that is too long.
func FuzzLines(f *testing.F) {
	for _, text := range []string{"LST\nMSG 3331 hello\n", "LST\r\n\r\nRDT 3331", "\n\n", "", "a\rb\n\r", "\ufeffLST\n\ufeffLST\n", "\ufeff", strings.Repeat("x", 5000) + "\nLST\n"} {
		f.Add([]byte(text), uint16(4500))
		f.Add([]byte(text), uint16(3))
	}
	f.Fuzz(func(t *testing.T, sent []byte, limit uint16) {
		read := func(r io.Reader) (lines []string, err error) {
			for in := newLineReader(r, int(limit)); ; {
				line, err := in.next()
				if err != nil {
					return lines, err
				}
				lines = append(lines, line)
			}
		}
		lines, err := read(bytes.NewReader(sent))
		if apart, apartErr := read(iotest.OneByteReader(bytes.NewReader(sent))); strings.Join(apart, "\n") != strings.Join(lines, "\n") || apartErr.Error() != err.Error() {
			t.Errorf("%.200q, %v, and byte by byte %.200q, %v", lines, err, apart, apartErr)
		}
		var want []string
		for line := range strings.Lines(string(sent)) {
			if len(line) > int(limit) {
				if forum.KindOf(err) != forum.Invalid {
					t.Errorf("a line of %d bytes is no error: %v", len(line), err)
				}
				break
			}
			if len(want) == 0 {
				line = strings.TrimPrefix(line, "\ufeff")
			}
			want = append(want, strings.TrimRight(line, "\r\n"))
		}
		if strings.Join(lines, "\n") != strings.Join(want, "\n") || len(lines) != len(want) {
			t.Errorf("%.200q, want %.200q", lines, want)
		}
	})
}

package shell

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"sshforum/forum"
)

// lineReader reads commands from standard input. A command that takes its text from there reads
// on after its own line.
type lineReader struct {
	*bufio.Reader
	max   int // limit of a line, in bytes
	begun bool
}

func newLineReader(r io.Reader, limit int) *lineReader {
	return &lineReader{Reader: bufio.NewReader(r), max: limit}
}

// next returns the next line without its end, and the first one without a byte order mark.
// Errors: io.EOF at the end; Invalid if the line is longer than max; the errors of the
// underlying reader.
func (l *lineReader) next() (string, error) {
	var line strings.Builder
	for {
		part, err := l.ReadSlice('\n')
		if line.Len()+len(part) > l.max {
			return "", forum.Errorf(forum.Invalid, "A line has more than %d bytes; give long texts with - as the last one.", l.max)
		}
		line.Write(part)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil && !errors.Is(err, io.EOF):
			return "", err
		case err != nil && line.Len() == 0:
			return "", io.EOF
		default:
			text := strings.TrimRight(line.String(), "\r\n")
			if !l.begun {
				l.begun, text = true, strings.TrimPrefix(text, forum.ByteOrderMark)
			}
			return text, nil
		}
	}
}

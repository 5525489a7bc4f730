package scp

import (
	"bufio"
	"context"
	"errors"
	"io"
	"unicode/utf8"

	"sshforum/forum"
	"sshforum/forum/command"
)

const (
	bufferSize  = 64 << 10 // limit of the content held, in bytes
	maxSentence = 1000     // bytes; clients take lines of up to 2047
)

// The first bytes of answers.
const (
	answerOK      = 0
	answerWarning = 1
	answerFatal   = 2
)

// peer is the client, for the code that both directions share.
type peer struct {
	in     *bufio.Reader
	out    io.Writer
	failed error // the error of the first file that failed
}

func newPeer(ctx context.Context, rw io.ReadWriter, buffer int) *peer {
	return &peer{in: bufio.NewReaderSize(&stoppable{ctx, rw}, buffer), out: rw}
}

// stoppable reads until its context ends.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s *stoppable) Read(p []byte) (int, error) {
	if s.ctx.Err() != nil {
		return 0, context.Cause(s.ctx)
	}
	n, err := s.r.Read(p)
	if s.ctx.Err() != nil {
		return 0, context.Cause(s.ctx)
	}
	return n, err
}

// Refuse tells a client that it is not served at all; it replaces Receive or Send. The client
// prints the sentence of command.Explain for cause.
func Refuse(w io.Writer, cause error) error { return writeAnswer(w, answerFatal, cause) }

// line reads up to a newline, and returns the line without it.
func (p *peer) line() (string, error) {
	var line []byte
	for len(line) < maxRecord {
		c, err := p.in.ReadByte()
		if err != nil {
			return "", earlyEnd(err)
		}
		if c == '\n' {
			return string(line), nil
		}
		line = append(line, c)
	}
	return "", protocolError("a line is too long")
}

// record reads a record: its first byte, and the rest of its line. It returns io.EOF only at
// the end of input before a record.
func (p *peer) record() (kind byte, text string, err error) {
	kind, err = p.in.ReadByte()
	if err != nil {
		return 0, "", err
	}
	switch kind {
	case kindFile, kindDir, kindTimes, kindEnd, kindWarning, kindFatal:
		text, err = p.line()
		return kind, text, err
	default:
		return 0, "", protocolError("a record is of an unknown kind")
	}
}

// answer reads an answer, or the end of a file. failed is the error of an answer 1, after which
// the next record or answer can be read. After err nothing more can be read.
func (p *peer) answer() (failed, err error) {
	c, err := p.in.ReadByte()
	if err != nil {
		return nil, earlyEnd(err)
	}
	if c == answerOK {
		return nil, nil
	}
	if c != answerWarning && c != answerFatal {
		return nil, protocolError("an answer starts with another byte than 0, 1 or 2")
	}
	text, err := p.line()
	if err != nil {
		return nil, err
	}
	if c == answerFatal {
		return nil, clientError(text)
	}
	return clientError(text), nil
}

// ack sends the zero byte that accepts a record or ends a file.
func (p *peer) ack() error {
	_, err := p.out.Write([]byte{answerOK})
	return err
}

// refuse tells the client that one file or directory failed, and keeps the first such cause.
func (p *peer) refuse(cause error) error {
	p.note(cause)
	return writeAnswer(p.out, answerWarning, cause)
}

// note keeps the first cause of a failure.
func (p *peer) note(cause error) {
	if p.failed == nil {
		p.failed = cause
	}
}

func writeAnswer(w io.Writer, code byte, cause error) error {
	_, err := w.Write([]byte(string(rune(code)) + sentence(cause) + "\n"))
	return err
}

// sentence returns the sentence of err for people, on one printable line.
func sentence(err error) string {
	s := forum.Printable(command.Explain(err))
	if len(s) <= maxSentence {
		return s
	}
	n := maxSentence
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// earlyEnd returns the error for input that ends too soon.
func earlyEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return &forum.Error{Kind: forum.Invalid, Msg: "The connection ended in the middle of a transfer; start it again.", Err: io.ErrUnexpectedEOF}
	}
	return err
}

// protocolError returns the error for input that does not keep to the protocol.
func protocolError(how string) error {
	return forum.Errorf(forum.Invalid, "The scp client does not keep to the protocol (%s); use another client, or scp without -O.", how)
}

// clientError returns the error for a failure on the client's side.
func clientError(text string) error {
	return forum.Errorf(forum.Invalid, "The scp client could not go on: %s", forum.Printable(text))
}

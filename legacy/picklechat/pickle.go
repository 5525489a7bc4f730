package picklechat

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"sshforum/forum"
)

// message is a message of either side: a dict with two keys.
type message struct {
	kind string // under "type"
	body any    // string or int
}

// These are the opcodes that clients use for a message, out of all that Python has
// (Lib/pickletools.py). None of them names a class, calls anything or nests.
const (
	opProto      = 0x80
	opFrame      = 0x95
	opDict       = '}'
	opMemoize    = 0x94
	opPut        = 'q'
	opMark       = '('
	opShortText  = 0x8c
	opText       = 'X'
	opGet        = 'h'
	opByte       = 'K'
	opUint16     = 'M'
	opInt32      = 'J'
	opSetItems   = 'u'
	opStop       = '.'
	writtenProto = 2 // every Python reads it
)

// unpickler reads one pickle after another. It is unusable after an error.
type unpickler struct {
	in   *bufio.Reader
	size int   // bytes of the pickle so far
	max  int   // bytes it may have
	memo []any // objects that opGet can refer to; a dict is nil
	err  error // the first error
}

func newUnpickler(in io.Reader) *unpickler { return &unpickler{in: bufio.NewReader(in)} }

// next reads a message of at most max bytes. Errors: Invalid if the bytes are not a message;
// io.EOF and other errors of the reader.
func (u *unpickler) next(max int) (message, error) {
	u.size, u.max, u.memo = 0, max, nil
	u.want(opProto)
	u.take(1)
	if u.follows(opFrame) {
		u.take(8)
	}
	u.want(opDict)
	u.remember(nil)
	u.want(opMark)
	items := make(map[any]any, 2)
	for range 2 {
		key := u.item()
		items[key] = u.item()
	}
	u.want(opSetItems)
	u.want(opStop)
	kind, ok := items["type"].(string)
	body, known := items["body"]
	if !ok || !known {
		u.fail("not a dict of a type and a body")
	}
	return message{kind, body}, u.err
}

// item reads a string or an integer.
func (u *unpickler) item() any {
	switch op := u.byte(); op {
	case opShortText:
		return u.text(int(u.byte()))
	case opText:
		return u.text(int(u.number(4)))
	case opByte:
		return int(u.byte())
	case opUint16:
		return int(u.number(2))
	case opInt32:
		return int(int32(u.number(4)))
	case opGet:
		if n := int(u.byte()); n < len(u.memo) && u.memo[n] != nil {
			return u.memo[n]
		}
		u.fail("a reference to what is no string")
	default:
		u.fail("opcode 0x%02x, which no client uses there", op)
	}
	return nil
}

func (u *unpickler) text(size int) string {
	s := string(u.take(size))
	u.remember(s)
	return s
}

// remember stores v in the memo, if the client's next opcode says so.
func (u *unpickler) remember(v any) {
	switch {
	case u.follows(opMemoize):
	case !u.follows(opPut):
		return
	case int(u.byte()) != len(u.memo):
		u.fail("a memo out of order")
	}
	u.memo = append(u.memo, v)
}

func (u *unpickler) want(op byte) {
	if got := u.byte(); got != op {
		u.fail("opcode 0x%02x, which no client uses there", got)
	}
}

// follows consumes the next byte if it is op, and reports whether it was.
func (u *unpickler) follows(op byte) bool {
	if u.err != nil {
		return false
	}
	next, err := u.in.Peek(1)
	return err == nil && next[0] == op && u.byte() == op
}

func (u *unpickler) byte() byte { return u.take(1)[0] }

// number reads an unsigned integer.
func (u *unpickler) number(size int) uint32 {
	var padded [4]byte
	copy(padded[:], u.take(size))
	return binary.LittleEndian.Uint32(padded[:])
}

// take returns the next n bytes, which are zero after an error.
func (u *unpickler) take(n int) []byte {
	if n > u.max-u.size {
		u.fail("more than %d bytes", u.max)
	}
	if u.err != nil {
		return make([]byte, min(n, 8))
	}
	p := make([]byte, n)
	_, u.err = io.ReadFull(u.in, p)
	u.size += n
	return p
}

func (u *unpickler) fail(format string, args ...any) {
	if u.err == nil {
		u.err = forum.Errorf(forum.Invalid, "not a message: %s", fmt.Sprintf(format, args...))
	}
}

// pickle returns a message in the form that Python 3.7 and later read.
func pickle(kind, body string) string {
	p := []byte{opProto, writtenProto, opDict, opMark}
	for _, s := range []string{"type", kind, "body", body} {
		p = append(p, opText)
		p = binary.LittleEndian.AppendUint32(p, uint32(len(s)))
		p = append(p, s...)
	}
	return string(append(p, opSetItems, opStop))
}

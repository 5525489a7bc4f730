package legacy

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"sshforum/forum"
)

// Values reads JSON values that follow each other without delimiters, whether they arrive in
// parts or joined.
type Values struct {
	in     bounded
	source io.Reader // source of dec: bytes that dec's predecessors read ahead, then in
	dec    *json.Decoder
}

// NewValues returns a reader for the values in r, such as a Conn.
func NewValues(r io.Reader) *Values {
	v := &Values{in: bounded{r: r}}
	v.source = &v.in
	v.dec = json.NewDecoder(v.source)
	return v
}

// Next reads the next value into dst, like json.Unmarshal, and returns its size in bytes,
// including the space before it. It receives at most limit bytes for it. Errors: Usage if the
// value does not fit dst, which skips the value; Invalid if it is not JSON or is too long;
// otherwise those of the reader. After an error other than Usage, nothing more can be read.
func (v *Values) Next(dst any, limit int) (size int, err error) {
	v.in.left = limit
	before := v.dec.InputOffset()
	err = v.dec.Decode(dst)
	size = int(v.dec.InputOffset() - before)
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.As(err, &mismatch):
		err = &forum.Error{Kind: forum.Usage, Msg: "Invalid command", Err: err}
	case errors.As(err, &syntax):
		err = &forum.Error{Kind: forum.Invalid, Msg: "Not JSON", Err: err}
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = io.EOF
	}
	return size, err
}

// Raw returns a reader for the n bytes that follow the last value. They must be read before the
// next call of Next.
func (v *Values) Raw(n int64) io.Reader {
	v.in.left = math.MaxInt
	v.source = io.MultiReader(v.dec.Buffered(), v.source)
	v.dec = json.NewDecoder(v.source)
	return io.LimitReader(v.source, n)
}

// bounded reads at most left bytes. Errors: Invalid after that.
type bounded struct {
	r    io.Reader
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, forum.Errorf(forum.Invalid, "The request is too long")
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// ASCII returns v as JSON in ASCII. Clients that read a part of a character fail, so there are
// no others. It panics if v cannot be encoded.
func ASCII(v any) string {
	var text, ascii strings.Builder
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // v is of a dialect's own type
	}
	for _, r := range strings.TrimSuffix(text.String(), "\n") {
		switch high, low := utf16.EncodeRune(r); {
		case r < utf8.RuneSelf:
			ascii.WriteByte(byte(r))
		case high != utf8.RuneError:
			escape(&ascii, high)
			escape(&ascii, low)
		default:
			escape(&ascii, r)
		}
	}
	return ascii.String()
}

// escape writes a UTF-16 code unit as a JSON escape.
func escape(b *strings.Builder, unit rune) {
	const digits = "0123456789abcdef"
	b.WriteString(`\u`)
	for shift := 12; shift >= 0; shift -= 4 {
		b.WriteByte(digits[unit>>shift&0xF])
	}
}

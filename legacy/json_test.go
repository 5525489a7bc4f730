package legacy_test

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"sshforum/forum"
	"sshforum/legacy"
)

func TestValuesSplitAndJoined(t *testing.T) {
	const text = `{"n": 1}{"n": 2} [3]` + "raw" + `{"n": 4}` + "\n" + `{"n": "five"}{"n": 6}` + "{" + `{"n": 7}`
	for name, r := range map[string]io.Reader{
		"at once": strings.NewReader(text), "byte by byte": iotest.OneByteReader(strings.NewReader(text)), "half": iotest.HalfReader(strings.NewReader(text)),
	} {
		v := legacy.NewValues(r)
		next := func(n int, kind forum.Kind, length int) {
			t.Helper()
			var got struct{ N int }
			size, err := v.Next(&got, 1000)
			if err != nil && forum.KindOf(err) != kind || err == nil && got.N != n || size != length {
				t.Errorf("%s: got %d of %d bytes, %v; want %d", name, got.N, size, err, n)
			}
		}
		next(1, 0, 8)
		next(2, 0, 8)
		next(0, forum.Usage, 4)
		if raw, err := io.ReadAll(v.Raw(3)); string(raw) != "raw" || err != nil {
			t.Errorf("%s: raw %q, %v", name, raw, err)
		}
		if raw, err := io.ReadAll(v.Raw(0)); string(raw) != "" || err != nil {
			t.Errorf("%s: raw %q, %v", name, raw, err)
		}
		next(4, 0, 8)
		next(0, forum.Usage, 14)
		next(6, 0, 8)
		var got any
		if _, err := v.Next(&got, 1000); forum.KindOf(err) != forum.Invalid {
			t.Errorf("%s: what is no JSON gives %v", name, err)
		}
	}
}

func TestValuesEnd(t *testing.T) {
	for text, want := range map[string]error{"": io.EOF, `{"n": `: io.EOF, "  ": io.EOF} {
		var got any
		if _, err := legacy.NewValues(strings.NewReader(text)).Next(&got, 1000); err != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// endless says the same for ever, and counts how much of it was heard.
type endless struct {
	text  string
	heard int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, strings.Repeat(e.text, len(p)/len(e.text)+1))
	e.heard += n
	return n, nil
}

// TestValuesAreBounded has a client that sends without end: no more than the limit is read.
func TestValuesAreBounded(t *testing.T) {
	const limit = 10_000
	for _, text := range []string{"x", " ", "[", `{"a":`, `"`, "1", "\x00"} {
		e := &endless{text: text}
		v := legacy.NewValues(io.MultiReader(strings.NewReader(`{} {"a": "`), e))
		var got any
		if _, err := v.Next(&got, limit); err != nil {
			t.Fatal(err)
		}
		if _, err := v.Next(&got, limit); forum.KindOf(err) != forum.Invalid {
			t.Errorf("%q without end gives %v", text, err)
		}
		if e.heard > limit {
			t.Errorf("%q: %d bytes were read", text, e.heard)
		}
	}
	v := legacy.NewValues(strings.NewReader(strings.Repeat(" ", limit-2) + "{}" + strings.Repeat(" ", limit) + "{}"))
	var got any
	if _, err := v.Next(&got, limit); err != nil {
		t.Errorf("a value that just fits: %v", err)
	}
	if _, err := v.Next(&got, limit); forum.KindOf(err) != forum.Invalid {
		t.Errorf("a value that does not: %v", err)
	}
}

func TestASCII(t *testing.T) {
	for _, test := range []struct {
		value any
		want  string
	}{
		{"é 語 \U0001F600", `"\u00e9 \u8a9e \ud83d\ude00"`},
		{[]string{"<&>", "\x7f\n\t\"\u2028"}, `["<&>","` + "\x7f" + `\n\t\"\u2028"]`},
		{map[string]int{}, "{}"},
	} {
		if got := legacy.ASCII(test.value); got != test.want {
			t.Errorf("%v is %s; want %s", test.value, got, test.want)
		}
	}
}

// FuzzValues cuts a stream in any way: the values are the same, and each is JSON.
func FuzzValues(f *testing.F) {
	f.Add([]byte(`{"a": [1, "é", null]} true "x"12 {`), uint8(3), uint8(2))
	f.Add([]byte(`{"type":"UPD","filesize":3}abc{"type":"XIT"}`), uint8(1), uint8(3))
	f.Fuzz(func(t *testing.T, stream []byte, size, raw uint8) {
		const limit = 1 << 20
		read := func(r io.Reader) (all []string) {
			v := legacy.NewValues(r)
			for {
				var value json.RawMessage
				n, err := v.Next(&value, limit)
				if err != nil {
					return append(all, forum.KindOf(err).String())
				}
				if !json.Valid(value) || n < len(value) {
					t.Fatalf("%q of %d bytes", value, n)
				}
				if ascii := legacy.ASCII(string(value)); strings.IndexFunc(ascii, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 || !json.Valid([]byte(ascii)) {
					t.Fatalf("%q", ascii)
				}
				data, _ := io.ReadAll(v.Raw(int64(raw)))
				all = append(all, string(value), string(data))
			}
		}
		whole, cut := read(bytes.NewReader(stream)), read(&inPieces{stream, int(size) + 1})
		if !slices.Equal(whole, cut) {
			t.Errorf("whole %q, in pieces %q", whole, cut)
		}
	})
}

// inPieces reads a fixed number of bytes at a time.
type inPieces struct {
	rest []byte
	size int
}

func (p *inPieces) Read(b []byte) (int, error) {
	if len(p.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.rest[:min(p.size, len(p.rest))])
	p.rest = p.rest[n:]
	return n, nil
}

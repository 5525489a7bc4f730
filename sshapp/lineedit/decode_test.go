package lineedit

import (
	"strings"
	"testing"
)

// decode returns the keys a terminal's bytes are, without the ESC that begins
// sequences and the end of a paste.
func decode(bytes string) []Key {
	var keys []Key
	d := newDecoder()
	for i := range len(bytes) {
		for _, k := range d.feed(bytes[i]) {
			if k.Code < keyEscape {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

func TestKeyEncodings(t *testing.T) {
	for _, test := range []struct {
		key   Key
		bytes []string
	}{
		{Key{KeyUp, 0}, []string{"\x1b[A", "\x1bOA", "\x1b[1;2A", "\x1b[a"}},
		{Key{KeyDown, 0}, []string{"\x1b[B", "\x1bOB", "\x1b[1;2B"}},
		{Key{KeyRight, 0}, []string{"\x1b[C", "\x1bOC", "\x1b[1C"}},
		{Key{KeyLeft, 0}, []string{"\x1b[D", "\x1bOD", "\x1b[1;1D"}},
		{Key{KeyRight, ModCtrl}, []string{"\x1b[1;5C", "\x1bOc", "\x1b[1;6C"}},
		{Key{KeyLeft, ModCtrl}, []string{"\x1b[1;5D", "\x1bOd", "\x1bO1;5D"}},
		{Key{KeyRight, ModAlt}, []string{"\x1b[1;3C", "\x1b\x1b[C", "\x1b\x1bOC", "\x1b[1;9C"}},
		{Key{KeyLeft, ModAlt}, []string{"\x1b[1;3D", "\x1b\x1b[D", "\x1b[1;4D"}},
		{Key{KeyLeft, ModAlt | ModCtrl}, []string{"\x1b[1;7D"}},
		{Key{KeyHome, 0}, []string{"\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~"}},
		{Key{KeyEnd, 0}, []string{"\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~"}},
		{Key{KeyDelete, 0}, []string{"\x1b[3~", "\x1b[3;2~"}},
		{Key{KeyDelete, ModCtrl}, []string{"\x1b[3;5~", "\x1b[3^"}},
		{Key{KeyPageUp, 0}, []string{"\x1b[5~"}},
		{Key{KeyPageDown, 0}, []string{"\x1b[6~"}},
		{Key{KeyBackspace, 0}, []string{"\x7f", "\b"}},
		{Key{KeyBackspace, ModAlt}, []string{"\x1b\x7f", "\x1b\b"}},
		{Key{KeyEnter, 0}, []string{"\r", "\n", "\r\n", "\x1bOM", "\x1b\r"}},
		{Key{KeyTab, 0}, []string{"\t"}},
		{Key{'a', ModCtrl}, []string{"\x01"}},
		{Key{'z', ModCtrl}, []string{"\x1a"}},
		{Key{'_', ModCtrl}, []string{"\x1f"}},
		{Key{'c', ModCtrl}, []string{"\x03", "\x1b\x03", "\x1b[1;\x03", "\x1b]0;t\x03", "\xe2\x82\x03"}},
		{Key{'b', ModAlt}, []string{"\x1bb"}},
		{Key{'é', ModAlt}, []string{"\x1bé"}},
		{Key{'é', 0}, []string{"é", "\xffé", "\xc3é", "\xf0\x9f\x98é"}},
		{Key{'\n', modPaste}, []string{"\x1b[200~\r\n\x1b[201~", "\x1b[200~\n", "\x1b[200~\r"}},
		{Key{'\t', modPaste}, []string{"\x1b[200~\t"}},
		{Key{'x', modPaste}, []string{"\x1b[200~\x03\x7f\u202ex"}},
	} {
		for _, b := range test.bytes {
			if got := decode(b); len(got) != 1 || got[0] != test.key {
				t.Errorf("%q is %v, want %v", b, got, test.key)
			}
		}
	}
}

func TestCRLFEndsOneLine(t *testing.T) {
	enters := func(b string) (n int) {
		for _, k := range decode(b) {
			if k.Code == KeyEnter {
				n++
			}
		}
		return n
	}
	for b, want := range map[string]int{"\r\n\r\n": 2, "\n\n": 2, "\r\r": 2, "\n\r": 2, "\r\n\n": 2} {
		if got := enters(b); got != want {
			t.Errorf("%q ends %d lines, want %d", b, got, want)
		}
	}
}

// TestSwallowed checks input that must be neither text nor a key.
func TestSwallowed(t *testing.T) {
	for _, b := range []string{
		"\x00", "\u0080", "\u009b", "\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80",
		"\u202a", "\u202e", "\u2066", "\u2069", "\u200b", "\u2060", "\ufeff", "\U000E0001", "\U000E0061", "\U000E007F",
		"\u00ad", "\u2028", "\u2029", "\u200e",
		"\x1b[24;80R", "\x1b[?1;2c", "\x1b[>0;276;0c", "\x1b[0;1c", "\x1b[0n", "\x1b[8;24;80t", "\x1b[?2004;1$y", "\x1b[4;1$y",
		"\x1b[I", "\x1b[O", "\x1b[Z", "\x1b[2~", "\x1b[15~", "\x1b[97;5u", "\x1b[27;5;13~", "\x1b[201~", "\x1b[[A",
		"\x1b[<0;10;10M", "\x1b[<0;10;10m", "\x1b[M !!", "\x1b[M\x20\xa1\xa1", "\x1b[32;10;10M",
		"\x1b]11;rgb:0000/0000/0000\x07", "\x1b]11;rgb:0/0/0\x1b\\", "\x1b]52;c;cm0gLXJm\x1b\\",
		"\x1bP1$r0m\x1b\\", "\x1bP>|xterm(380)\x1b\\", "\x1b_Gi=1;OK\x1b\\", "\x1bXtext\x1b\\", "\x1b^text\x1b\\",
		"\x1bOP", "\x1bOy", "\x1b[" + strings.Repeat("1;", 500) + "A",
	} {
		if got := decode(b + "z"); len(got) != 1 || got[0] != (Key{Code: 'z'}) {
			t.Errorf("%q and z are %v, want z alone", b, got)
		}
	}
}

func TestEndlessSequenceIsGivenUp(t *testing.T) {
	for _, intro := range []string{"\x1b[", "\x1bO", "\x1b]", "\x1bP"} {
		d := newDecoder()
		held := intro + strings.Repeat("1", maxSequence+maxParams)
		for i := range len(held) {
			d.feed(held[i])
		}
		if got := d.feed('z'); len(got) != 1 || got[0] != (Key{Code: 'z'}) {
			t.Errorf("after an endless %q z is %v", intro, got)
		}
	}
}

func TestAllowedInAText(t *testing.T) {
	for _, s := range []string{"a\u200db", "a\u200cb", "❤\ufe0f", "葛\U000E0100", "é", "\u0600١", "\ue0b0", "\U0001fae9"} {
		if got := clean(s, ""); got != s {
			t.Errorf("of %q %q is left", s, got)
		}
	}
}
